"""What a lab says of a model that it gives to other labs: in which way, for what, and what could go wrong."""

from dataclasses import dataclass
from typing import Final, Literal

from appliance.domain.restriction import NO_LIMITS, Limits

SharingKind = Literal["weights", "access"]
"""Others get the files, or they may use the model where its lab runs it and never have a byte of it."""
ACCESS_KEY: Final = "access."
"""Before a recipe's id: the name of the secret that its owner gave this box. No recipe can name another."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whose model it is, and the record that goes with it. ``reviewed_on`` is a day, as ``2026-11-21``."""

    organization: str
    kind: SharingKind
    contact: str
    benefits: tuple[str, ...]
    """What it is meant to be good for."""
    harms: tuple[str, ...]
    """What harm could be done with it, as far as somebody could foresee it."""
    evaluations: tuple[str, ...]
    """What was tried, and what came out."""
    reviewed_by: str
    reviewed_on: str
    restrictions: Limits = NO_LIMITS
    """The owner's, for every box that has the entry."""
    why: str = ""
    """Said with the restrictions."""
    sealing_key: str = ""
    """What letters to its owner are sealed to (X25519, base64url); empty: the registry can read them."""


@dataclass(frozen=True, slots=True)
class SentList:
    """The list of this lab's organization as it was signed, with its files by their paths, on its way to the
    registry as the message ``id``. Times in ms since 1970 UTC.
    """

    id: str
    organization: str
    version: int
    expires_ms: int
    metadata: bytes
    files: tuple[tuple[str, bytes], ...]
    sent_ms: int
    queued: bool = False
    """It is in the outbox, or has left it."""
    refused: str = ""
    """Why the registry did not take it."""


@dataclass(frozen=True, slots=True)
class FetchedShare:
    """What one box fetched of one model on one day (UTC)."""

    model: str
    box: str
    day: str
    requests: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class KeptStatement:
    """What the registry said of an organization's month. ``token`` is its word, by the key ``registry``."""

    id: str
    organization: str
    first_day: str
    token: str
    registry: str
    signed_ms: int
