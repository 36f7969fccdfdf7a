"""A policy for models that need more care than most; all others have that of ``store.policies``."""

from typing import Final

from appliance.registry.store.policies import Policy

_RESTRICTED_GRACE_DAYS: Final = 3


def restricted(model: str, terms_sha256: str = "") -> Policy:
    """30 days and 3 of grace, never a whole term, and only after an application that was countersigned."""
    return Policy(
        model,
        grace_days=_RESTRICTED_GRACE_DAYS,
        term_days=0,
        term_grace_days=0,
        needs_application=True,
        terms_sha256=terms_sha256,
    )
