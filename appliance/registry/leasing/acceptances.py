"""Whether a license was accepted, as a box shows it: the record that its own key signed."""

from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec

from appliance.errors import IntegrityFailed
from appliance.trust.signed import signer_of, verify

KIND: Final = "acceptance+jws"


class AcceptanceShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As boxes sign them; only what counts here is looked at."""

    id: str
    model: str
    text_sha256: str
    level: Literal["institution", "person"]
    person: Any
    who: Any
    authority: Any
    purpose: Any
    accepted_ms: int


def shows_acceptance(tokens: Iterable[str], *, model: str, terms_sha256: str) -> bool:
    """Whether one of them says that the institution accepted this text for this model. Which key signed it
    the box vouches for, by the message that they came in.
    """
    return any(_is_it(token, model, terms_sha256) for token in tokens)


def _is_it(token: str, model: str, terms_sha256: str) -> bool:
    try:
        shown = verify(token, KIND, signer_of(token), AcceptanceShown)
    except IntegrityFailed:
        return False
    return (shown.model, shown.text_sha256, shown.level) == (model, terms_sha256, "institution")
