"""All that is known of one key, without its secret. Pure."""

from appliance.client.presenting.cells import day
from appliance.domain.results import KeySummary
from tui.deeds import Deed
from tui.parts.closeups import CloseUpKey
from tui.parts.facts import Fact
from tui.people.rows import limits_of


def key_pairs(one: KeySummary) -> list[Fact]:
    """For its dialog."""
    return [
        ("key", f"{one.id}, ends in {one.last4}"),
        ("name", one.name),
        ("state", "laid out as a canary: it never works" if one.canary else one.state),
        ("project", one.project),
        ("person", one.person or "nobody in particular"),
        ("made", f"{day(one.created_ms)} UTC"),
        ("works until", "no end" if one.expires_ms is None else f"{day(one.expires_ms)} UTC"),
        *([("revoked", f"{day(one.revoked_ms)} UTC")] if one.revoked_ms is not None else []),
        ("limits", limits_of(one)),
    ]


def key_deeds(one: KeySummary) -> list[CloseUpKey]:
    """What can be done to it."""
    if one.state == "revoked":
        return []
    limits = {
        "requests_per_minute": one.requests_per_minute,
        "tokens_per_minute": one.tokens_per_minute,
        "requests_per_day": one.requests_per_day,
        "running": one.running,
    }
    return [
        CloseUpKey("x", "revoke", Deed("key.revoke", {"id": one.id}, subject=one.id)),
        CloseUpKey("e", "limits", Deed("key.set", {"id": one.id, **limits}, form=True, subject=one.id)),
    ]
