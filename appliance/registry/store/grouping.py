"""Several threads that want to write at once share one commit: whoever comes first does it for those who wait
behind. A commit costs about as much as all the rest of a message, so that this doubles what a registry takes.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from appliance.registry.store.database import Result, Session

_MOST: Final = 64
"""In one commit: the last of them waits for all."""

Job = Callable[[Session], bool]
"""Answers whether what it did is to be kept."""


class Group:
    """``commit`` carries out jobs within one transaction, each taken back alone where it answers False."""

    def __init__(self, commit: Callable[[Sequence[Job]], None]) -> None:
        self._commit = commit
        self._turn = threading.Lock()
        self._mutex = threading.Lock()
        self._queue: deque[_Waiting] = deque()

    def carry_out(self, job: Callable[[Session], Result]) -> Result:
        """What the job answers, once that is on the disk. Raises what it raises, and what ``commit`` does."""
        mine = _Waiting(job)
        with self._mutex:
            self._queue.append(mine)
        while not mine.settled:
            with self._turn:
                if not mine.settled:
                    self._lead()
        return cast("Result", mine.result())

    def _lead(self) -> None:
        with self._mutex:
            group = [self._queue.popleft() for _ in range(min(len(self._queue), _MOST))]
        try:
            self._commit([one.run for one in group])
        except BaseException as error:  # noqa: BLE001 - each of them is told, in its own thread
            for one in group:
                one.fail(error)
        for one in group:
            one.settled = True


class _Waiting:
    def __init__(self, job: Callable[[Session], object]) -> None:
        self._job = job
        self._answer: Any = None
        self._error: BaseException | None = None
        self.settled = False

    def run(self, session: Session) -> bool:
        try:
            self._answer = self._job(session)
        except Exception as error:  # noqa: BLE001 - raised again by ``result``
            self._error = error
            return False
        return True

    def fail(self, error: BaseException) -> None:
        self._error = self._error or error

    def result(self) -> object:
        if self._error is not None:
            raise self._error
        return self._answer
