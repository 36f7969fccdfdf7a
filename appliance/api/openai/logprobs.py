"""Log-probabilities in the shape of chat completions and responses."""

from collections.abc import Iterable

import msgspec

from appliance.domain.generation import Alternative, TokenLogprob

LEAST_LOGPROB = -9999.0
"""Told for a token that cannot be: JSON has no infinity, and clients know this number from OpenAI."""


class TopBody(msgspec.Struct, frozen=True):
    """One of the most probable tokens of a place."""

    token: str
    logprob: float
    bytes: list[int]


class LogprobBody(msgspec.Struct, frozen=True):
    """A token of the answer. ``token`` is its text, with U+FFFD where it is a part of a character; ``bytes``
    are exact.
    """

    token: str
    logprob: float
    bytes: list[int]
    top_logprobs: list[TopBody]


def logprob_bodies(tokens: Iterable[TokenLogprob]) -> list[LogprobBody]:
    """The wire shape of ``tokens``."""
    return [
        LogprobBody(
            piece_text(one.piece), finite(one.logprob), list(one.piece), [_top(other) for other in one.top]
        )
        for one in tokens
    ]


def piece_text(piece: bytes) -> str:
    """The text of a token, U+FFFD where its bytes are a part of a character."""
    return piece.decode("utf-8", "replace")


def finite(logprob: float | None) -> float:
    """A number that JSON can hold."""
    return LEAST_LOGPROB if logprob is None else max(logprob, LEAST_LOGPROB)


def _top(one: Alternative) -> TopBody:
    return TopBody(piece_text(one.piece), finite(one.logprob), list(one.piece))
