"""The machine's clock, behind the ``Clock`` port."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """Wall time and monotonic time of this machine."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start."""
        return time.monotonic()


class MachineCount:
    """What the machine counts by itself."""

    def since_boot_ms(self) -> int:
        """Milliseconds since the machine was started, those that it slept included; nobody can set it."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def boot(self) -> str:
        """Names the present start of the machine; empty where it does not say."""
        with suppress(OSError):
            return _BOOT.read_text(encoding="ascii").strip()
        return ""
