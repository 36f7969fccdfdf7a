"""An event loop for tests of the terminal UI: whoever waits only for the clock does not have to wait.

Nothing is left out and nothing comes in another order: when every task sleeps, the loop's clock is put on to
the time at which the first of them wakes. Where something outside can still answer, a socket, a thread or
another program, it waits as any loop does. The clock stands while there is something to do: a sleep is over
after all that is due before its end, however slow or busy the machine is.
"""

import asyncio
import selectors
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Calls ``idle`` in place of waiting, with the seconds that there would be to wait, and ``waited`` with
    those that it had to wait.
    """

    idle: Callable[[float], bool] | None = None
    waited: Callable[[float], None] | None = None

    def select(self, timeout: float | None = None):
        if timeout is not None and timeout > 0 and self.idle is not None and self.idle(timeout):
            timeout = 0
        began_s = time.monotonic()
        found = super().select(timeout)
        if timeout != 0 and self.waited is not None:
            self.waited(time.monotonic() - began_s)
        return found


class JumpingLoop(asyncio.SelectorEventLoop):
    """``time`` is all that it waited or did not have to wait; nothing of what it computed."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._threads: set[asyncio.Future[Any]] = set()
        self._starting = 0
        self._programs: list[asyncio.SubprocessTransport] = []
        selector = _Selector()
        super().__init__(selector)
        self._own = len(selector.get_map())
        selector.idle, selector.waited = self._jump, self._put_on
        self._watched = selector

    def time(self) -> float:
        return self._now_s

    def run_in_executor(self, executor: Executor | None, func: Callable[..., Any], *args: Any):
        made = super().run_in_executor(executor, func, *args)
        self._threads.add(made)
        made.add_done_callback(self._threads.discard)
        return made

    async def subprocess_exec(self, *args: Any, **kwargs: Any):
        self._starting += 1
        try:
            transport, protocol = await super().subprocess_exec(*args, **kwargs)
        finally:
            self._starting -= 1
        self._programs.append(transport)
        return transport, protocol

    def _jump(self, seconds: float) -> bool:
        """Whether the clock was put on by so much."""
        if self._answer_may_come():
            return False
        self._put_on(seconds)
        return True

    def _put_on(self, seconds: float) -> None:
        self._now_s += seconds

    def _answer_may_come(self) -> bool:
        """From a thread, a program, or through a socket or a pipe."""
        runs = any(one.get_returncode() is None for one in self._programs)
        return bool(self._threads or self._starting or runs or len(self._watched.get_map()) > self._own)
