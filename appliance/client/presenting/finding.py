"""What is known of one request, and where the box lies."""

from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, day, sheet, table
from appliance.client.presenting.pages import log_line
from appliance.domain.amounts import size
from appliance.domain.results import BoxPlaces, RequestRefusal, RequestShown, RequestUse


def request(result: RequestShown) -> RenderableType:
    """Why it was refused, what it used, what was logged."""
    parts: list[RenderableType] = []
    if result.refusal is not None:
        parts += [sheet(_refused(result.refusal)), Text("")]
    if result.use is not None:
        parts += [sheet(_used(result.use)), Text("")]
    lines = [cell(log_line(line)) for line in result.log]
    return Group(*parts, *(lines or [Text("Nothing of it is in the log.")]))


def places(result: BoxPlaces) -> RenderableType:
    """One line a place."""
    rows = [
        (one.name, one.path, "" if one.size_bytes is None else size(one.size_bytes), one.holds)
        for one in result.places
    ]
    made = table(("PLACE", "PATH", "SIZE", "HOLDS"), rows, right=("SIZE",))
    return Group(made, cell(f"The places are those of mode {result.mode}."))


def _refused(one: RequestRefusal) -> list[tuple[str, object]]:
    return [
        ("refused", f"{one.status} {one.code}"),
        ("told", one.message),
        ("asked for", one.path or "a page"),
        ("at", f"{day(one.at_ms)} UTC"),
        *_whose(one.project, one.person, one.key),
    ]


def _used(one: RequestUse) -> list[tuple[str, object]]:
    asked = f"{one.prompt_tokens} of the prompt ({one.cached_tokens} cached)"
    ended = "still runs" if one.ended_ms is None else f"{day(one.ended_ms)} UTC"
    return [
        ("model", f"{one.model} ({one.op})"),
        ("outcome", one.outcome),
        ("began", f"{day(one.started_ms)} UTC"),
        ("ended", ended),
        ("tokens", f"{asked}, {one.completion_tokens} answered"),
        ("took", f"{one.wall_ms} ms, {one.gpu_ms} ms of them computed"),
        ("charged", f"{one.spent_credits} credits"),
        *_whose(one.project, one.person, one.key),
    ]


def _whose(project: str, person: str, key: str) -> list[tuple[str, object]]:
    names = {"project": project, "person": person, "key": key}
    return [(name, value) for name, value in names.items() if value]


PRESENTERS: Final[dict[Any, Any]] = {RequestShown: request, BoxPlaces: places}
