"""Waits until a gateway that was told to stop is gone, so that the next command finds the box free."""

import time
from typing import Final

import psutil

from appliance.cli.desk import Desk
from appliance.errors import RequestTimeout

_POLL_S: Final = 0.05
_LIMIT_S: Final = 120.0


class Leaving:
    """One gateway, taken note of while it still answers. Its socket goes first, its process last.

    The socket is looked at and not connected to: asyncio trips over a client that it accepts while it closes.
    """

    def __init__(self, desk: Desk, limit_s: float = _LIMIT_S) -> None:
        self._path = desk.socket
        self._process = _process(desk.status().pid)
        self._limit_s = limit_s

    def wait(self) -> None:
        """Return when it is gone. Raises ``RequestTimeout`` after the limit."""
        deadline_s = time.monotonic() + self._limit_s
        while self._is_there():
            if time.monotonic() > deadline_s:
                raise RequestTimeout("The box is still stopping; see `carrel status` and `carrel logs`.")
            time.sleep(_POLL_S)

    def _is_there(self) -> bool:
        """A zombie has ended: whoever started it does not look after it. Killed ones leave their socket."""
        if self._process is None:
            return self._path.exists()
        try:
            return bool(self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
