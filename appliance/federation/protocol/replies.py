"""What comes back for a message: statements, or a problem (RFC 9457)."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from appliance.federation.protocol.bounds import Count, MaybeSha256, Name, Token

URN: Final = "urn:carrel:"

ProblemName = Literal[
    "bad-signature", "unknown-box", "wrong-url", "bad-nonce", "wrong-type", "bad-version", "bad-time",
    "token-spent", "box-suspended", "not-yours", "not-entitled", "acceptance-required", "too-large", "schema",
    "records-hash", "gap", "fork", "chain-mismatch", "wrong-epoch", "rate", "maintenance",
    "not-found", "conflict",
]  # fmt: skip

STATUSES: Final[Mapping[ProblemName, int]] = {
    "bad-signature": 401,
    "unknown-box": 401,
    "wrong-url": 401,
    "bad-nonce": 400,
    "wrong-type": 400,
    "bad-version": 400,
    "bad-time": 400,
    "token-spent": 403,
    "box-suspended": 403,
    "not-yours": 403,
    "not-entitled": 403,
    "acceptance-required": 403,
    "too-large": 413,
    "schema": 422,
    "records-hash": 422,
    "gap": 409,
    "fork": 409,
    "chain-mismatch": 409,
    "wrong-epoch": 409,
    "rate": 429,
    "maintenance": 503,
    "not-found": 404,
    "conflict": 409,
}
RETRYABLE: Final = frozenset({"bad-nonce", "rate", "maintenance"})


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``re`` is the message's ``jti``; what counts is in the signed ``items``. ``duplicate``: it was answered
    before.
    """

    v: Literal[1] = 1
    re: Name
    items: Annotated[tuple[Token, ...], Meta(max_length=2000)] = ()
    duplicate: bool = False


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``type`` is ``urn:carrel:NAME``. Hints only: nothing that a box does rests on an unsigned number."""

    type: Annotated[str, Meta(max_length=64)]
    title: Annotated[str, Meta(max_length=300)]
    status: Annotated[int, Meta(ge=400, le=599)]
    retryable: bool = False
    retry_after_s: Annotated[int, Meta(ge=0, le=86_400)] | None = None
    expected: Count | None = None
    epoch: Count | None = None
    seq: Count | None = None
    head: MaybeSha256 | None = None

    @property
    def name(self) -> str:
        """Without the prefix."""
        return self.type.removeprefix(URN)


class Refused(Exception):
    """A registry's no, wherever in it that was found."""

    def __init__(self, name: ProblemName, title: str, **members: int | str) -> None:
        super().__init__(title)
        self.name: Final[ProblemName] = name
        self.title = title
        self.members = members

    def problem(self) -> Problem:
        """As it is sent."""
        return Problem(
            type=URN + self.name,
            title=self.title,
            status=STATUSES[self.name],
            retryable=self.name in RETRYABLE,
            **self.members,  # type: ignore[arg-type]
        )
