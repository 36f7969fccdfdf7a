"""Classes as a teacher reads them in a terminal of 80 columns."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, sheet, state, table
from appliance.domain.results import (
    ClassCards,
    ClassDetail,
    ClassLine,
    ClassList,
    ClassReport,
    ClassRoster,
    ClassSeats,
    FrozenModelLine,
    PollState,
    Rehearsal,
    SeatKey,
    SeatLine,
)
from appliance.policy.budget import credits_text

ACROSS: Final = 5
"""Seats beside each other."""
CELL: Final = 15


def class_list(result: ClassList) -> RenderableType:
    """One line a class."""
    if not result.classes:
        return Text("No class. `carrel class new NAME --roster FILE` makes one.")
    rows = [_line(one) for one in result.classes]
    heads = ("CLASS", "STATE", "MODE", "SEATS", "STARTS", "ENDS", "PROJECT", "MODELS", "TITLE")
    return table(heads, rows)


def class_detail(one: ClassDetail) -> RenderableType:
    """All that is set of it; what warns stands beside the answer."""
    facts = [
        ("class", f"{one.id}: {one.title}"),
        ("project", one.project),
        ("state", state(one.state)),
        ("mode", one.mode),
        ("models", ", ".join(one.models) or "none yet"),
        ("seats", f"{one.taken} of {one.seats} taken"),
        ("guests", f"{one.guests} may come" if one.guests else ""),
        ("a seat may have", _caps(one)),
        ("from", "as soon as it is opened" if one.starts_ms is None else moment(one.starts_ms)),
        ("to", f"{moment(one.ends_ms)}; keys work until {moment(one.keys_end_ms)}"),
        ("opened", "not yet" if one.opened_ms is None else moment(one.opened_ms)),
        ("paused", "" if one.paused_ms is None else f"since {moment(one.paused_ms)}"),
        ("ended", "" if one.over_ms is None else moment(one.over_ms)),
        ("address", ", ".join(one.addresses)),
        ("chosen address", one.address),
        ("plain HTTP", one.plain_address or ("wanted" if one.plain else "")),
        ("networks", ", ".join(one.networks)),
        ("seed", "" if one.seed is None else one.seed),
        ("message", one.message),
        *(("frozen", _frozen(model)) for model in one.frozen),
    ]
    return sheet([(name, value) for name, value in facts if str(value)])


def roster(result: ClassRoster) -> RenderableType:
    """What becomes of each line, and the sums."""
    rows = [
        (one.line or "", state(one.outcome), one.given, one.person, one.name, one.why) for one in result.lines
    ]
    sums = (
        f"{result.form}: {result.new} new, {result.joined} join, {result.changed} changed, "
        f"{result.present} there already, {result.skipped} skipped, {result.problems} with problems, "
        f"{result.missing} not in this list."
    )
    ends = [cell(f"Class {result.id}, {sums}")]
    if result.dry_run:
        ends.append(cell("Nothing was changed: this is what would happen."))
    heads = ("LINE", "OUTCOME", "ID IN THE LIST", "PERSON", "NAME", "WHY")
    return Group(table(heads, rows, right=("LINE",)), *ends)


def seats(result: ClassSeats) -> RenderableType:
    """A grid of all seats, and a line for each that something is wrong with."""
    words = f"{result.id}: {result.state}, {result.mode}, {result.taken} of {len(result.seats)} joined"
    head = cell(f"{words}, {_left(result.ends_ms - result.now_ms)}{_waits(result.first_word_ms)}")
    message = [cell(f"Shown to all: {result.message}")] if result.message else []
    if not result.seats:
        return Group(head, *message, Text("No seats. `carrel class roster NAME FILE` takes in a list."))
    troubled = [_troubled(one) for one in result.seats if one.trouble]
    heads = ("SEAT", "ID", "NAME", "WHAT HELPS", "LAST ERROR")
    below: list[RenderableType] = []
    if troubled:
        below = [Text(""), table(heads, troubled, right=("SEAT",))]
    return Group(head, *message, *_grid(result.seats), *below)


def cards(result: ClassCards) -> RenderableType:
    """Without the page: a line a key. They are not shown again."""
    facts = sheet(
        [
            ("class", f"{result.id}: {result.title}"),
            ("address", f"{result.url} ({result.name_url})" if result.name_url else result.url),
            ("for clients", result.base_url),
            ("model", result.model),
            ("keys work until", moment(result.expires_ms)),
            *([("authority", result.fingerprint)] if result.fingerprint else ()),
            *([("have a key already", ", ".join(result.kept))] if result.kept else ()),
        ]
    )
    if not result.cards:
        return Group(facts, Text("No seat is without a key. `--reissue` makes them anew."))
    rows = [(one.number, one.given, one.person, one.name, one.key, one.key_id) for one in result.cards]
    heads = ("SEAT", "ID", "PERSON", "NAME", "KEY", "KEY'S ID")
    ends = cell("The keys are passwords and not shown again. `--output FILE` writes cards to print.")
    return Group(facts, table(heads, rows, right=("SEAT",)), ends)


def seat_key(one: SeatKey) -> RenderableType:
    """The key alone on its line."""
    whose = f"{one.name} ({one.given}, person {one.person}) in class {one.id}"
    return Group(
        cell(one.key),
        cell(f"Key {one.key_id} of {whose}, until {moment(one.expires_ms)}. It is not shown again."),
    )


def poll(one: PollState) -> RenderableType:
    """What is which is told once it is over."""
    votes = f"A {one.votes_a}, B {one.votes_b}, as good {one.ties}"
    facts = [("vote", one.id), ("prompt", one.prompt), ("state", "open" if one.open else "over")]
    told = [("A", one.a), ("B", one.b)] if one.a or one.b else []
    return sheet([*facts, ("votes", votes), *told, ("seed", one.seed)])


def rehearsal(one: Rehearsal) -> RenderableType:
    """The verdict first."""
    median, worst = _seconds(one.first_word_median_ms), _seconds(one.first_word_worst_ms)
    asked = f"{one.seats} seats asked {one.model} in class {one.id}: {one.answered} were answered"
    late = f"Not ready: {one.failed} failed, or somebody waited longer than {_seconds(one.wanted_ms)}."
    verdict = Text("Ready.", style="green") if one.ready else Text(late, style="red")
    took = f"whole answers {_seconds(one.whole_median_ms)}, all of it {_seconds(one.took_ms)}"
    return Group(
        cell(f"{asked}, median first word {median}, worst {worst}; {took}."),
        *(cell(one) for one in one.problems),
        verdict,
    )


def report(result: ClassReport) -> RenderableType:
    """One line a seat."""
    facts = sheet(
        [
            ("class", f"{result.id}: {result.title}, {result.state}, {result.mode}"),
            ("project", result.project),
            ("opened", "never" if result.opened_ms is None else moment(result.opened_ms)),
            ("ends", moment(result.ends_ms)),
            ("models", ", ".join(result.models)),
            *(("frozen", _frozen(one)) for one in result.frozen),
            *([] if result.seed is None else [("seed", result.seed)]),
        ]
    )
    rows = [
        (
            one.given,
            one.name,
            one.person,
            one.how or "-",
            one.requests,
            one.prompt_tokens,
            one.completion_tokens,
            credits_text(one.spent_micro),
            one.refused,
        )
        for one in result.rows
    ]
    heads = ("ID", "NAME", "PERSON", "JOINED", "REQUESTS", "IN", "OUT", "CREDITS", "REFUSED")
    numbers = ("REQUESTS", "IN", "OUT", "CREDITS", "REFUSED")
    return Group(facts, table(heads, rows, right=numbers), Text("`--output FILE` writes it as CSV."))


def moment(at_ms: int) -> str:
    """A time of the box's own clock on the wall."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return f"{at_ms} ms"


