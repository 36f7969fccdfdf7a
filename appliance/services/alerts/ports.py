"""What alerts need from others."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from appliance.domain.alerts import Alert, Sign


class Sink(Protocol):
    """A way on which alerts are told."""

    @property
    def name(self) -> str:
        """``mail`` or ``webhook``, and through whom."""
        ...

    async def tell(self, alert: Alert) -> None:
        """Raises a ``CarrelError`` that says why it was not told."""
        ...


class AlertTable(Protocol):
    """Where alerts are remembered."""

    async def keep(self, alert: Alert) -> None:
        """A new one, or as it stands now."""
        ...

    async def waiting(self) -> Sequence[Alert]:
        """Those that were not told yet, oldest first."""
        ...

    async def recent(self, limit: int) -> Sequence[Alert]:
        """The newest first."""
        ...

    async def expire(self, before_ms: int) -> int:
        """Forget those that were seen last before. Returns how many."""
        ...


class Telling(Protocol):
    """Who tells."""

    def tell(self, sign: Sign) -> None:
        """Soon. Never waits, never raises."""
        ...


Probe = Callable[[], Awaitable[Sequence[Sign]]]
"""Looks at something, and says what of it somebody should hear of, for as long as it is so."""
