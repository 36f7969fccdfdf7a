"""What a lab allows of a model beside its license: caps, rates, hours, networks, words, rights."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

Endpoint = Literal["chat", "completions", "embeddings", "scores"]
"""How a model can be asked. Every endpoint for conversations is ``chat``; a request for nothing but the
log-probabilities of a text is ``scores``."""
Right = Literal["fine_tune", "activations", "steering"]
"""What may be done with a model beside asking it."""
ScopeKind = Literal["all", "tier", "model", "project", "owner"]
Alternatives = Annotated[int, Meta(ge=0, le=1000)] | Literal["off"]
"""The most alternatives beside a token's own log-probability; ``off``: not even that."""

MOST_PROMPT_CHARACTERS: Final = 8000
_Tokens = Annotated[int, Meta(ge=1, le=100_000_000)]
_Rate = Annotated[int, Meta(ge=1, le=10**12)]


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one restriction says. What is None, empty or True is not limited by it.

    ``max_tokens`` is of each answer, ``prompt_tokens`` of a prompt or of all inputs together. Rates are each
    person's; days are those of UTC. ``denied`` are patterns that no text of a request may hold, ``hours``
    such as ``mon-fri 08:00-18:00`` in the box's time, ``networks`` such as ``10.0.0.0/8``. ``endpoints`` are
    the only ones that may be used, where any is named.
    """

    max_tokens: _Tokens | None = None
    prompt_tokens: _Tokens | None = None
    n: Annotated[int, Meta(ge=1, le=1000)] | None = None
    logprobs: Alternatives | None = None
    prompt_logprobs: Alternatives | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    requests_per_minute: _Rate | None = None
    tokens_per_minute: _Rate | None = None
    requests_per_day: _Rate | None = None
    tokens_per_day: _Rate | None = None
    system_prompt: Annotated[str, Meta(max_length=MOST_PROMPT_CHARACTERS)] = ""
    denied: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...], Meta(max_length=1000)
    ] = ()
    hours: Annotated[tuple[Annotated[str, Meta(max_length=60)], ...], Meta(max_length=32)] = ()
    networks: Annotated[tuple[Annotated[str, Meta(max_length=60)], ...], Meta(max_length=100)] = ()
    endpoints: Annotated[tuple[Endpoint, ...], Meta(max_length=4)] = ()
    tools: bool = True
    fine_tune: bool = True
    activations: bool = True
    steering: bool = True


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Scope:
    """To what a restriction applies. ``name`` is a tier, a recipe's id or a project's; empty for ``all``.
    ``owner`` is what the owner of a shared model says of it, with the name of that model.
    """

    kind: ScopeKind
    name: str = ""

    @property
    def id(self) -> str:
        """``all``, ``tier:restricted``, ``model:opt-175b``, ``project:class-a``."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    def covers(self, *, model: str, tier: str, project: str) -> bool:
        """Whether it applies to a model (a recipe's id) of this tier, asked for this project."""
        named = {"tier": tier, "model": model, "project": project, "owner": model}
        return self.kind == "all" or self.name == named[self.kind]


@dataclass(frozen=True, slots=True)
class Restriction:
    """One version of what is said about a scope. ``by`` is who said it; times in ms since 1970 UTC.

    ``removed``: this version says nothing any more.
    """

    scope: Scope
    version: int
    limits: Limits
    why: str
    by: str
    since_ms: int
    removed: bool = False

    @property
    def name(self) -> str:
        """Id and version, as refusals and the log of decisions tell it."""
        return f"{self.scope.id}@{self.version}"
