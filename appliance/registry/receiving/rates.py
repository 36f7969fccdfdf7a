"""How often a box, or an address, may speak: token buckets in memory."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil
from typing import Final

from appliance.domain.clock import Clock
from appliance.federation.protocol.replies import Refused

_ORDINARY_BYTES: Final = 16_384
_MOST: Final = 20_000
"""Buckets in memory; whoever was not heard of for longest begins with a full one."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages of ordinary size: ``burst`` at once, then ``per_s``."""

    burst: float
    per_s: float


BOX: Final = Rate(burst=1000, per_s=5)
"""A year's reports may come at once, after a year alone."""
ADDRESS: Final = Rate(burst=4000, per_s=200)
"""A whole campus may come from one."""


def cost(token: str) -> float:
    """Of a message, by its size: a full batch of reports is as much work as dozens of small ones."""
    return max(1.0, len(token) / _ORDINARY_BYTES)


class Rates:
    """One bucket for each name."""

    def __init__(self, clock: Clock, rate: Rate) -> None:
        self._clock = clock
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._mutex = threading.Lock()

    def spend(self, name: str, cost: float = 1.0) -> None:
        """One message of ``name``. Raises ``Refused`` (``rate``)."""
        now_s = self._clock.monotonic_s()
        with self._mutex:
            left, at_s = self._buckets.pop(name, (self._rate.burst, now_s))
            left = min(self._rate.burst, left + max(0.0, now_s - at_s) * self._rate.per_s)
            # A large message waits no longer than a small one, and is paid afterwards.
            self._buckets[name] = (left - cost if left >= 1 else left, now_s)
            if len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        if left < 1:
            wait_s = ceil((1 - left) / self._rate.per_s)
            raise Refused("rate", "Too many messages at once. Try again later.", retry_after_s=wait_s)
