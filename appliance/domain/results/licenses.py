"""What actions on licenses and access answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class AcceptanceSummary(Result, frozen=True):
    """Someone accepted a text. ``person`` is empty for the institution. ``state`` is ``holds``,
    ``withdrawn``, ``another text`` (the license has changed since) or ``not believed`` (what is stored is not
    what the box's key signed).
    """

    id: str
    model: str
    person: str
    who: str
    authority: str
    purpose: str
    text_sha256: str
    accepted_ms: int
    withdrawn_ms: int | None
    state: str


class ModelTerms(Result, frozen=True):
    """Under which terms a model is used, and how this box stands with them.

    ``acceptance`` is by whom the text has to be accepted: ``none``, ``institution`` or ``person``.
    ``redistribution`` and ``derivatives`` are ``yes``, ``same-terms`` or ``no``. ``lacks`` is the first thing
    without which the model is not loaded (``acceptance``, ``grant``, ``lease``), ``next_step`` what to do
    about it; None: nothing is missing.
    """

    model: str
    expression: str
    title: str
    tier: str
    text_sha256: str
    acceptance: str
    uses_allowed: tuple[str, ...]
    uses_denied: tuple[str, ...]
    redistribution: str
    derivatives: str
    attribution: str
    output_terms: str
    needs_grant: bool
    needs_lease: bool
    on_lapse: str
    on_revocation: str
    accepted: AcceptanceSummary | None = None
    """By the institution, where that holds."""
    grants: int = 0
    """Projects that have a grant now."""
    lease_state: str | None = None
    lease_until_ms: int | None = None
    lacks: str | None = None
    next_step: str | None = None


class LicenseDetail(Result, frozen=True):
    """One model's license: terms, who accepted it, and the text where it was asked for. ``note`` says what an
    act has led to. ``terms`` is None for a model that has left the catalog.
    """

    terms: ModelTerms | None
    acceptances: tuple[AcceptanceSummary, ...]
    text: str | None = None
    note: str | None = None


class LicenseLine(Result, frozen=True):
    """One model that wants something. ``people`` is how many have accepted its license for themselves."""

    model: str
    expression: str
    tier: str
    acceptance: str
    needs_lease: bool
    people: int
    lacks: str | None
    next_step: str | None


class LicenseList(Result, frozen=True):
    """Models that want an acceptance, a grant or a lease. ``not_believed`` are acceptances whose record does
    not fit; they do not count.
    """

    models: tuple[LicenseLine, ...]
    not_believed: int


class LeaseSummary(Result, frozen=True):
    """A registry lets this box serve a model. ``state`` is ``not yet``, ``valid``, ``grace`` (what is here is
    still served), ``clock-suspect`` (the same, because this machine's clock cannot be right), ``lapsed``,
    ``suspended`` or ``revoked``. ``registry`` is the id of the key that signed it. ``note`` says more of the
    state where there is more. ``files`` are hashes of the forms that it is for; none: all.
    """

    id: str
    model: str
    registry: str
    from_ms: int
    until_ms: int
    grace_until_ms: int
    state: str
    note: str = ""
    term: bool = False
    files: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


class LeaseRequestSummary(Result, frozen=True):
    """What was asked of the registry about a model. ``wished_ms`` is when an operator wanted a lease, until
    ``until_ms``; 0: nobody did, and no day. ``denied`` is why the registry said no to the last request.
    """

    model: str
    wished_ms: int
    until_ms: int
    project: str
    asked_ms: int
    denied: str
    denied_ms: int


class LeaseList(Result, frozen=True):
    """``box`` is what registries know this box by; ``registries`` are the keys that it believes.
    ``not_believed`` are stored leases that none of them has signed. ``clock`` is what is wrong with this
    machine's clock, by which leases are judged.
    """

    box: str
    registries: tuple[str, ...]
    leases: tuple[LeaseSummary, ...]
    not_believed: int
    requests: tuple[LeaseRequestSummary, ...] = ()
    clock: str = ""
