"""What goes into a recording: answers without names and secrets, as changes of those before."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.watching import Value, changes
from appliance.errors import CarrelError
from tui.recording.format import MOST_STREAMS, VERSION, Beat, Header, Refused, Stream, Told
from tui.recording.redacting import Redactor
from tui.recording.writing import LineFile

WHOLE_EVERY_MS: Final = 300_000
"""Who jumps to a moment reads changes of so long at most."""

StreamKey = tuple[str, tuple[tuple[str, Value], ...]]


def key_of(action: str, arguments: Mapping[str, object]) -> StreamKey:
    """One stream of answers: the arguments in one order, those that were not given left out."""
    given = (
        (name, value)
        for name, value in arguments.items()
        if value is not None and isinstance(value, str | int | bool)
    )
    return action, tuple(sorted(given))


class _Stream:
    def __init__(self, number: int) -> None:
        self.number = number
        self.result: msgspec.Struct | None = None
        self.kept: dict[str, object] | None = None
        self.refused: tuple[str, str] | None = None
        self.whole_ms = 0


class Tape:
    """A file that is being recorded. Times are ms since 1970 UTC and never go back.

    Raises ``BadRequest`` where the file cannot be made; its methods ``StorageUnavailable`` where nothing can
    be written any more.
    """

    def __init__(self, path: Path, box: str, now_ms: int, version: str = "") -> None:
        self._file = LineFile(path)
        self._redactor = Redactor()
        self._streams: dict[StreamKey, _Stream] = {}
        self._began_ms = now_ms
        self._at = 0
        name = self._redactor.text(box.rpartition("@")[2])[:200]
        self._file.write(Header(version=VERSION, box=name, began_ms=now_ms, carrel=version))
        self._file.flush()

    def learn(self, result: msgspec.Struct) -> None:
        """Who is named in it, before anything else is written."""
        self._redactor.learn(msgspec.to_builtins(result))

    def tell(self, action: str, arguments: Mapping[str, object], result: msgspec.Struct, now_ms: int) -> None:
        """An answer; written where it is another one than before."""
        stream = self._stream(action, arguments)
        if stream is None or (stream.result == result and stream.refused is None):
            return
        new = self._redactor.redacted(msgspec.to_builtins(result))
        stream.result, stream.refused = result, None
        if not isinstance(new, dict):
            return
        at = self._moment(now_ms)
        whole = stream.kept is None or at - stream.whole_ms >= WHOLE_EVERY_MS
        change = changes(None if whole else stream.kept, new)
        stream.kept = new
        if change is None:
            return
        if whole:
            stream.whole_ms = at
        line = Told(
            at=at,
            number=stream.number,
            whole=whole,
            set=change.set,
            rows=change.rows,
            gone=change.gone,
        )
        self._file.write(line)

    def refuse(self, action: str, arguments: Mapping[str, object], error: CarrelError, now_ms: int) -> None:
        """It could not be answered."""
        stream = self._stream(action, arguments)
        message = self._redactor.text(error.message)[:2000]
        if stream is None or stream.refused == (error.code, message):
            return
        stream.refused, stream.kept, stream.result = (error.code, message), None, None
        self._file.write(
            Refused(at=self._moment(now_ms), number=stream.number, code=error.code, message=message)
        )

    def beat(self, now_ms: int, lost: str = "") -> None:
        """The recording went on until here, with the box or without."""
        self._file.write(Beat(at=self._moment(now_ms), lost=self._redactor.text(lost)[:2000]))

    def flush(self) -> None:
        """Have all of it in the file."""
        self._file.flush()

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def _moment(self, now_ms: int) -> int:
        self._at = max(self._at, now_ms - self._began_ms)
        return self._at

    def _stream(self, action: str, arguments: Mapping[str, object]) -> _Stream | None:
        key = key_of(action, arguments)
        found = self._streams.get(key)
        if found is None and len(self._streams) < MOST_STREAMS:
            kept = self._redactor.redacted(dict(key[1]))
            found = self._streams[key] = _Stream(len(self._streams))
            given = kept if isinstance(kept, dict) else {}
            self._file.write(Stream(number=found.number, action=action, arguments=given))
        return found
