"""Answers ``person erase``: their keys end first, then one transaction takes them out of every table.

Sums stay, under an id that says nothing. What the audit log says of them stays too, with the id they had.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.results import PersonErased, Result
from appliance.errors import Conflict, TryAgain
from appliance.services.privacy.ports import Keys, Persons, Records, Revoking
from appliance.services.privacy.subject import Subject, subject_of

ID_BYTES: Final = 6
AGAIN_S: Final = 5

Step = Callable[[], Awaitable[object]]
"""Something to be done before or after."""


class Erasing:
    """``before`` brings to the disk what is only in memory yet; ``after`` makes memory know them no longer.

    ``kept`` is what goes on naming them, a sentence each.
    """

    def __init__(
        self,
        *,
        records: Records,
        persons: Persons,
        keys: Keys,
        revoking: Revoking,
        before: Sequence[Step] = (),
        after: Sequence[Step] = (),
        kept: Sequence[str],
        clock: Clock,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._records = records
        self._persons = persons
        self._keys = keys
        self._revoking = revoking
        self._before = tuple(before)
        self._after = tuple(after)
        self._kept = tuple(kept)
        self._clock = clock
        self._random_bytes = random_bytes

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"person.erase": self.erase}

    async def erase(self, *, person: str) -> PersonErased:
        """Raises ``NotFound``, ``BadRequest``, ``Conflict`` for somebody who was erased before, ``TryAgain``
        while their requests and batches are ending; their keys have ended then.
        """
        whose = await subject_of(person, self._persons, self._keys)
        if whose.person is not None and whose.person.erased_ms is not None:
            raise Conflict("This person was erased already.")
        revoked = await self._end_keys(whose)
        if left := await self._records.unsettled(person):
            raise TryAgain(
                f"Their keys have ended; {left} of their requests and batches are just ending. "
                f"Say `carrel person erase {person}` again in a moment.",
                retry_after_s=AGAIN_S,
            )
        for step in self._before:
            await step()
        erased_as = person if whose.of_key else f"erased-{self._random_bytes(ID_BYTES).hex()}"
        now_ms = self._clock.now_ms()
        done = (
            await self._records.erase_key(person, now_ms)
            if whose.of_key
            else await self._records.erase_person(person, erased_as, now_ms)
        )
        for step in self._after:
            await step()
        return PersonErased(
            person=person,
            erased_as=erased_as,
            keys_revoked=revoked,
            rows_changed=done.changed,
            rows_deleted=done.deleted,
            kept=self._kept,
        )

    async def _end_keys(self, whose: Subject) -> int:
        working = [one for one in whose.keys if one.revoked_ms is None]
        for one in working:
            await self._revoking.revoke(id=one.id)
        return len(working)
