"""Writes what an action answered into a file that only its owner reads: cards hold keys, reports names."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click
import msgspec

from appliance.cli.desk import expected
from appliance.domain.action import Action
from appliance.domain.plain_text import one_line
from appliance.domain.results import ClassCards, ClassReport
from appliance.errors import BadRequest, Conflict

MODE: Final = 0o600


def check_free(path: str) -> None:
    """Before anything is done. Raises ``Conflict`` where the file is there, ``BadRequest`` where none can be
    written.
    """
    place = Path(path)
    if place.exists() or place.is_symlink():
        raise Conflict(f"{place.name} is there already; choose another name.", param="output")
    if not place.absolute().parent.is_dir():
        raise BadRequest(f"{place.name} cannot be written: there is no such folder.", param="output")


def save(action: Action, result: msgspec.Struct, path: str) -> None:
    """And say so. Raises ``Conflict``, ``BadRequest``."""
    content, said = _WRITERS[action.name](result)
    place = Path(path)
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Conflict(f"{place.name} is there already; choose another name.", param="output") from error
    except OSError as error:
        raise BadRequest(f"{place.name} cannot be written: {error.strerror}.", param="output") from error
    click.echo(f"carrel: {one_line(f'{said} {place.name}.')}", err=True)


def _cards(result: msgspec.Struct) -> tuple[bytes, str]:
    from appliance.web.cards import cards_html  # noqa: PLC0415 - jinja is not needed for anything else

    sheet = expected(result, ClassCards)
    kept = f" {len(sheet.kept)} seats have a key already and no card." if sheet.kept else ""
    said = f"{len(sheet.cards)} cards; they are passwords.{kept} Print them from"
    return cards_html(sheet).encode(), said


def _report(result: msgspec.Struct) -> tuple[bytes, str]:
    report = expected(result, ClassReport)
    return report.csv.encode(), f"{len(report.rows)} seats are in"


_WRITERS: Final[Mapping[str, Callable[[msgspec.Struct], tuple[bytes, str]]]] = {
    "class.cards": _cards,
    "class.report": _report,
}
"""By action."""
