"""What the registry has to say to whoever runs the box: plain words, and what the box may compute."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.federation import KeptBudget, KeptNotice
from appliance.domain.results import FedNotice, FedNotices
from appliance.federation.protocol import kinds
from appliance.federation.protocol.limits import NOTICE_LENGTH
from appliance.federation.protocol.plain_text import plain
from appliance.federation.protocol.statements import BudgetClaims, Notice
from appliance.services.federation.ports import Item

_PERCENT_TOLD: Final = 80
_MICRO: Final = 1_000_000


class Kept(Protocol):
    """Where it is remembered."""

    async def keep_notice(self, notice: KeptNotice) -> None:
        """The newest ones stay."""
        ...

    async def notices(self) -> Sequence[KeptNotice]:
        """The newest first."""
        ...

    async def keep_budget(self, budget: KeptBudget) -> None:
        """The one that was signed last counts."""
        ...

    async def budget(self) -> KeptBudget | None:
        """None: the registry gave none."""
        ...


class Notices:
    """``fed notices``. Texts are cleaned when they come, and bounded."""

    kinds: Final = frozenset({kinds.NOTICE})

    def __init__(self, kept: Kept, clock: Clock) -> None:
        self._kept = kept
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[FedNotices]]]:
        """Operator actions and who carries them out."""
        return {"fed.notices": self.show}

    async def take(self, item: Item) -> None:
        """Raises ``StorageUnavailable``."""
        said = item.read(Notice)
        text = plain(said.text, NOTICE_LENGTH) or "(nothing that can be shown)"
        await self._kept.keep_notice(KeptNotice(said.jti, text, said.iat * 1000, self._clock.now_ms()))

    async def show(self) -> FedNotices:
        """``fed notices``."""
        return FedNotices(
            notices=tuple(
                FedNotice(id=one.id, text=one.text, signed_ms=one.signed_ms, taken_ms=one.taken_ms)
                for one in await self._kept.notices()
            )
        )


class Budgets:
    """What the box may compute, as its registry counts. Told, and stops nothing: leases do that."""

    kinds: Final = frozenset({kinds.BUDGET})

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._known: KeptBudget | None = None

    async def load(self) -> None:
        """Learn from the disk. Raises ``StorageUnavailable``."""
        self._known = await self._kept.budget()

    async def take(self, item: Item) -> None:
        """Raises ``StorageUnavailable``."""
        said = item.read(BudgetClaims)
        await self._kept.keep_budget(
            KeptBudget(said.first_day, said.last_day, said.limit_micro, said.reported_micro, said.iat * 1000)
        )
        await self.load()

    def lines(self) -> tuple[tuple[str, str], ...]:
        """For ``fed status``."""
        known = self._known
        if known is None:
            return ()
        return (("budget", f"{_used(known)} from {known.first_day} to {known.last_day}"),)

    def alarms(self) -> tuple[str, ...]:
        """Once four fifths are reported."""
        known = self._known
        if known is None or known.reported_micro * 100 <= known.limit_micro * _PERCENT_TOLD:
            return ()
        return (f"The registry has counted {_used(known)} until {known.last_day}.",)


def _used(known: KeptBudget) -> str:
    return f"{known.reported_micro // _MICRO} of {known.limit_micro // _MICRO} credits of this box"
