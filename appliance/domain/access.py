"""Who may use which model: agreements and who signed them, applications, grants, early groups."""

from dataclasses import dataclass
from typing import Final, Literal

from appliance.domain.countersigning import AskedOfRegistry, RegistryPresence
from appliance.domain.people import Part, Project

TIERS: Final = ("open", "registered", "approved", "restricted")
"""Of recipes, each with what the one before it asks. ``open`` asks nothing, ``registered`` a signature and a
purpose, ``approved`` a grant, ``restricted`` also that the registry countersigned it.
"""

AgreementKind = Literal["conduct", "access"]
"""The code of conduct of everybody, or what somebody who applies for a model agrees to."""
ApplicationState = Literal["open", "approved", "denied", "withdrawn"]

Rule = Literal["", "early", "agreement", "purpose", "grant", "countersignature"]
WaitsFor = Literal["", "you", "applicant", "lead", "reviewer", "operator", "registry"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of a text. Times in ms since 1970 UTC.

    Until ``asks_from_ms`` whoever signed the version before it need not sign again. ``origin`` is ``release``
    for what came with Carrel, ``lab`` for what was published on the box.
    """

    kind: AgreementKind
    text_sha256: str
    text: str
    published_ms: int
    asks_from_ms: int
    origin: Literal["release", "lab"]


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody signed a text. ``person`` is who it holds for; empty: the whole project, for which an operator
    signed, or with ``for_project`` a lead. ``record`` is the act as the box's key signed it (JWS).
    """

    id: str
    kind: AgreementKind
    text_sha256: str
    person: str
    project: str
    for_project: bool
    who: str
    origin: str
    signed_ms: int
    record: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A project may use a model, or all models up to a tier, until a time. ``until_ms`` None: until it is
    taken back. Exactly one of ``model`` and ``tier`` is not empty.
    """

    model: str
    project_id: str
    until_ms: int | None
    granted_ms: int = 0
    tier: str = ""
    id: str = ""
    conditions: str = ""
    reason: str = ""
    given_by: str = ""
    application: str = ""
    """The application that it answers; empty: it was given without one."""
    self_approved: bool = False
    """Whoever gave it is the only one who has it."""


@dataclass(frozen=True, slots=True)
class Application:
    """Somebody asks for a model, or for a tier, for their project. Exactly one of both is not empty.

    What was asked stands in the fields of the form that OPT-175B was given out with; ``days`` is 0 where no
    time was asked for. What follows ``decided_ms`` is the decision.
    """

    id: str
    project_id: str
    person_id: str
    model: str
    tier: str
    affiliation: str
    intended_use: str
    publications: str
    agreement_sha256: str
    applied_ms: int
    days: int = 0
    state: ApplicationState = "open"
    decided_ms: int | None = None
    decided_by: str = ""
    reason: str = ""
    conditions: str = ""
    until_ms: int | None = None

    @property
    def what(self) -> str:
        """The model, or the tier."""
        return self.model or f"tier {self.tier}"


@dataclass(frozen=True, slots=True)
class Countersignature:
    """The registry says yes to one grant for one model."""

    grant: str
    model: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class EarlyStage:
    """A model is for a named group of at most ``most`` people, until a time; then for nobody, until somebody
    ends or prolongs the stage.
    """

    model: str
    most: int
    until_ms: int
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Whom a decision is about. ``person`` is empty where the key is of nobody in particular."""

    person: str
    project: Project
    part: Part | None
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """All that the rule looks at beside who asks; of one model and one project.

    ``conduct`` and ``agreement`` are the hashes of the texts that would be signed now, ``accepted`` those of
    the codes of conduct whose signatures still count; from ``asks_from_ms`` on only the newest does.
    ``signatures`` are the person's own and the project's.
    ``grants`` and ``countersigned`` are those for this model; ``application`` is one that waits.
    ``registry`` is who could countersign, ``asked`` what was asked of it last.
    """

    conduct: str = ""
    agreement: str = ""
    accepted: frozenset[str] = frozenset()
    asks_from_ms: int = 0
    signatures: tuple[Signature, ...] = ()
    grants: tuple[Grant, ...] = ()
    countersigned: tuple[Countersignature, ...] = ()
    application: Application | None = None
    early: EarlyStage | None = None
    registry: RegistryPresence = "by hand"
    asked: AskedOfRegistry | None = None


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """``lacks`` is the first rule that stands against it, ``waits_for`` who can change that, ``message`` what
    they do. ``own_act`` is true where acts of the caller alone are all that is missing.
    """

    lacks: Rule = ""
    waits_for: WaitsFor = ""
    message: str = ""
    own_act: bool = False
    grant: Grant | None = None
    """By which it is allowed, where a grant is needed."""
    notices: tuple[str, ...] = ()
    """What the caller should know although it is allowed."""

    @property
    def allowed(self) -> bool:
        """Nothing is missing."""
        return not self.lacks


@dataclass(frozen=True, slots=True)
class OwnAccess:
    """How somebody stands with one model."""

    model: str
    tier: str
    decision: AccessDecision
