"""Brings what is missing of one file from one source: as many connections as wanted, and who watches them."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from appliance.outbound.ranged.asking import Asking
from appliance.outbound.ranged.connecting import Dialer
from appliance.weights.fetching.copying import copy
from appliance.weights.fetching.origins import FolderOrigin, NetworkOrigin
from appliance.weights.fetching.pace import Pace
from appliance.weights.fetching.part import Part
from appliance.weights.fetching.patience import Patience
from appliance.weights.fetching.ranges import Pending, piece_bytes
from appliance.weights.fetching.receiving import Job, NoRanges, Receiver

LOOK_S: Final = 0.1
_SETTLE_S: Final = 5.0
_SETTLE_LONGEST_S: Final = 60.0
_SETTLE_PART: Final = 10
"""Longer than the last one took by this, at least."""
Tell = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Means:
    """What every file of an order is brought with."""

    dialer: Dialer
    pace: Pace
    patience: Patience
    connections: int
    count: Callable[[int], None]
    """Is told of bytes that came over the network."""


def bring(
    part: Part, origin: FolderOrigin | NetworkOrigin, means: Means, *, label: str, path: str, tell: Tell
) -> None:
    """Blocks, and calls ``tell`` meanwhile. Raises ``SourceFailed``, ``OSError`` of the disk."""
    if not part.missing():
        return
    part.note_source(label)
    if isinstance(origin, FolderOrigin):
        stopped = threading.Event()
        _run([lambda: copy(part, origin, label=label, path=path, stopped=stopped)], stopped.set, part, tell)
        return
    try:
        _receive(part, origin, means, path, tell, whole=False)
    except NoRanges:
        _receive(part, origin, means, path, tell, whole=True)


def _receive(part: Part, origin: NetworkOrigin, means: Means, path: str, tell: Tell, *, whole: bool) -> None:
    missing = part.missing()
    connections = 1 if whole else means.connections
    size = piece_bytes(sum(end - begin for begin, end in missing), connections)
    if whole:
        missing, size = [(0, part.size_bytes)], part.size_bytes
    job = Job(
        part, Pending(missing, size), origin.target, path, means.pace, means.patience, means.count, whole
    )
    askings = [Asking(means.dialer, origin.follow) for _ in range(connections)]

    def stop() -> None:
        job.stopped.set()
        for asking in askings:
            asking.interrupt()

    _run([Receiver(job, asking).run for asking in askings], stop, part, tell)


def _run(works: list[Callable[[], None]], stop: Callable[[], None], part: Part, tell: Tell) -> None:
    """Each on a thread; the first that fails ends all, and what it raised is raised here."""
    failures: list[Exception] = []
    threads = [threading.Thread(target=_kept, args=(work, failures, stop), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    settler = Settler(part)
    try:
        while running := [thread for thread in threads if thread.is_alive()]:
            running[0].join(LOOK_S)
            tell()
    finally:
        stop()
        for thread in threads:
            thread.join()
        settler.end()
    if failures:
        raise failures[0]


def _kept(work: Callable[[], None], failures: list[Exception], stop: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - raised again by whoever waits for the thread
        failures.append(error)
        stop()


class Settler:
    """Brings to the disk what was written, every few seconds, and for a small part of the time only: writers
    are slow meanwhile. That part is more than a moment where bytes come faster than the disk takes them.
    """

    def __init__(self, part: Part) -> None:
        self._part = part
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="settling", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop; what is not settled yet is no loss but after a power cut."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        wait_s = _SETTLE_S
        # What the disk refuses is told by whoever writes next, or by the end of the file.
        with suppress(OSError):
            while not self._ended.wait(wait_s):
                began = time.monotonic()
                self._part.settle()
                wait_s = min(max(_SETTLE_S, _SETTLE_PART * (time.monotonic() - began)), _SETTLE_LONGEST_S)
