"""Tells the person at the terminal how far a long action is, while the gateway carries it out."""

import threading
from types import TracebackType
from typing import Final, Self

from appliance.cli.desk import Desk
from appliance.errors import CarrelError

_EVERY_S: Final = 1.0


class Following:
    """For the length of a ``with`` block: asks the box once a second, on a thread and a connection of its
    own, and prints what is new. An action that is done within the first second has nothing told of it.
    """

    def __init__(self, desk: Desk, every_s: float = _EVERY_S) -> None:
        self._desk = desk
        self._every_s = every_s
        self._over = threading.Event()
        self._told: tuple[str, ...] = ()
        # A daemon: an answer that never comes must not keep an interrupted command from ending.
        self._thread = threading.Thread(target=self._follow, name="following", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(2 * self._every_s)

    def _follow(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                tasks = self._desk.status().tasks
            except CarrelError:
                return
            for line in tasks:
                if line not in self._told and not self._over.is_set():
                    self._desk.progress(line)
            self._told = tasks
