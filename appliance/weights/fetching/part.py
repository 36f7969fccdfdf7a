"""A file that is being brought: where bytes are written, what is there of it, and who sent it."""

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from appliance.errors import Conflict
from appliance.weights.fetching.journal import Journal, this_boot
from appliance.weights.fetching.ranges import Range

_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_LOCK_WAIT_S: Final = 10.0
# For each write the kernel looks for memory in one piece: a megabyte at once took two to three times as long.
_WRITE_BYTES: Final = 64 * 1024


def journal_of(part: Path) -> Path:
    """Where the journal of a part lies."""
    return part.with_name(f"{part.name}.state")


class Part:
    """Written by several threads. Everything that touches the disk raises ``OSError``."""

    def __init__(self, file: int, journal: Journal, size_bytes: int) -> None:
        self._file = file
        self._journal = journal
        self.size_bytes = size_bytes
        self._coverage = journal.coverage()
        self._changed = threading.Condition()
        self._before = self._coverage.count
        self._cleared = 0

    @property
    def descriptor(self) -> int:
        """To read it by."""
        return self._file

    @property
    def resumed_bytes(self) -> int:
        """So many were there when it was opened, or since it was cleared."""
        return self._before

    def missing(self) -> list[Range]:
        """In order."""
        with self._changed:
            return self._coverage.missing(0, self.size_bytes)

    def write(self, view: memoryview, at: int) -> None:
        """Put the bytes of ``view`` there, but for those that are there: they may be hashed already."""
        with self._changed:
            gaps = self._coverage.missing(at, at + len(view))
        for begin, end in gaps:
            self._write(view[begin - at : end - at], begin)
            self.note(begin, end)

    def _write(self, view: memoryview, at: int) -> None:
        done = 0
        while done < len(view):
            done += os.pwrite(self._file, view[done : done + _WRITE_BYTES], at + done)

    def note(self, begin: int, end: int) -> None:
        """These bytes were written by other means."""
        with self._changed:
            self._coverage.add(begin, end)
            self._journal.note(begin, end, self._coverage)
            self._changed.notify_all()

    def wait_beyond(self, begin: int, timeout_s: float) -> int:
        """Wait for bytes from ``begin`` on without a gap; the end of those that are there then."""
        with self._changed:
            self._changed.wait_for(lambda: self._coverage.prefix > begin, timeout_s)
            return self._coverage.prefix

    def note_source(self, label: str) -> None:
        """This source is about to send bytes of it."""
        with self._changed:
            self._journal.note_source(_short(label))

    def sent_by(self, labels: Collection[str]) -> tuple[list[str], bool]:
        """Which of these have sent bytes of it, and whether nobody else has."""
        known = {_short(label): label for label in labels}
        with self._changed:
            senders = self._journal.sources
        return [known[one] for one in senders if one in known], all(one in known for one in senders)

    def clear(self) -> None:
        """Nothing of it counts any more; its room stays taken."""
        with self._changed:
            self._journal.begin()
            self._coverage = self._journal.coverage()
            self._before = 0
            self._cleared += 1

    def settle(self) -> None:
        """Bring to the disk what was written until now, so that it survives a power cut. Blocks."""
        with self._changed:
            blocks, cleared = self._journal.unsettled(), self._cleared
        if not blocks:
            return
        os.fdatasync(self._file)
        with self._changed:
            if cleared != self._cleared:
                return
            self._journal.settle(blocks)
        self._journal.sync()


@contextmanager
def open_part(place: Path, size_bytes: int, boot: str | None = None) -> Iterator[Part]:
    """Scope of a part, which nobody else has meanwhile. Raises ``Conflict`` where somebody has it,
    ``OSError``.
    """
    file = os.open(place, _FLAGS, 0o600)
    try:
        state = os.open(journal_of(place), _FLAGS, 0o600)
        try:
            _lock(state)
            journal = Journal.open(state, size_bytes, boot or this_boot())
            if os.fstat(file).st_size != size_bytes:
                journal.begin()
                os.ftruncate(file, size_bytes)
            yield Part(file, journal, size_bytes)
        finally:
            os.close(state)
    finally:
        os.close(file)


def _lock(state: int) -> None:
    """A process that was killed may take a moment to go."""
    until = time.monotonic() + _LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(state, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Conflict(
                    "Another download fetches the same file; wait for it, then pull again."
                ) from None
            time.sleep(0.05)
        else:
            return


def _short(label: str) -> str:
    return hashlib.sha256(label.encode()).hexdigest()[:16]
