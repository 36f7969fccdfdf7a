"""What actions on flaw reports answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class ReportLine(Result, frozen=True):
    """One case. ``state`` is ``open``, ``accepted``, ``duplicate``, ``not-reproducible`` or ``declined``.

    Numbers of how the answer was drawn are None where the model's defaults counted. ``prompt`` says whether
    the reporter shared it: ``sealed`` or ``not kept``. ``micro`` is what an accepted one pays, in
    micro-credits, ``paid`` whether the project has it.
    """

    id: str
    state: str
    severity: str
    category: str
    description: str
    model: str
    recipe_revision: int
    file_sha256: str
    prompt_sha256: str
    seed: int
    temperature: str | None
    top_p: str | None
    top_k: int | None
    max_tokens: int | None
    seen: int
    prompt: str
    person: str
    project: str
    made_ms: int
    reason: str
    micro: int
    paid: bool
    decided_by: str
    decided_ms: int | None
    origin: str = ""
    """Which box it came from, and of which institution; empty: it is of this box."""
    owner: str = ""
    """How far it got to the owner of the model: ``wanted``, ``consented``, ``sent`` or ``answered``; empty:
    nobody wants that."""
    owner_verdict: str = ""
    owner_reason: str = ""
    consented_by: str = ""


class ReportPreview(Result, frozen=True):
    """The very bytes that would go to ``organization`` (as text), and their SHA-256. ``sealed``: only its box
    can read them; else the registry that carries them can too. ``beside`` is what goes with them.
    """

    id: str
    organization: str
    sealed: bool
    beside: tuple[str, ...]
    content: str
    size_bytes: int
    sha256: str
    consented: bool


class ReportList(Result, frozen=True):
    """Reports, the newest first."""

    reports: tuple[ReportLine, ...]


class ReportSeenAgain(Result, frozen=True):
    """What the model answers now. ``same_model``: the very bytes that were reported. Nothing of it is kept.

    ``reason`` is why the answer ended: ``stop`` or ``length``.
    """

    id: str
    model: str
    same_model: bool
    fingerprint: str
    seed: int
    tokens: int
    reason: str
    answer: str