def _line(one: ClassLine) -> tuple[object, ...]:
    starts = "" if one.starts_ms is None else moment(one.starts_ms)
    filled = f"{one.taken} of {one.seats}"
    models = ", ".join(one.models)
    return (
        one.id,
        state(one.state),
        one.mode,
        filled,
        starts,
        moment(one.ends_ms),
        one.project,
        models,
        one.title,
    )


def _caps(one: ClassDetail) -> str:
    caps = [
        (one.seat_tokens, "tokens in all"),
        (one.seat_running, "requests at once"),
        (one.seat_requests_per_minute, "requests a minute"),
        (one.seat_tokens_per_minute, "tokens a minute"),
    ]
    return ", ".join(f"{number} {what}" for number, what in caps if number) or "all that the project may"


def _frozen(one: FrozenModelLine) -> str:
    return f"{one.model}, recipe revision {one.revision}, files {one.files or 'none'}"


def _grid(found: Sequence[SeatLine]) -> list[Text]:
    rows = [found[at : at + ACROSS] for at in range(0, len(found), ACROSS)]
    return [Text(" ").join(_seat(one) for one in row) for row in rows]


def _seat(one: SeatLine) -> Text:
    """Number, initials, state as a word, and tokens: never color alone."""
    word = f"wait {one.waits_s}s" if one.state == "waits" else one.state
    shown = state(one.state)
    said = cell(f"{one.initials} {word} {_short(one.tokens)}").plain
    shown.plain = f"{one.number:>3} {said}"[:CELL]
    shown.pad_right(CELL - len(shown.plain))
    return shown


def _troubled(one: SeatLine) -> tuple[object, ...]:
    helps = f"carrel class {one.mend} NAME --seat {one.person}" if one.mend else ""
    said = f"{one.trouble} ({one.trouble_code}, {one.trouble_request})"
    return one.number, one.given, one.name, helps, said


def _short(tokens: int) -> str:
    return f"{tokens / 1000:.0f}k" if tokens >= 1000 else (str(tokens) if tokens else "")


def _left(left_ms: int) -> str:
    minutes = -(-left_ms // 60_000)
    if minutes <= 0:
        return "over"
    return f"{minutes} min left" if minutes < 180 else f"{minutes // 60} h {minutes % 60} min left"


def _waits(first_word_ms: int | None) -> str:
    return "" if first_word_ms is None else f", first word {_seconds(first_word_ms)}"


def _seconds(ms: int | None) -> str:
    return "unknown" if ms is None else f"{ms / 1000:.1f} s"


PRESENTERS: Final[dict[Any, Any]] = {
    ClassList: class_list,
    ClassDetail: class_detail,
    ClassRoster: roster,
    ClassSeats: seats,
    ClassCards: cards,
    SeatKey: seat_key,
    PollState: poll,
    Rehearsal: rehearsal,
    ClassReport: report,
}
