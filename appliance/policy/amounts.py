"""Amounts in words that people have a feeling for: questions, tokens and GPU hours of one model. Pure.

A credit is arithmetic. How much of it a question takes follows from what a model's requests took so far, or
from its sizes and a question of usual length; which of the two is always told.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from appliance.errors import BadRequest

USUAL_PROMPT_TOKENS: Final = 500
USUAL_ANSWER_TOKENS: Final = 250
"""A question where nothing was asked yet."""
_MS_PER_HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Reference:
    """Requests of one model, and what they took together. ``basis`` says which requests these are."""

    model: str
    requests: int
    tokens: int
    micro: int
    gpu_ms: int
    basis: str


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in micro-credits, and the sentence that says how it came about."""

    micro: int
    how: str


def of_requests(requests: int, reference: Reference) -> Converted:
    """So many questions. Rounded up, as everything that is held is."""
    return _converted(f"{requests} requests", requests * reference.micro, reference.requests, reference)


def of_tokens(tokens: int, reference: Reference) -> Converted:
    """So many tokens of prompts and answers, in the proportion of the reference."""
    return _converted(f"{tokens} tokens", tokens * reference.micro, reference.tokens, reference)


def of_gpu_hours(hours: Decimal, reference: Reference) -> Converted:
    """So long on one GPU. Raises ``BadRequest`` where nobody knows yet how long requests take."""
    if not reference.gpu_ms:
        raise BadRequest(
            f"Nothing of {reference.model} was computed yet, so nobody knows what it does in a GPU hour. "
            "Say `--credits`, `--tokens` or `--requests`, or another model with `--of`.",
            param="gpu_hours",
        )
    part = int(hours * _MS_PER_HOUR) * reference.micro
    return _converted(f"{hours} GPU hours", part, reference.gpu_ms, reference)


def questions(micro: int, reference: Reference) -> int:
    """How many are left for that, rounded down."""
    return micro * reference.requests // reference.micro


def tokens(micro: int, reference: Reference) -> int:
    """How many are left for that, rounded down."""
    return micro * reference.tokens // reference.micro


def gpu_hours(micro: int, reference: Reference) -> str | None:
    """How long that lasts on one GPU, with two decimals; None where nobody knows."""
    if not reference.gpu_ms:
        return None
    hundredths = micro * reference.gpu_ms * 100 // (reference.micro * _MS_PER_HOUR)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _converted(amount: str, part: int, whole: int, reference: Reference) -> Converted:
    return Converted(-(-part // whole), f"{amount} of {reference.model}, counted from {reference.basis}")
