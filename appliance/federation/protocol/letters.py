"""What letters between labs say: one closed shape for each kind. Numbers that JSON does not carry safely are
texts.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.errors import BadRequest
from appliance.federation.protocol.bounds import Count, KeyText, MaybeSha256, Model, Sha256, Time
from appliance.federation.protocol.messages import LetterKind

LIFE_S: Final = 90 * 86_400
"""So long a letter waits for its reader, and no longer does a reader take one."""
MOST_A_DAY: Final = 50
"""Letters of one box."""
MOST_WAITING: Final = 500
"""For one reader, at a registry."""
BODY_BYTES: Final = 64 * 1024
"""Of what a letter says, before it is sealed."""
SEALED: Final = frozenset({"access-grant"})
"""Kinds that are never taken unsealed: they hold a secret."""

Line = Annotated[str, Meta(min_length=1, max_length=500)]
Decimal = Annotated[str, Meta(pattern=r"^([0-9]{1,6}(\.[0-9]{1,6})?)?\Z")]
"""As a request may state it; empty: the model's default."""
Secret = Annotated[str, Meta(pattern=r"^[!-~]{8,200}\Z")]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all have."""

    v: Literal[1] = 1
    model: Model
    """As its owner lists it."""


class FlawReport(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case, so that the model's owner can see it again. ``prompt`` is there only where its reporter gave
    it for that; ``number`` are digits.
    """

    revision: Count
    file_sha256: MaybeSha256
    severity: Literal["low", "medium", "high", "critical"]
    category: Literal["bias", "safety", "privacy", "security", "other"]
    description: Annotated[str, Meta(min_length=1, max_length=4000)]
    seen: Annotated[int, Meta(ge=1, le=1_000_000)]
    seed: Annotated[str, Meta(pattern=r"^[0-9]{1,19}\Z")]
    temperature: Decimal = ""
    top_p: Decimal = ""
    top_k: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    min_p: Decimal = ""
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    prompt_sha256: Sha256
    prompt: Annotated[str, Meta(max_length=48 * 1024)] = ""


class FlawAnswer(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the owner decided about a report."""

    verdict: Literal["accepted", "duplicate", "not-reproducible", "declined"]
    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


class AccessRequest(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A lab asks to use a model where its owner hosts it. The answer is sealed to ``sealing_key``."""

    purpose: Annotated[str, Meta(min_length=1, max_length=2000)]
    contact: Line
    requests_per_day: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    """About; 0: it is not said."""
    days: Annotated[int, Meta(ge=0, le=3650)] = 0
    sealing_key: KeyText


class AccessGrant(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Yes. ``key`` opens the owner's box for this one model; 0 is without limit or end."""

    key: Secret
    credits_micro: Count = 0
    requests_per_day: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    until: Time = 0
    conditions: Annotated[str, Meta(max_length=1000)] = ""


class AccessEnd(Body, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """No, or no more. ``returned``: the lab that had it gives it back."""

    why: Literal["denied", "revoked", "returned"]
    reason: Annotated[str, Meta(min_length=1, max_length=1000)]


AnyBody = FlawReport | FlawAnswer | AccessRequest | AccessGrant | AccessEnd
SHAPES: Final[Mapping[LetterKind, type[AnyBody]]] = {
    "flaw-report": FlawReport,
    "flaw-answer": FlawAnswer,
    "access-request": AccessRequest,
    "access-grant": AccessGrant,
    "access-end": AccessEnd,
}
_KINDS: Final = {shape: kind for kind, shape in SHAPES.items()}


def kind_of_body(body: AnyBody) -> LetterKind:
    """As letters name it."""
    return _KINDS[type(body)]


def read_body(kind: LetterKind, content: bytes) -> AnyBody:
    """What a letter of that kind says. Raises ``BadRequest`` for another shape, for more than fits, and for
    signs that no person types.
    """
    if len(content) > BODY_BYTES:
        raise BadRequest("A letter says more than letters may.")
    try:
        body = msgspec.json.decode(content, type=SHAPES[kind])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"A letter is no {kind}, whatever it says that it is.") from error
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, str) and name != "prompt" and not is_plain(value):
            raise BadRequest(f"`{name}` of a letter has signs in it that no person types.")
    return body


def is_plain(text: str) -> bool:
    """Whether it is nothing but printable signs and line ends."""
    return text.replace("\n", "").isprintable()
