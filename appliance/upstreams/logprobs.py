"""A host's log-probabilities as an engine tells them. It names no tokens by number: all have number 0."""

from collections.abc import Iterator, Mapping
from itertools import repeat

from appliance.engines.base import ToldToken, TopToken
from appliance.upstreams.answer_shapes import Logprob, Logprobs, Top

_UNKNOWN = 0


def told(logprobs: Logprobs | None) -> tuple[ToldToken, ...]:
    """Of chats and of completions."""
    if logprobs is None:
        return ()
    if logprobs.content is not None:
        return tuple(
            ToldToken(_UNKNOWN, _piece(one), one.logprob, tuple(map(_top, one.top_logprobs)))
            for one in logprobs.content
        )
    return tuple(_of_lists(logprobs))


def _of_lists(logprobs: Logprobs) -> Iterator[ToldToken]:
    tokens = logprobs.tokens or ()
    numbers = logprobs.token_logprobs or repeat(None, len(tokens))
    tops = logprobs.top_logprobs or repeat(None, len(tokens))
    for token, number, top in zip(tokens, numbers, tops, strict=False):
        yield ToldToken(_UNKNOWN, token.encode(), number, tuple(_tops(top or {})))


def _tops(top: Mapping[str, Logprob]) -> Iterator[TopToken]:
    return (TopToken(_UNKNOWN, text.encode(), number) for text, number in top.items() if number is not None)


def _top(one: Top) -> TopToken:
    return TopToken(_UNKNOWN, _piece(one), -9999.0 if one.logprob is None else one.logprob)


def _piece(one: Top) -> bytes:
    return one.token.encode() if one.bytes is None else bytes(one.bytes)
