"""The shape of ``[sharing]`` in a recipe's TOML: who gives the model to others, and what they say of it.

No line of the record of benefit and harm may be left out: nothing is shared unthought-of.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from appliance.domain.restriction import NO_LIMITS, Limits
from appliance.domain.sharing import Sharing

Sentence = Annotated[str, Meta(min_length=10, max_length=2000)]
Sentences = Annotated[tuple[Sentence, ...], Meta(min_length=1, max_length=32)]
Who = Annotated[str, Meta(min_length=2, max_length=200)]


class RecordToml(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record as a lab writes it, in a file of its own. See ``domain.sharing.Sharing``."""

    contact: Who
    benefits: Sentences
    harms: Sentences
    evaluations: Sentences
    reviewed_by: Who
    reviewed_on: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]

    def __post_init__(self) -> None:
        """Refuse a day that no calendar has; the decoder turns ``ValueError`` into a validation error."""
        try:
            date.fromisoformat(self.reviewed_on)
        except ValueError:
            raise ValueError("`reviewed_on` is no day of the calendar, such as 2026-11-21") from None


class SharingToml(RecordToml, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The record, and whose model it is."""

    organization: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
    kind: Literal["weights", "access"]
    restrictions: Limits = NO_LIMITS
    why: Annotated[str, Meta(max_length=300)] = ""
    sealing_key: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]{43})?\Z")] = ""

    def value(self) -> Sharing:
        """The record as the rest of Carrel knows it."""
        return Sharing(
            organization=self.organization,
            kind=self.kind,
            contact=self.contact,
            benefits=self.benefits,
            harms=self.harms,
            evaluations=self.evaluations,
            reviewed_by=self.reviewed_by,
            reviewed_on=self.reviewed_on,
            restrictions=self.restrictions,
            why=self.why,
            sealing_key=self.sealing_key,
        )


def refuse_strange(id: str, sharing: SharingToml | None, *, elsewhere: bool, draft: bool) -> None:
    """Raises ``ValueError`` where a recipe of this ``id`` cannot be shared as it says."""
    if sharing is None:
        return
    if not id.startswith(f"{sharing.organization}."):
        raise ValueError(
            f"`id` has to begin with `{sharing.organization}.`, since `sharing` says whose it is"
        )
    if draft or elsewhere != (sharing.kind == "access"):
        raise ValueError(
            "`sharing.kind` is access where there is `upstream`, weights elsewhere, and no draft is shared"
        )
