"""What the projector shows, laid out for a terminal of any size: QR code, address and code as big as there is
room for, who has joined, how long it lasts, the vote. Nothing of it is private. Pure.
"""

from collections.abc import Sequence
from typing import Final

import segno
from rich.text import Text

from appliance.client.presenting.classes import moment
from appliance.client.presenting.join_screen import qr
from appliance.domain.plain_text import one_line
from appliance.domain.results import JoinScreen, PollState
from tui.classes.letters import LARGE, SMALL, Font, Scale, big
from tui.classes.times import left, seconds
from tui.themes import Tones

_GAP: Final = 3
_AROUND: Final = 4
"""Lines above and below the middle: the title, two lines of facts, the keys."""
_LEAST_WORDS: Final = 30
"""Characters beside the QR code, without which it is left out."""
_BORDER: Final = 2
_KEYS: Final = "n new code   x end the code   esc close"


def projected(one: JoinScreen, size: tuple[int, int], tones: Tones, *, ascii_only: bool) -> list[Text]:
    """Lines of at most ``size`` (columns, rows)."""
    columns, rows = size
    room = max(0, rows - _AROUND)
    code = _qr(one, (columns - _GAP - _LEAST_WORDS, room), ascii_only=ascii_only)
    beside = code[0].cell_len + _GAP if code else 0
    words = _words(one, (columns - beside, room), tones, ascii_only=ascii_only)
    middle = [_beside(code, words, number) for number in range(room)]
    below = [Text(text, style=tones.text) for text in _facts(one)]
    lines = [_title(one, tones), *middle, *below, Text(_KEYS, style=tones.quiet)]
    for line in lines:
        line.truncate(columns, overflow="ellipsis")
    return lines


def _beside(code: Sequence[Text], words: Sequence[Text], number: int) -> Text:
    right = words[number] if number < len(words) else Text()
    if not code:
        return right
    left_part = code[number].copy() if number < len(code) else Text(" " * code[0].cell_len)
    return Text.assemble(left_part, " " * _GAP, right)


def _title(one: JoinScreen, tones: Tones) -> Text:
    mode = {"exam": "EXAM", "offline": "OFFLINE CLASS"}.get(one.mode, "")
    badges = [
        one.state.upper(),
        *([mode] if mode else []),
        *(["OFFLINE"] if one.offline and not mode else []),
    ]
    return Text.assemble(
        (one_line(one.title) or one_line(one.id), f"bold {tones.strong}"),
        ("  " + "  ".join(badges), tones.ok if one.state == "open" else tones.warn),
    )


def _words(one: JoinScreen, room: tuple[int, int], tones: Tones, *, ascii_only: bool) -> list[Text]:
    """Address and code. The code is drawn first: without it nobody joins."""
    columns, rows = room
    if not one.code:
        return [Text("No code is valid: nobody can join with one.", style=tones.warn)]
    page = Text(one_line(one.url), style=f"bold {tones.text}")
    spare = rows - 3
    code = _fitting(_ways(one.code, ascii_only=ascii_only), columns, spare) or [one_line(one.code)]
    address = _address(one.url, columns, spare - len(code), ascii_only=ascii_only)
    free = max(0, spare - len(code) - len(address))
    blank = [Text()] * min(1, free)
    return [
        Text("Open this page:", style=tones.quiet),
        page,
        *(Text(line, style=tones.strong) for line in address),
        *blank,
        Text("and type this code:", style=tones.quiet),
        *(Text(line, style=f"bold {tones.text}") for line in code),
    ]


def _ways(code: str, *, ascii_only: bool) -> list[list[str] | None]:
    """Of drawing a code, the biggest first."""
    parts = code.split("-")
    scales = (Scale.PLAIN,) if ascii_only else (Scale.DOUBLE, Scale.HALF)
    return [way for scale in scales for way in (big(code, LARGE, scale), _stacked(parts, LARGE, scale))]


def _stacked(parts: Sequence[str], font: Font, scale: Scale) -> list[str] | None:
    made: list[str] = []
    for one in parts:
        lines = big(one, font, scale)
        if lines is None:
            return None
        made += [*([""] if made and scale is not Scale.HALF else []), *lines]
    return made


def _address(url: str, columns: int, rows: int, *, ascii_only: bool) -> list[str]:
    """Host and port, in one line or broken at dots; nothing where there is no room."""
    host = url.partition("://")[2].partition("/")[0].upper()
    scale = Scale.PLAIN if ascii_only else Scale.HALF
    ways: list[list[str] | None] = []
    for font in (LARGE, SMALL):
        ways += [big(host, font, scale), _stacked(_broken(host, font, columns), font, scale)]
    return _fitting(ways, columns, rows) or []


def _broken(host: str, font: Font, columns: int) -> list[str]:
    """At dots and before the port, as late as it fits."""
    pieces = host.replace(".", ".\0").replace(":", "\0:").split("\0")
    lines = [""]
    for one in pieces:
        longer = lines[-1] + one
        dots = sum(font.width_of(letter) + 1 for letter in longer) - 1
        if lines[-1] and dots > columns:
            lines.append(one)
        else:
            lines[-1] = longer
    return lines


def _fitting(ways: Sequence[list[str] | None], columns: int, rows: int) -> list[str] | None:
    for one in ways:
        if one and len(one) <= rows and max(len(line) for line in one) <= columns:
            return one
    return None


def _qr(one: JoinScreen, room: tuple[int, int], *, ascii_only: bool) -> list[Text]:
    """Half blocks; where there are none, spaces on black and white, which need more room."""
    if not one.code:
        return []
    lines = _wide_qr(one.join_url) if ascii_only else qr(one.join_url)
    return lines if len(lines) <= room[1] and lines[0].cell_len <= room[0] else []


def _wide_qr(text: str) -> list[Text]:
    made = segno.make(text.encode("utf-8", "replace"), error="l", micro=False)
    return [
        Text.assemble(*(("  ", "on black" if dark else "on white") for dark in row))
        for row in made.matrix_iter(scale=1, border=_BORDER)
    ]


def _facts(one: JoinScreen) -> list[str]:
    """Who has joined and how long it lasts; what answers, and the vote."""
    joined = [f"{one.joined} of {one.seats} joined"]
    joined.append(left(one.ends_ms - one.now_ms))
    if one.code:
        until = "" if one.code_ends_ms is None else f" till {moment(one.code_ends_ms)[11:]}"
        joined.append(f"code{until} for {one.left} more")
    fast = [f"answers in {seconds(one.first_word_ms)}"] if one.first_word_ms is not None else []
    if one.poll is None:
        return [" | ".join(joined), " | ".join([*fast, *(one_line(model) for model in one.models)])]
    counted, about = _vote(one.poll)
    return [" | ".join(joined), " | ".join([counted, *fast, about])]


def _vote(poll: PollState) -> tuple[str, str]:
    """How it stands, and what it is about; which is which is told once it is over."""
    votes = poll.votes_a + poll.votes_b + poll.ties
    if poll.open:
        return f"VOTE OPEN, {votes} votes", one_line(poll.prompt)
    named = f"A {one_line(poll.a)} {poll.votes_a}, B {one_line(poll.b)} {poll.votes_b}, as good {poll.ties}"
    return "VOTE OVER", named
