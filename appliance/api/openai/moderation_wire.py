"""The shapes of ``POST /v1/moderations``, as OpenAI has them, and texts out of what is sent."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.api.openai.wire import ModelName
from appliance.errors import BadRequest
from appliance.policy.moderation import CATEGORIES, Verdict

MOST_INPUTS: Final = 128


class ModeratedPart(msgspec.Struct, frozen=True):
    """One part of what is to be looked at."""

    type: str
    text: str | None = None


class ModerationBody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole body."""

    input: str | Annotated[list[str | ModeratedPart], Meta(min_length=1, max_length=MOST_INPUTS)]
    model: ModelName | None = None


class ModerationResult(msgspec.Struct, frozen=True):
    """One text's verdict. The last two are ours: the guard's own categories, some of which have no other name
    here, and how probable it found that the text is unsafe.
    """

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]
    guard: list[str]
    guard_score: float


class ModerationAnswer(msgspec.Struct, frozen=True):
    """The whole answer."""

    id: str
    model: str
    results: list[ModerationResult]


def texts_in(body: ModerationBody, *, most_bytes: int) -> list[str]:
    """A text each result. Parts are one text together. Raises ``BadRequest``."""
    given = [body.input] if isinstance(body.input, str) else body.input
    if any(isinstance(one, ModeratedPart) for one in given):
        texts = ["\n".join(_text_of(one, place) for place, one in enumerate(given))]
    else:
        texts = [one for one in given if isinstance(one, str)]
    if sum(len(text.encode("utf-8", "replace")) for text in texts) > most_bytes:
        raise BadRequest(f"The texts are larger than {most_bytes} bytes together.", param="input")
    return texts


def result_of(verdict: Verdict) -> ModerationResult:
    """The guard tells one number for all: it is the score of the categories that it names."""
    named = frozenset(verdict.categories)
    return ModerationResult(
        flagged=verdict.flagged,
        categories={one: one in named for one in CATEGORIES},
        category_scores={one: verdict.score if one in named else 0.0 for one in CATEGORIES},
        category_applied_input_types={one: ["text"] if one in named else [] for one in CATEGORIES},
        guard=list(verdict.own),
        guard_score=verdict.score,
    )


def _text_of(part: str | ModeratedPart, place: int) -> str:
    if isinstance(part, str):
        return part
    if part.type != "text" or part.text is None:
        raise BadRequest("This box looks at texts only, not at images.", param=f"input[{place}]")
    return part.text
