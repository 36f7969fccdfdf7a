"""What a synthetic student met who asked the box as any client does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """Times in ms from asking; None for what did not come. ``problem`` says in a sentence why there is no
    whole answer; empty: there is.
    """

    first_word_ms: float | None = None
    whole_ms: float | None = None
    problem: str = ""
