"""A recording in memory: what each action answered at each moment. Nothing that the file says is believed
beyond its shape: results are made of it by the types of this version.
"""

from bisect import bisect_right
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.actions import action as action_of
from appliance.domain.watching import Change, applied
from appliance.errors import BadRequest, CarrelError, error_for_code
from tui.recording.format import VERSION, Beat, Header, Line, Refused, Stream, Told
from tui.recording.standard import STANDARD
from tui.recording.tape import StreamKey, key_of
from tui.recording.unpacking import lines_of

_DECODER: Final[msgspec.json.Decoder[Line]] = msgspec.json.Decoder(Line)
_WIDER: Final = frozenset({"log.read", "incident.list", "sample.list", "report.list", "audit.list"})
"""Lists whose screen leaves out by itself what was not asked for: the widest that was recorded will do."""


class Answers:
    """Of one action to the same arguments, in the order of time."""

    def __init__(self, action: str) -> None:
        self.action: Final = action
        self._at: list[int] = []
        self._lines: list[bytes] = []
        self._wholes: list[int] = []
        self._last: tuple[int, dict[str, object] | CarrelError | None] = (-1, None)

    def add(self, line: Told | Refused, data: bytes) -> None:
        """One more; ``data`` is the line as it was read, which takes less memory."""
        if isinstance(line, Refused) or line.whole:
            self._wholes.append(len(self._lines))
        self._at.append(line.at)
        self._lines.append(data)

    def index(self, at_ms: int) -> int:
        """Of the newest answer by then; -1 where there was none yet."""
        return bisect_right(self._at, at_ms) - 1

    def after(self, at_ms: int) -> int | None:
        """When the next one comes."""
        number = bisect_right(self._at, at_ms)
        return self._at[number] if number < len(self._at) else None

    def answer(self, number: int) -> msgspec.Struct:
        """The answer of this index. Raises what was raised, or ``CarrelError`` where this version cannot read
        it.
        """
        kept = self._kept(number)
        if isinstance(kept, CarrelError):
            raise type(kept)(kept.message)
        try:
            return msgspec.convert(kept, action_of(self.action).result, str_keys=True)
        except (msgspec.ValidationError, RecursionError) as error:
            raise CarrelError(
                f"The recording has `{self.action}` in another version's words; look at it with that version."
            ) from error

    def _kept(self, number: int) -> dict[str, object] | CarrelError | None:
        last, kept = self._last
        if number < last or number < 0:
            last, kept = -1, None
        whole = bisect_right(self._wholes, number) - 1
        start = max(last + 1, self._wholes[whole] if whole >= 0 else 0)
        for data in islice(self._lines, start, number + 1):
            kept = _next(kept, _DECODER.decode(data))
        self._last = (number, kept)
        return kept


def _next(kept: dict[str, object] | CarrelError | None, line: Line) -> dict[str, object] | CarrelError | None:
    if isinstance(line, Refused):
        return error_for_code(line.code)(line.message)
    if not isinstance(line, Told):
        return kept
    before = None if line.whole or isinstance(kept, CarrelError) else kept
    try:
        return applied(before, Change(set=line.set, rows=line.rows, gone=line.gone))
    except (ValueError, IndexError):
        return kept


class Recording:
    """All of a file. ``began_ms`` is the wall clock's (UTC) at its beginning."""

    def __init__(self, header: Header) -> None:
        self.box: Final = header.box
        self.began_ms: Final = header.began_ms
        self.length_ms = 0
        self._streams: dict[StreamKey, Answers] = {}
        self._numbers: dict[int, Answers] = {}
        self._beats: list[tuple[int, str]] = []

    @classmethod
    def read(cls, path: Path) -> "Recording":
        """Raises ``BadRequest`` for what is no recording, or one of a newer version."""
        lines = lines_of(path)
        header = _decoded(next(lines, b""))
        if not isinstance(header, Header):
            raise BadRequest("This is no recording of `carrel tui --record`.")
        if header.version > VERSION:
            raise BadRequest("A newer version of Carrel made this recording; look at it with that one.")
        made = cls(header)
        for data in lines:
            line = _decoded(data)
            if line is None:
                break  # what comes behind cannot be trusted to be in order
            made._take(line, data)
        return made

    def find(self, action: str, arguments: Mapping[str, object]) -> Answers | None:
        """What the action answered to these arguments, or where that is known to do, to fewer."""
        key = key_of(action, arguments)
        found = self._streams.get(key)
        if found is not None or action not in _WIDER:
            return found or self._without_defaults(key)
        widest = next(
            (key_of(one.action, dict(one.arguments)) for one in STANDARD if one.action == action), key
        )
        return self._streams.get(widest) or next(
            (one for name, one in self._streams.items() if name[0] == action), None
        )

    def lost(self, at_ms: int) -> str:
        """Why the box could not be reached at that moment; empty where it could."""
        number = bisect_right(self._beats, at_ms, key=lambda one: one[0]) - 1
        return self._beats[number][1] if number >= 0 else ""

    def _without_defaults(self, key: StreamKey) -> Answers | None:
        """Asked with and without arguments that are the default, an action answers the same."""
        given = _said(key)
        return next(
            (one for name, one in self._streams.items() if name[0] == key[0] and _said(name) == given), None
        )

    def _take(self, line: Line, data: bytes) -> None:
        if isinstance(line, Stream) and line.number not in self._numbers and _is_known(line.action):
            made = self._numbers[line.number] = Answers(line.action)
            self._streams.setdefault(key_of(line.action, line.arguments), made)
        if not isinstance(line, Told | Refused | Beat) or line.at < self.length_ms:
            return
        self.length_ms = line.at
        if isinstance(line, Beat):
            self._beats.append((line.at, line.lost))
        elif line.number in self._numbers:
            self._numbers[line.number].add(line, data)


def _decoded(data: bytes) -> Line | None:
    try:
        return _DECODER.decode(data)
    except (ValueError, RecursionError):
        return None


def _is_known(action: str) -> bool:
    try:
        action_of(action)
    except (CarrelError, KeyError):
        return False
    return True


def _said(key: StreamKey) -> frozenset[tuple[str, object]]:
    defaults = {one.name: one.default for one in action_of(key[0]).arguments}
    return frozenset((name, value) for name, value in key[1] if defaults.get(name) != value)
