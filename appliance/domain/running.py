"""How an operator wants a model to run. What is left open, the planner decides."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunWishes:
    """Remembered with the model, so that it comes back after a restart as it was asked for."""

    replicas: int | None = None
    """Copies of the model, each with its own processes."""
    seats: int | None = None
    """Requests that one replica computes at once; the recipe's number if left open."""
    context_tokens: int | None = None
    """Prompt plus answer of one request; the recipe's number if left open, and never more."""
    gpus: tuple[int, ...] | None = None
    """Only these; all that are allowed if left open."""
    deterministic: bool = False
    """The same request with the same seed gives the same tokens, alone or in a crowd; slower."""
