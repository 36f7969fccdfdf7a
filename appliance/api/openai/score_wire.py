"""The body of ``POST /v1/score``, and the shape of its answer."""

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.api.openai.fields import Fields
from appliance.api.openai.prompts import TokensBody
from appliance.api.openai.wire import ModelName, Usage, check_prompt_size, class_of
from appliance.domain.generation import ServiceClass
from appliance.edge.decoding import decode_checked
from appliance.errors import BadRequest

MOST_PAIRS: Final = 2048
_PROMPTS_WORTH: Final = 16
"""All pairs of a call together may be as long as so many of the longest prompts."""
_BYTES_A_TOKEN: Final = 4

TextBody = str | TokensBody
Text = str | tuple[int, ...]


class ScoreItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is before, and what may follow. All of one item are texts, or all are token ids."""

    context: TextBody
    continuations: Annotated[list[TextBody], Meta(min_length=1, max_length=64)]


class ScoreBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole body. ``details`` asks for the log-probability of each token."""

    model: ModelName
    items: Annotated[list[ScoreItem], Meta(min_length=1, max_length=256)]
    details: bool | None = None
    service_tier: str | None = None


class ScoredToken(msgspec.Struct, frozen=True):
    """One token of a continuation. ``text`` has U+FFFD where the token is a part of a character."""

    id: int
    text: str
    logprob: float


class Score(msgspec.Struct, frozen=True, omit_defaults=True):
    """How probable a continuation is after its context.

    ``logprob`` is the natural logarithm, the sum over ``tokens`` tokens; ``is_greedy``: each of them is the
    most probable one of its place.
    """

    logprob: float
    tokens: int
    is_greedy: bool
    details: list[ScoredToken] | None = None


class ScoredItem(msgspec.Struct, frozen=True):
    """The scores of an item's continuations, in their order."""

    continuations: list[Score]


class ScoreAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer, in the order of the request. ``created`` is in seconds since 1970 UTC."""

    id: str
    object: str = "score"
    created: int
    model: str
    system_fingerprint: str
    service_tier: str
    items: list[ScoredItem]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Pair:
    """One continuation to score; ``item`` and ``continuation`` are its place in the request."""

    item: int
    continuation: int
    before: Text
    after: Text

    @property
    def name(self) -> str:
        """Of the field that it came from."""
        return f"items[{self.item}].continuations[{self.continuation}]"


@dataclass(frozen=True, slots=True)
class ScoreAsked:
    """What was understood of a request."""

    model: str
    pairs: tuple[Pair, ...]
    details: bool
    service_class: ServiceClass
    ignored: tuple[str, ...]


_FIELDS: Final = Fields(known=frozenset(ScoreBody.__struct_fields__), not_yet={})


def read_score(body: bytes, *, most_prompt_bytes: int) -> ScoreAsked:
    """Understand a body. Raises ``BadRequest`` naming the field at fault."""
    ignored = _FIELDS.ignored_in(body)
    asked = decode_checked(body, ScoreBody)
    pairs = tuple(
        Pair(number, place, _text(item.context), _text(continuation))
        for number, item in enumerate(asked.items)
        for place, continuation in enumerate(item.continuations)
    )
    if len(pairs) > MOST_PAIRS:
        raise BadRequest(
            f"The items have {len(pairs)} continuations; send at most {MOST_PAIRS} at once.", param="items"
        )
    for pair in pairs:
        _check(pair, most_prompt_bytes)
    all_bytes = sum(_size(pair.before) + _size(pair.after) for pair in pairs)
    check_prompt_size(all_bytes, most_prompt_bytes * _PROMPTS_WORTH, "items")
    return ScoreAsked(asked.model, pairs, bool(asked.details), class_of(asked.service_tier), ignored)


def _check(pair: Pair, most_prompt_bytes: int) -> None:
    if not pair.after:
        raise BadRequest(f"`{pair.name}` must not be empty.", param=pair.name)
    if isinstance(pair.before, str) is not isinstance(pair.after, str):
        raise BadRequest(
            f"`{pair.name}` and its context must both be texts, or both be lists of token ids.",
            param=pair.name,
        )
    check_prompt_size(_size(pair.before) + _size(pair.after), most_prompt_bytes, pair.name)


def _text(body: TextBody) -> Text:
    return body if isinstance(body, str) else tuple(body)


def _size(text: Text) -> int:
    return len(text.encode()) if isinstance(text, str) else _BYTES_A_TOKEN * len(text)
