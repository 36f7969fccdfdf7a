"""What a projector shows, in a terminal of 80 columns and 24 lines."""

from typing import Any, Final

import segno
from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell
from appliance.client.presenting.classes import moment
from appliance.domain.results import JoinScreen

_HALVES: Final = {(0, 0): " ", (0, 1): "\u2584", (1, 0): "\u2580", (1, 1): "\u2588"}
"""Two modules above each other, by whether they are dark."""
BORDER: Final = 4
"""Modules that a reader needs around a code."""


def join_screen(result: JoinScreen) -> RenderableType:
    """Address, code and QR; nothing of it is private."""
    if not result.code:
        how = f"No code is valid. `carrel class join-screen {result.id}` makes one."
        return Group(_heading(result), cell(how), *_below(result))
    until = "" if result.code_ends_ms is None else f", until {moment(result.code_ends_ms)}"
    code = Text.assemble(cell(result.code), f"{until}, {result.left} places left")
    code.stylize("bold", 0, len(cell(result.code).plain))
    return Group(_heading(result), *qr(result.join_url), cell(result.url), code, *_below(result))


def qr(text: str) -> list[Text]:
    """As rows of half blocks, black on white whatever the terminal's colors are."""
    made = segno.make(text.encode("utf-8", "replace"), error="l", micro=False)
    rows = [list(row) for row in made.matrix_iter(scale=1, border=BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        Text("".join(_HALVES[bool(a), bool(b)] for a, b in zip(top, low, strict=True)), "black on white")
        for top, low in zip(rows[::2], rows[1::2], strict=True)
    ]


def _heading(result: JoinScreen) -> Text:
    badge = ", OFFLINE" if result.offline else ""
    return cell(f"{result.title} ({result.id}): {result.state}, {result.mode}{badge}")


def _below(result: JoinScreen) -> list[Text]:
    joined = f"{result.joined} of {result.seats} joined, ends {moment(result.ends_ms)}"
    first = "" if result.first_word_ms is None else f", answers in {result.first_word_ms / 1000:.1f} s"
    lines = [f"{joined}{first}; models {', '.join(result.models)}"]
    also = [one for one in (result.name_url, result.base_url) if one and one != result.url]
    lines += [f"Also {', '.join(also)}"] if also else []
    lines += [f"Authority {result.fingerprint}"] if result.fingerprint else []
    if result.poll is not None and result.poll.open:
        lines.append(f"Vote on: {result.poll.prompt}")
    return [cell(one) for one in lines]


PRESENTERS: Final[dict[Any, Any]] = {JoinScreen: join_screen}
