"""One forward pass: what a scheduler asks of a runner, and what comes back. None of it leaves the process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec


@dataclass(frozen=True, slots=True)
class Scoring:
    """Log-probabilities that are wanted of known tokens: ``targets[i]`` is the token that follows the slice's
    token number ``first + i``.
    """

    first: int
    targets: Sequence[int]
    top: int = 0
    """And so many of the most probable tokens of each place."""


class Slice(msgspec.Struct, frozen=True):
    """Consecutive tokens of one sequence, fed at ``position``; ``sample`` asks for the token after the last
    one, ``top`` for its log-probability and those of so many most probable tokens; None for neither.

    No dataclass, because one is made for each sequence at each step: it takes a tenth of the time.
    """

    sequence: int
    tokens: Sequence[int]
    position: int
    sample: bool
    top: int | None = None
    scoring: Scoring | None = None


@dataclass(frozen=True, slots=True)
class Logprob:
    """A token's natural log-probability under the model's own distribution: nothing of what a sampler does is
    in it. ``top`` are the most probable tokens of the same place and theirs, the most probable first.
    """

    token: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One forward pass. At most one slice a sequence; at most ``batch_tokens`` tokens in all."""

    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class StepResult:
    """One token for each slice that asked to sample, in the plan's order, as ``(sequence, token)``.

    ``logprobs`` and ``scored`` are by sequence: of the sampled token where ``top`` was set, and of each
    target of a slice's ``scoring``.
    """

    sampled: tuple[tuple[int, int], ...]
    logprobs: Mapping[int, Logprob] = field(default_factory=dict)
    scored: Mapping[int, Sequence[Logprob]] = field(default_factory=dict)
