"""The book of acceptances: signed before they are stored, stored before they hold, believed only as signed.

A withdrawal is the other way round: it holds before it is stored, so that it holds even where the disk
refuses.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from appliance.domain.clock import Clock
from appliance.domain.license import Acceptance
from appliance.services.licenses.ports import Acceptances
from appliance.services.licenses.records import Records
from appliance.services.licenses.register import Register

_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Act:
    """Who accepts what for whom; ``person`` empty: for the institution."""

    model: str
    text_sha256: str
    person: str
    who: str
    authority: str
    purpose: str


class AcceptanceBook:
    """The only writer of acceptances."""

    def __init__(
        self,
        acceptances: Acceptances,
        records: Records,
        register: Register,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._acceptances = acceptances
        self._records = records
        self._register = register
        self._clock = clock
        self._random_bytes = random_bytes

    async def load(self) -> None:
        """Learn what holds. Until then nothing is accepted."""
        for one in await self._acceptances.all():
            if one.withdrawn_ms is None and await asyncio.to_thread(self._records.believes, one):
                self._register.accept(one)

    async def accept(self, act: Act) -> None:
        """Accepting again what holds changes nothing. Raises ``StorageUnavailable``, and what keeps the box's
        key from signing.
        """
        if self._register.holds(act.model, act.person, act.text_sha256):
            return
        fresh = Acceptance(
            id=f"acc_{self._random_bytes(_ID_BYTES).hex()}",
            model=act.model,
            text_sha256=act.text_sha256,
            person=act.person,
            who=act.who,
            authority=act.authority,
            purpose=act.purpose,
            accepted_ms=self._clock.now_ms(),
            record="",
        )
        signed = await asyncio.to_thread(self._records.signed, fresh)
        await self._acceptances.add(signed)
        self._register.accept(signed)

    def withdraw(self, model: str, person: str) -> Sequence[Acceptance]:
        """From this moment they do not hold; returns them, to be given to ``store_withdrawal``."""
        return self._register.withdraw(model, person)

    async def store_withdrawal(self, withdrawn: Sequence[Acceptance]) -> None:
        """Raises ``StorageUnavailable``: then they hold again after a restart."""
        await self._acceptances.withdraw([one.id for one in withdrawn], self._clock.now_ms())

    async def of(self, model: str = "") -> Sequence[tuple[Acceptance, bool]]:
        """All of a model, or of all models, oldest first, and whether each is believed."""
        found = [one for one in await self._acceptances.all() if model in {"", one.model}]
        believed = await asyncio.to_thread(lambda: [self._records.believes(one) for one in found])
        return list(zip(found, believed, strict=True))
