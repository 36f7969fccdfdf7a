"""Under which terms a model is used: its license, who accepted it, its lease."""

from dataclasses import dataclass
from typing import Final, Literal

AcceptanceLevel = Literal["none", "institution", "person"]
"""By whom the text has to be accepted: by nobody, once for the box by someone with authority, or besides by
every person who uses the model.
"""
Redistribution = Literal["yes", "same-terms", "no"]
LeaseState = Literal["valid", "grace", "clock-suspect", "suspended", "lapsed", "revoked"]
Misfit = Literal["", "files", "text", "scope", "purpose"]
"""Why a lease of a model does not cover what is about to be done: it names other files or another license
text, or allows another use.
"""
LeaseScope = Literal["", "serve", "embed"]


@dataclass(frozen=True, slots=True)
class LicenseTerms:
    """The terms of one model, as its recipe states them; the text itself is told by its hash.

    ``expression`` is an SPDX expression or a ``LicenseRef-…``. Uses are sentences for people.
    """

    expression: str
    title: str = ""
    text_sha256: str = ""
    """Of the license's text, which is what is accepted; empty where it is not known and nothing has to be."""
    acceptance: AcceptanceLevel = "none"
    uses_allowed: tuple[str, ...] = ()
    uses_denied: tuple[str, ...] = ()
    redistribution: Redistribution = "yes"
    """Whether copies of the weights may be given to others."""
    derivatives: Redistribution = "yes"
    attribution: str = ""
    output_terms: str = ""
    """What the license says of what the model writes."""
    lease: bool = False
    """Served only with a lease of the registry."""
    on_lapse: Literal["finish", "stop"] = "finish"
    """What a lapsed lease does to requests that run."""
    on_revocation: Literal["quarantine", "delete"] = "quarantine"
    """What becomes of the files when the permission is taken back."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Someone accepted a text for a model. Times in ms since 1970 UTC.

    ``person`` is the one it holds for; empty: the institution, and with it the box. ``who`` acts with
    ``authority`` (a role), for ``purpose``. ``record`` is the act as the box's key signed it (JWS).
    """

    id: str
    model: str
    """Id of the recipe, without a form."""
    text_sha256: str
    person: str
    who: str
    authority: str
    purpose: str
    accepted_ms: int
    record: str
    withdrawn_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LeaseNeed:
    """What a lease has to cover; what is empty is not asked. ``file`` is the hash of a form, ``purpose`` what
    a project is for.
    """

    file: str = ""
    text_sha256: str = ""
    scope: LeaseScope = ""
    purpose: str = ""


ANY_NEED: Final = LeaseNeed()


@dataclass(frozen=True, slots=True)
class Lease:
    """The registry's permission to serve a model, as it stands now.

    ``misfit``: it does not cover what was asked, and none does. ``stale``: it is in its days of grace because
    its registry was not heard for too long, or says nothing of it, and not because it has run out.
    """

    model: str
    state: LeaseState
    until_ms: int
    misfit: Misfit = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the rule looks at beside the terms, of one model and, for a request, of one caller.

    ``institution`` and ``personal`` are acceptances that were not withdrawn, whatever text they are of.
    """

    institution: tuple[Acceptance, ...] = ()
    personal: tuple[Acceptance, ...] = ()
    lease: Lease | None = None
