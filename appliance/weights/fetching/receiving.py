"""One connection of a download: takes pieces, asks for them, writes what comes, and comes back after cuts."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from appliance.outbound.ranged.answers import Answer, Bytes, Later, Refused
from appliance.outbound.ranged.asking import Asking, Broken
from appliance.outbound.ranged.connecting import ProxyFailed
from appliance.outbound.ranged.target import RedirectRefused, Target
from appliance.weights.fetching.failing import (
    BROKEN,
    BUSY,
    PROXY,
    UNREACHABLE,
    Interrupted,
    exhausted,
    led_away,
    refused,
)
from appliance.weights.fetching.pace import Pace
from appliance.weights.fetching.part import Part
from appliance.weights.fetching.patience import Patience
from appliance.weights.fetching.ranges import Pending, Range

BUFFER_BYTES: Final = 2**20
_GATHER_S: Final = 0.1


class NoRanges(Exception):
    """The host sends whole files only."""


@dataclass(slots=True)
class Job:
    """What the connections of one source and one file share."""

    part: Part
    pending: Pending
    target: Target
    path: str
    """Of the file, as people are told it."""
    pace: Pace
    patience: Patience
    count: Callable[[int], None]
    """Is told of bytes that came over the network."""
    whole: bool = False
    """The host knows no ranges: one connection reads the file from its beginning."""
    stopped: threading.Event = field(default_factory=threading.Event)
    fetched_bytes: int = 0
    """Came over the network."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> Range | None:
        """A piece to bring; None where others have all that is left."""
        with self._lock:
            return self.pending.take()

    def give_back(self, begin: int, end: int) -> None:
        """What did not come."""
        with self._lock:
            self.pending.give_back(begin, end)

    def came(self, count: int) -> int:
        """So many bytes came; all that came until now."""
        with self._lock:
            self.fetched_bytes += count
            self.count(count)
            return self.fetched_bytes


class Receiver:
    """Runs until nothing is missing, ``job.stopped``, or it fails. Not for several threads."""

    def __init__(self, job: Job, asking: Asking) -> None:
        self._job = job
        self._asking = asking
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._fruitless = 0
        self._seen_bytes = 0

    def run(self) -> None:
        """Raises ``SourceFailed``, ``NoRanges``, ``OSError`` of the disk."""
        job = self._job
        try:
            while not job.stopped.is_set() and job.part.missing():
                piece = job.take()
                if piece is None:
                    job.stopped.wait(0.05)  # what another one has may come back
                else:
                    self._bring(piece)
        finally:
            self._asking.close()

    def _bring(self, piece: Range) -> None:
        begin, end = piece
        try:
            self._receive(begin, end)
        except Interrupted as trouble:
            self._asking.close()
            self._wait(trouble)
        finally:
            for gap in self._job.part.missing():
                self._job.give_back(max(begin, gap[0]), min(end, gap[1]))

    def _receive(self, begin: int, end: int) -> None:
        answer = self._ask(begin, end)
        if (answer.begin < begin or answer.end > end) and not self._job.whole:
            self._asking.close()
            raise NoRanges
        at = answer.begin
        try:
            while at < answer.end and not self._job.stopped.is_set():
                at += self._some(at, answer.end)
        except Broken:
            raise Interrupted("broken", BROKEN) from None

    def _ask(self, begin: int, end: int) -> Bytes:
        job = self._job
        try:
            answer = self._asking.ask(job.target, (begin, end), job.part.size_bytes)
        except RedirectRefused as error:
            raise led_away(job.target.shown, str(error)) from error
        except Broken:
            raise Interrupted("broken", BROKEN) from None
        except ProxyFailed:
            raise Interrupted("proxy", PROXY) from None
        except OSError:
            raise Interrupted("unreachable", UNREACHABLE) from None
        return self._body(answer)

    def _body(self, answer: Answer) -> Bytes:
        match answer:
            case Bytes():
                return answer
            case Later(wait_s=wait_s):
                raise Interrupted("busy", BUSY, wait_s)
            case Refused(why="login" | "missing") if self._asking.redirected:
                # A signed address ends after a while; the hub makes another one.
                raise Interrupted("expired", BUSY)
            case Refused():
                raise refused(self._asking.host, answer, self._job.path)
            case _:
                raise Interrupted("redirect", BROKEN)

    def _some(self, at: int, end: int) -> int:
        """Fill the buffer for a moment, then write what came, also where the connection ends meanwhile."""
        room, filled = min(BUFFER_BYTES, end - at), 0
        until = time.monotonic() + _GATHER_S
        try:
            while filled < room and time.monotonic() < until and not self._job.stopped.is_set():
                filled += self._read(self._buffer[filled:room])
        finally:
            self._job.part.write(self._buffer[:filled], at)
        return filled

    def _read(self, view: memoryview) -> int:
        job = self._job
        count = self._asking.read(view[: job.pace.at_once(len(view))])
        if not count:
            raise Broken
        self._fruitless = -1
        self._seen_bytes = job.came(count)
        wait_s = job.pace.wait_s(count)
        if wait_s:
            job.stopped.wait(wait_s)
        return count

    def _wait(self, trouble: Interrupted) -> None:
        """Others that get on count: then it is this connection only."""
        job = self._job
        if job.fetched_bytes != self._seen_bytes:
            self._fruitless, self._seen_bytes = 1, job.fetched_bytes
        else:
            self._fruitless += 1
        wait_s = job.patience.wait_s(self._fruitless, trouble.wait_s)
        if wait_s is None:
            raise exhausted(job.target.shown, trouble)
        job.stopped.wait(wait_s)
