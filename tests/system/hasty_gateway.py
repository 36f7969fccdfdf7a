"""`carrel serve` for which an hour passes in ``3600 / HASTE`` seconds: by its clocks, timers and waits.

Threads and other processes live at the usual speed, so that it is of use without workers only.
"""

import asyncio
import selectors
import time

from appliance.config.process import from_process
from appliance.wiring import running, system_clock

HASTE = 120
BEGAN_NS, BEGAN_S = time.time_ns(), time.monotonic()


class HastySelector(selectors.DefaultSelector):
    def select(self, timeout=None):
        return super().select(None if timeout is None else timeout / HASTE)


class HastyLoop(asyncio.SelectorEventLoop):
    def time(self):
        return HastyClock().monotonic_s()


class HastyClock(system_clock.SystemClock):
    def now_ms(self):
        return (BEGAN_NS + (time.time_ns() - BEGAN_NS) * HASTE) // 1_000_000

    def monotonic_s(self):
        return BEGAN_S + (time.monotonic() - BEGAN_S) * HASTE


if __name__ == "__main__":
    running.SystemClock = HastyClock
    with asyncio.Runner(loop_factory=lambda: HastyLoop(HastySelector())) as runner:
        runner.run(running.run_gateway(from_process({})))
