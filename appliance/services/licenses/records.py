"""Acceptances as the box's key signs them, and whether a stored one is what was signed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from appliance.domain.license import Acceptance
from appliance.errors import CarrelError
from appliance.trust.box_key import BoxKey
from appliance.trust.signed import verify

KIND: Final = "acceptance+jws"


class AcceptanceStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed. ``level`` is ``institution`` or ``person``; ``person`` is a local pseudonym."""

    id: str
    model: str
    text_sha256: str
    level: str
    person: str
    who: str
    authority: str
    purpose: str
    accepted_ms: int


class Records:
    """``key`` is asked when it is first needed: most boxes never sign anything."""

    def __init__(self, key: Callable[[], BoxKey]) -> None:
        self._key = key
        self._known: BoxKey | None = None

    def signed(self, acceptance: Acceptance) -> Acceptance:
        """The same with its record. Raises ``ConfigInvalid`` or ``IntegrityFailed`` without a usable key."""
        return replace(acceptance, record=self._box_key().sign(KIND, _statement(acceptance)))

    def believes(self, acceptance: Acceptance) -> bool:
        """Whether this box has signed exactly this. When it was withdrawn is not signed."""
        try:
            signed = verify(acceptance.record, KIND, self._box_key().public, AcceptanceStatement)
        except CarrelError:
            return False
        return signed == _statement(acceptance)

    def _box_key(self) -> BoxKey:
        if self._known is None:
            self._known = self._key()
        return self._known


def _statement(acceptance: Acceptance) -> AcceptanceStatement:
    return AcceptanceStatement(
        id=acceptance.id,
        model=acceptance.model,
        text_sha256=acceptance.text_sha256,
        level="person" if acceptance.person else "institution",
        person=acceptance.person,
        who=acceptance.who,
        authority=acceptance.authority,
        purpose=acceptance.purpose,
        accepted_ms=acceptance.accepted_ms,
    )
