"""What the file of an action with ``--output`` holds, and that it was written."""

from collections.abc import Callable, Mapping
from typing import Final

import click
import msgspec

from appliance.cli.desk import expected
from appliance.client.private_files import check_free, write_private
from appliance.domain.action import Action
from appliance.domain.plain_text import one_line
from appliance.domain.results import ClassCards, ClassReport

__all__ = ("WRITERS", "check_free", "save")


def save(action: Action, result: msgspec.Struct, path: str) -> None:
    """And say so. Raises ``Conflict``, ``BadRequest``."""
    content, said = WRITERS[action.name](result)
    write_private(path, content)
    name = path.rstrip("/").rpartition("/")[2]
    click.echo(f"carrel: {one_line(f'{said} {name}.')}", err=True)


def _cards(result: msgspec.Struct) -> tuple[bytes, str]:
    from appliance.web.cards import cards_html  # noqa: PLC0415 - jinja is not needed for anything else

    sheet = expected(result, ClassCards)
    kept = f" {len(sheet.kept)} seats have a key already and no card." if sheet.kept else ""
    said = f"{len(sheet.cards)} cards; they are passwords.{kept} Print them from"
    return cards_html(sheet).encode(), said


def _report(result: msgspec.Struct) -> tuple[bytes, str]:
    report = expected(result, ClassReport)
    return report.csv.encode(), f"{len(report.rows)} seats are in"


WRITERS: Final[Mapping[str, Callable[[msgspec.Struct], tuple[bytes, str]]]] = {
    "class.cards": _cards,
    "class.report": _report,
}
"""By action: what the file holds, and the sentence before its name. The terminal UI is given these too."""
