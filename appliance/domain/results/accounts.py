"""What actions on projects, keys, budgets and usage answer."""

from typing import Annotated

from msgspec import Meta

from appliance.domain.results.base import Result

Micro = Annotated[int, Meta(ge=0)]


class UsageLine(Result, frozen=True):
    """Sums over requests of one group."""

    group: str
    requests: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    gpu_ms: int
    wall_ms: int
    gflop: int


class UsageReport(Result, frozen=True):
    """What was used since ``since_ms`` (ms since 1970 UTC)."""

    by: str
    since_ms: int
    lines: tuple[UsageLine, ...]


class ProjectSummary(Result, frozen=True):
    """One project. ``weight`` is its share of busy models relative to the others'."""

    id: str
    name: str
    created_ms: int
    weight: int
    shares_prefixes: bool


class ProjectList(Result, frozen=True):
    """Projects."""

    projects: tuple[ProjectSummary, ...]


class KeyIssued(Result, frozen=True):
    """A new key, the only time its secret is shown."""

    key: str
    id: str
    name: str
    project: str
    expires_ms: int | None


class KeySummary(Result, frozen=True):
    """A key without its secret. ``state`` is ``active``, ``expired`` or ``revoked``."""

    id: str
    name: str
    last4: str
    project: str
    person: str
    state: str
    created_ms: int
    expires_ms: int | None
    revoked_ms: int | None


class KeyList(Result, frozen=True):
    """Keys."""

    keys: tuple[KeySummary, ...]


class BudgetState(Result, frozen=True):
    """A project's account in micro-credits; ``limit_micro`` None is without limit."""

    project: str
    limit_micro: Micro | None
    spent_micro: Micro
    held_micro: Micro
