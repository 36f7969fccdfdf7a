"""What actions on a registry's leases, agreements and applications answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class RegistryLease(Result, frozen=True):
    """``state`` is ``valid``, ``suspended`` or ``revoked``, for ``reason``."""

    id: str
    box: str
    box_name: str
    institution: str
    model: str
    made_ms: int
    until_ms: int
    grace_until_ms: int
    term: bool
    state: str
    reason: str


class RegistryLeases(Result, frozen=True):
    """Those that have not lapsed."""

    leases: tuple[RegistryLease, ...]


class RegistryLeaseIssued(Result, frozen=True):
    """It waits for the box's next sync."""

    id: str
    box: str
    model: str
    until_ms: int
    grace_until_ms: int


class RegistryLeaseChanged(Result, frozen=True):
    """What the status list says of a box's right to a model from now on."""

    box: str
    box_name: str
    model: str
    state: str
    reason: str


class RegistryPolicy(Result, frozen=True):
    """What leases of a model are like; ``*`` is for every model without one of its own."""

    model: str
    days: int
    grace_days: int
    term_days: int
    term_grace_days: int
    needs_agreement: bool
    needs_application: bool
    terms_sha256: str
    countersigns_at_once: bool


class RegistryPolicies(Result, frozen=True):
    """Those that count."""

    policies: tuple[RegistryPolicy, ...]


class RegistryAgreement(Result, frozen=True):
    """``model`` is ``*`` for every one. ``ended_ms``: before its time."""

    id: str
    institution: str
    model: str
    from_ms: int
    until_ms: int
    ended_ms: int | None
    note: str


class RegistryAgreements(Result, frozen=True):
    """Oldest first."""

    agreements: tuple[RegistryAgreement, ...]


class RegistryApplication(Result, frozen=True):
    """What a box sent after its applicant agreed. ``state`` is ``waiting``, ``countersigned`` or ``denied``.
    ``person`` and ``project`` are ids of the box.
    """

    id: str
    box: str
    state: str
    model: str
    project: str
    person: str
    affiliation: str
    intended_use: str
    publications: str
    reviewed_by: str
    conditions: str
    agreement_sha256: str
    agreed_sha256: str
    received_ms: int
    asked_until_ms: int | None
    until_ms: int | None
    decided_ms: int | None
    decided_by: str
    reason: str


class RegistryApplications(Result, frozen=True):
    """Oldest first."""

    applications: tuple[RegistryApplication, ...]
