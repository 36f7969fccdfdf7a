"""What actions on agreements, applications, grants and early access answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class AgreementLine(Result, frozen=True):
    """One version of a text. ``state`` is ``asks`` (the newest), ``counts`` (an older one whose signatures
    still count) or ``over``. ``origin`` is ``release`` or ``lab``.
    """

    kind: str
    text_sha256: str
    published_ms: int
    asks_from_ms: int
    origin: str
    state: str
    signatures: int


class AgreementList(Result, frozen=True):
    """``not_believed`` are signatures whose record does not fit; they do not count."""

    agreements: tuple[AgreementLine, ...]
    not_believed: int


class AgreementText(Result, frozen=True):
    """The newest version. ``signed`` is whether whoever asks has signed it, ``next_step`` how they would."""

    kind: str
    text_sha256: str
    text: str
    published_ms: int
    asks_from_ms: int
    signed: bool
    next_step: str


class SignatureSummary(Result, frozen=True):
    """Somebody signed. ``person`` is empty where an operator signed for a project; with ``for_project`` it
    holds for the keys of nobody in it, and for all members of a course. ``purpose`` is what the project does.
    """

    id: str
    kind: str
    text_sha256: str
    person: str
    project: str
    for_project: bool
    who: str
    origin: str
    signed_ms: int
    purpose: str


class GrantSummary(Result, frozen=True):
    """A project may use a model, or models of a tier and below. ``state`` is ``holds`` or ``run out``.
    ``application`` is empty where there was none. ``registry`` says how it stands with the registry, where
    the model asks for that.
    """

    id: str
    model: str
    tier: str
    project: str
    granted_ms: int
    until_ms: int | None
    state: str
    conditions: str
    reason: str
    given_by: str
    application: str
    self_approved: bool
    countersigned_until_ms: int | None
    registry: str = ""


class GrantList(Result, frozen=True):
    """Grants that were not taken back."""

    grants: tuple[GrantSummary, ...]


class ApplicationSummary(Result, frozen=True):
    """An application. ``state`` is ``open``, ``approved``, ``denied`` or ``withdrawn``; ``waits_for`` says
    who has to do something now, empty once it is decided. ``waiting_s`` is how long it waits or waited.
    ``purpose`` is what the project says that it does, ``registry`` how the grant stands with the registry.
    """

    id: str
    project: str
    person: str
    model: str
    tier: str
    affiliation: str
    intended_use: str
    publications: str
    purpose: str
    agreement_sha256: str
    days: int
    state: str
    applied_ms: int
    waiting_s: int
    waits_for: str
    decided_ms: int | None
    decided_by: str
    reason: str
    conditions: str
    until_ms: int | None
    registry: str = ""


class ApplicationList(Result, frozen=True):
    """Applications."""

    applications: tuple[ApplicationSummary, ...]


class ApplicationPreview(Result, frozen=True):
    """What leaves the box for the registry: ``payload`` is the exact text that is signed, ``sha256`` that of
    its bytes. ``state`` is ``shown``, ``agreed``, ``sent``, ``yes``, ``no`` or ``refused``. ``agreed_by`` is
    empty where the applicant agreed themself.
    """

    application: str
    model: str
    message: str
    payload: str
    sha256: str
    agreed_ms: int | None
    agreed_by: str
    state: str
    next_step: str


class EarlySummary(Result, frozen=True):
    """A model in early access, for ``people`` (ids), ``most`` at most. ``state`` is ``runs`` or ``over``:
    then the model is for nobody until somebody prolongs or ends the stage.
    """

    model: str
    most: int
    until_ms: int
    people: tuple[str, ...]
    state: str


class EarlyList(Result, frozen=True):
    """Models in early access."""

    stages: tuple[EarlySummary, ...]
