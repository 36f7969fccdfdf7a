"""The book of agreements: versions of texts, and signatures. A signature is signed by the box before it is
stored, stored before it counts, and believed only as it was signed.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.access import Agreement, AgreementKind, Signature
from appliance.domain.clock import Clock
from appliance.policy.access.agreements import accepted_texts
from appliance.services.access.ports import Agreements
from appliance.services.access.records import SignatureRecords
from appliance.services.access.release import release_texts

GRACE_MS: Final = 30 * 86_400_000
"""So long the signatures of an older text count, where a newer release brings a new one."""
_ID_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs what for whom; ``person`` empty: for the project."""

    agreement: Agreement
    person: str
    project: str
    for_project: bool
    who: str
    origin: str


class AgreementBook:
    """The only writer of texts and signatures."""

    def __init__(
        self,
        agreements: Agreements,
        records: SignatureRecords,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._agreements = agreements
        self._records = records
        self._clock = clock
        self._random_bytes = random_bytes
        self._versions: list[Agreement] = []
        self._of_person: dict[str, tuple[Signature, ...]] = {}
        self._of_project: dict[str, tuple[Signature, ...]] = {}
        self.not_believed = 0

    async def load(self) -> None:
        """Learn what is on the disk, and the texts of this release. Until then nothing is signed."""
        self._versions = list(await self._agreements.versions())
        for text in await asyncio.to_thread(release_texts, self._clock.now_ms()):
            await self._bring(text)
        found = await self._agreements.signatures()
        believed = await asyncio.to_thread(lambda: [self._records.believes(one) for one in found])
        self.not_believed = believed.count(False)
        for one, good in zip(found, believed, strict=True):
            if good:
                self._learn(one)

    def current(self, kind: AgreementKind) -> Agreement:
        """The newest version."""
        return self.versions(kind)[-1]

    def versions(self, kind: AgreementKind) -> Sequence[Agreement]:
        """All versions of a text, oldest first."""
        return [one for one in self._versions if one.kind == kind]

    def accepted(self, kind: AgreementKind) -> frozenset[str]:
        """Hashes of the versions whose signatures count now."""
        return accepted_texts(self.versions(kind), self._clock.now_ms())

    def signatures(self, person: str, project: str) -> tuple[Signature, ...]:
        """A person's own, and those for a project."""
        own = self._of_person.get(person, ()) if person else ()
        return (*own, *self._of_project.get(project, ()))

    def count(self, kind: AgreementKind, text_sha256: str) -> int:
        """How many have signed exactly this text."""
        signed = [*self._of_person.values(), *self._of_project.values()]
        ids = {
            one.id for some in signed for one in some if (one.kind, one.text_sha256) == (kind, text_sha256)
        }
        return len(ids)

    async def publish(self, agreement: Agreement) -> None:
        """A new version. Raises ``StorageUnavailable``."""
        await self._agreements.publish(agreement)
        self._versions.append(agreement)

    async def sign(self, act: Signing) -> Signature:
        """Signing again what is signed changes nothing. Raises ``StorageUnavailable``, and what keeps the
        box's key from signing.
        """
        held = next((one for one in self.signatures(act.person, act.project) if _same(one, act)), None)
        if held is not None:
            return held
        fresh = Signature(
            id=f"sig_{self._random_bytes(_ID_BYTES).hex()}",
            kind=act.agreement.kind,
            text_sha256=act.agreement.text_sha256,
            person=act.person,
            project=act.project,
            for_project=act.for_project,
            who=act.who,
            origin=act.origin,
            signed_ms=self._clock.now_ms(),
            record="",
        )
        signed = await asyncio.to_thread(self._records.signed, fresh)
        await self._agreements.sign(signed)
        self._learn(signed)
        return signed

    async def _bring(self, text: Agreement) -> None:
        """A text of the release counts unless the lab has published its own."""
        known = self.versions(text.kind)
        if known and (known[-1].origin == "lab" or known[-1].text_sha256 == text.text_sha256):
            return
        grace_ms = GRACE_MS if known else 0
        await self.publish(replace(text, asks_from_ms=text.published_ms + grace_ms))

    def _learn(self, one: Signature) -> None:
        if one.person:
            self._of_person[one.person] = (*self._of_person.get(one.person, ()), one)
        if one.for_project:
            self._of_project[one.project] = (*self._of_project.get(one.project, ()), one)


def _same(one: Signature, act: Signing) -> bool:
    text = (act.agreement.kind, act.agreement.text_sha256)
    return (one.kind, one.text_sha256) == text and (one.person, one.for_project, one.project) == (
        act.person,
        act.for_project,
        act.project,
    )
