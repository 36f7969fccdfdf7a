"""How many wrong codes or keys are listened to: a few a minute from one address, some more from everywhere.

Only wrong ones count, since a whole class may sit behind one address. Who is over is told so for right ones
too, or guessing would go on.
"""

from collections import Counter, deque
from typing import Final

from appliance.domain.clock import Clock
from appliance.errors import RateLimited

FROM_ONE_ADDRESS: Final = 10
IN_ALL: Final = 200
WITHIN_S: Final = 60.0
_SAYS: Final = "Too many wrong codes were typed here; look at the code again and try in a minute."


class Attempts:
    """Remembers the wrong ones of the last minute, no more than are listened to. Who types more is told what
    it ``says``.
    """

    def __init__(
        self, clock: Clock, *, from_one: int = FROM_ONE_ADDRESS, in_all: int = IN_ALL, says: str = _SAYS
    ) -> None:
        self._clock = clock
        self._from_one = from_one
        self._in_all = in_all
        self._says = says
        self._missed: deque[tuple[float, str]] = deque()
        self._by_address: Counter[str] = Counter()

    def check(self, address: str) -> None:
        """Raises ``RateLimited``."""
        self._forget()
        if self._by_address[address] >= self._from_one or len(self._missed) >= self._in_all:
            raise RateLimited(self._says, retry_after_s=self._wait_s(address))

    def missed(self, address: str) -> None:
        """Somebody there typed a wrong one."""
        self._missed.append((self._clock.monotonic_s(), address))
        self._by_address[address] += 1

    def _wait_s(self, address: str) -> int:
        everywhere = len(self._missed) >= self._in_all
        oldest = next(at for at, whose in self._missed if everywhere or whose == address)
        return max(1, int(oldest + WITHIN_S - self._clock.monotonic_s()) + 1)

    def _forget(self) -> None:
        now_s = self._clock.monotonic_s()
        while self._missed and now_s - self._missed[0][0] >= WITHIN_S:
            _, address = self._missed.popleft()
            self._by_address[address] -= 1
        # A counter keeps whoever it was asked about.
        self._by_address = +self._by_address
