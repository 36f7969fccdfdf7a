"""Signatures of agreements as the box's key signs them, and whether a stored one is what was signed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from appliance.domain.access import Signature
from appliance.errors import CarrelError
from appliance.trust.box_key import BoxKey
from appliance.trust.signed import verify

KIND: Final = "agreement+jws"


class SignatureStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is signed. ``person`` is the id of a person, empty for an operator who signed for a project."""

    id: str
    agreement: str
    text_sha256: str
    person: str
    project: str
    for_project: bool
    who: str
    origin: str
    signed_ms: int


class SignatureRecords:
    """``key`` is asked when it is first needed: most boxes never sign anything."""

    def __init__(self, key: Callable[[], BoxKey]) -> None:
        self._key = key
        self._known: BoxKey | None = None

    def signed(self, signature: Signature) -> Signature:
        """The same with its record. Raises ``ConfigInvalid`` or ``IntegrityFailed`` without a usable key."""
        return replace(signature, record=self._box_key().sign(KIND, _statement(signature)))

    def believes(self, signature: Signature) -> bool:
        """Whether this box has signed exactly this."""
        try:
            signed = verify(signature.record, KIND, self._box_key().public, SignatureStatement)
        except CarrelError:
            return False
        return signed == _statement(signature)

    def _box_key(self) -> BoxKey:
        if self._known is None:
            self._known = self._key()
        return self._known


def _statement(signature: Signature) -> SignatureStatement:
    return SignatureStatement(
        id=signature.id,
        agreement=signature.kind,
        text_sha256=signature.text_sha256,
        person=signature.person,
        project=signature.project,
        for_project=signature.for_project,
        who=signature.who,
        origin=signature.origin,
        signed_ms=signature.signed_ms,
    )
