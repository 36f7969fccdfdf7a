"""What actions on spot checks answer. Times in ms since 1970 UTC."""

from appliance.domain.results.base import Result


class SampleRate(Result, frozen=True):
    """The part of requests to models of a tier that are samples, such as ``1/200``; ``0`` is none."""

    tier: str
    rate: str
    since_ms: int


class SampleRefusals(Result, frozen=True):
    """How many of a project refuse to be sampled. Who, nobody is told."""

    project: str
    people: int


class SampleLine(Result, frozen=True):
    """One spot check: a request as the ledger has it, beside the purpose that its project declared.

    ``person`` is what the ledger knows somebody by. ``content`` says whether prompt and answer are there
    beside it, sealed: ``sealed``, or why not. ``verdict`` is ``fits``, ``unclear``, ``does-not-fit``, or None
    where nobody has decided.
    """

    id: str
    request_id: str
    person: str
    project: str
    purpose: str
    model: str
    tier: str
    kind: str
    prompt_tokens: int
    completion_tokens: int
    outcome: str
    started_ms: int
    ended_ms: int | None
    content: str
    verdict: str | None = None
    reason: str = ""
    decided_by: str = ""
    decided_ms: int | None = None
    incident: str | None = None
    """What a verdict has just led to."""


class SampleList(Result, frozen=True):
    """Spot checks, the newest first."""

    samples: tuple[SampleLine, ...]
    rates: tuple[SampleRate, ...]
    refusals: tuple[SampleRefusals, ...]


class SeedLine(Result, frozen=True):
    """What decides on the samples of one UTC day: its hash ahead, itself (hex) once it is revealed."""

    day: str
    sha256: str
    seed: str | None


class SeedList(Result, frozen=True):
    """Seeds, the last day first."""

    seeds: tuple[SeedLine, ...]


class SampleProof(Result, frozen=True):
    """The samples of one day against the rule. ``missing`` are requests that should have been taken and were
    not, ``extra`` those that were and should not have been; the first hundred of each.
    """

    day: str
    ok: bool
    sha256: str
    seed: str | None
    requests: int
    samples: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]


class SampleChoice(Result, frozen=True):
    """What somebody said about being sampled, and who could read what they agree to show."""

    person: str
    sampled: bool
    content: bool
    since_ms: int
    readers: tuple[str, ...]
    says: str


class ReviewerKeyLine(Result, frozen=True):
    """A key that content is sealed to. ``state`` is ``active`` or ``ended``."""

    id: str
    label: str
    added_by: str
    added_ms: int
    state: str


class ReviewerKeyList(Result, frozen=True):
    """Keys of reviewers."""

    keys: tuple[ReviewerKeyLine, ...]


class KeyPairWritten(Result, frozen=True):
    """A new pair of keys: two files, and what to do with the public one."""

    id: str
    private: str
    public: str
    next_step: str


class SealedText(Result, frozen=True):
    """Content for one key (JWE)."""

    key: str
    jwe: str


class SealedContent(Result, frozen=True):
    """What is sealed of a sample or of a report, once for each key."""

    id: str
    sealed: tuple[SealedText, ...]


class OpenedContent(Result, frozen=True):
    """What was sealed, opened in the reviewer's own process. ``cut``: there was more of it."""

    id: str
    prompt: tuple[str, ...]
    answers: tuple[str, ...]
    cut: bool
