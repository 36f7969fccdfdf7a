"""Gives the statements of the registry to the parts that wait for them, once they are believed."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.errors import CarrelError, IntegrityFailed, StorageUnavailable
from appliance.federation.protocol.checking import Believed, Own, believed
from appliance.federation.protocol.limits import SKEW_S
from appliance.federation.protocol.shapes import STATEMENTS
from appliance.federation.protocol.statements import RegistryKey
from appliance.services.federation.ports import Item, Receiver

_MOST_TOLD: Final = 50


class Believing(Protocol):
    """Whom the box believes."""

    @property
    def listed(self) -> Sequence[RegistryKey]:
        """The keys of its registry."""
        ...


class Who(Protocol):
    """Who the box is."""

    def ids(self) -> frozenset[str]:
        """For whom a statement may be."""
        ...

    def keys_now(self) -> frozenset[str]:
        """To which keys a right may be bound."""
        ...


class Seen(Protocol):
    """What was taken."""

    async def seen(self, jti: str, *, tell: bool) -> bool:
        """Whether a statement was; with ``tell`` the registry is told again."""
        ...

    async def take(self, jti: str, kind: str, now_ms: int, *, tell: bool) -> None:
        """It was; with ``tell`` the registry is told."""
        ...


@dataclass(slots=True)
class Taken:
    """``kinds`` counts what was taken, ``refused`` says of the rest why not."""

    kinds: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether everything was taken."""
        return not self.refused

    def add(self, more: "Taken") -> None:
        """Of another answer."""
        self.kinds.update(more.kinds)
        self.refused.extend(more.refused[: max(_MOST_TOLD - len(self.refused), 0)])


@dataclass(frozen=True, slots=True)
class Times:
    """``latest_s``: what is signed later is not believed. ``learn`` is told each time that a believed
    statement was signed.
    """

    latest_s: Callable[[], int]
    learn: Callable[[int], Awaitable[None]]


class Dispatcher:
    """One statement that is wrong harms no other."""

    def __init__(
        self,
        receivers: Sequence[Receiver],
        *,
        believing: Believing,
        who: Who,
        seen: Seen,
        times: Times,
        clock: Clock,
        log: Log,
    ) -> None:
        self._receivers = {kind: [one for one in receivers if kind in one.kinds] for kind in STATEMENTS}
        self._believing = believing
        self._who = who
        self._seen = seen
        self._times = times
        self._clock = clock
        self._log = log

    async def take(self, tokens: Iterable[str], *, re: str = "", tell: bool = False) -> Taken:
        """All of one answer; ``re`` is the message that it answers. With ``tell`` the registry keeps them
        until it knows that they are here. Raises ``StorageUnavailable``.
        """
        taken = Taken()
        for token in tokens:
            try:
                taken.kinds[await self._take(token, re, tell=tell)] += 1
            except StorageUnavailable:
                raise
            except CarrelError as error:
                self._log.warning("statement_refused", reason=error.message)
                taken.refused.append(error.message)
        return taken

    async def _take(self, token: str, re: str, *, tell: bool) -> str:
        found = await asyncio.to_thread(self._believed, token)
        jti = str(getattr(found.statement, "jti", ""))
        await self._times.learn(found.iat)
        if jti and await self._seen.seen(jti, tell=tell):
            return found.kind
        await self._hand_on(Item(found.kind, token, found.payload, found.key, re))
        if jti:
            await self._seen.take(jti, found.kind, self._clock.now_ms(), tell=tell)
        return found.kind

    async def _hand_on(self, item: Item) -> None:
        """To every part that takes the kind; one that it does not concern lets it pass."""
        receivers = self._receivers.get(item.kind)
        if not receivers:
            raise IntegrityFailed(f"This box knows nothing to do with a {item.kind}.")
        wrong: CarrelError | None = None
        for one in receivers:
            try:
                await one.take(item)
            except msgspec.DecodeError as error:
                raise IntegrityFailed("A signed object has another shape than its kind.") from error
            except StorageUnavailable:
                raise
            except CarrelError as error:
                wrong = error
        if wrong is not None:
            raise wrong

    def _believed(self, token: str) -> Believed:
        own = Own(self._who.ids(), self._who.keys_now())
        return believed(
            token, keys=tuple(self._believing.listed), own=own, now_s=self._times.latest_s() - SKEW_S
        )
