"""Bounded values of the protocol. Whole numbers only, within what every JSON reader takes (2^53)."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

MOST: Final = 2**53 - 1

Name = Annotated[str, Meta(min_length=1, max_length=128)]
Words = Annotated[str, Meta(max_length=300)]
Time = Annotated[int, Meta(ge=0, le=2**40)]
"""s since 1970 UTC."""
Count = Annotated[int, Meta(ge=0, le=MOST)]
Delta = Annotated[int, Meta(ge=-MOST, le=MOST)]
"""Below zero in corrections alone."""
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
MaybeSha256 = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")]
Model = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}\Z")]
"""Id of a recipe, without a form."""
Thumbprint = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]
"""Of a key (RFC 7638)."""
KeyText = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]
"""``x`` of a key's JWK."""
Organization = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
MaybeOrganization = Annotated[str, Meta(pattern=r"^([a-z0-9][a-z0-9-]{0,31})?\Z")]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
Token = Annotated[str, Meta(min_length=1, max_length=2**20)]
Purpose = Literal["research", "course", "evaluation", "admin"]
Operation = Literal["chat", "completion", "embedding", "finetune"]


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose right it is (RFC 7800): the thumbprint of the box's key."""

    jkt: Name
