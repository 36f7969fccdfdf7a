"""What is known of one request: what it used, why it was refused, what the log has of it."""

from appliance.domain.results.base import Result


class RequestUse(Result, frozen=True):
    """What it used and was charged. ``person`` and ``key`` are told to reviewers, and empty for others;
    ``outcome`` is ``held`` while it runs. ``spent_credits`` is exact, as a decimal number.
    """

    model: str
    project: str
    person: str
    key: str
    op: str
    outcome: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    started_ms: int
    ended_ms: int | None
    wall_ms: int
    gpu_ms: int
    spent_credits: str


class RequestRefusal(Result, frozen=True):
    """What its caller was told instead of an answer. ``person``, ``project`` and ``key`` are empty where
    nobody knows whose it was; ``person`` and ``key`` also for whoever is no reviewer.
    """

    status: int
    code: str
    message: str
    path: str
    at_ms: int
    project: str
    person: str
    key: str


class RequestShown(Result, frozen=True):
    """All that is known of a request's id. ``log`` holds its records, oldest first, each a JSON text."""

    id: str
    use: RequestUse | None
    refusal: RequestRefusal | None
    log: tuple[str, ...]
