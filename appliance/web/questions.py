"""Questions to models as forms say them."""

import math
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.domain.generation import GenerationRequest, SamplingWishes
from appliance.domain.prompts import ChatPrompt, Message
from appliance.errors import BadRequest

MOST_COMPARED: Final = 4
ModelName = Annotated[str, Meta(min_length=1, max_length=128)]


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every question has. ``whole`` and ``blind`` are boxes to tick."""

    prompt: Annotated[str, Meta(min_length=1, max_length=100_000)]
    system: Annotated[str, Meta(max_length=20_000)] = ""
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=2**22)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] | None = None
    whole: Annotated[str, Meta(max_length=3)] = ""

    def __post_init__(self) -> None:
        """``nan`` is within no bounds and outside of none."""
        for name in ("temperature", "top_p"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"`{name}` must be a number")

    @property
    def parameters(self) -> dict[str, float | int]:
        """Those that were given, by their names of the API."""
        named = {name: getattr(self, name) for name in ("temperature", "top_p", "max_tokens", "seed")}
        return {name: value for name, value in named.items() if value is not None}


class OneQuestion(Question, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """To one model."""

    model: ModelName


class ComparedQuestion(Question, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """To several."""

    model: Annotated[tuple[ModelName, ...], Meta(max_length=MOST_COMPARED)] = ()
    blind: Annotated[str, Meta(max_length=3)] = ""


def request_for(question: Question, model: str, request_id: str) -> GenerationRequest:
    """As a conversation of one turn."""
    turns = [Message("system", question.system)] if question.system else []
    return GenerationRequest(
        id=request_id,
        model=model,
        prompt=ChatPrompt((*turns, Message("user", question.prompt))),
        sampling=SamplingWishes(temperature=question.temperature, top_p=question.top_p, seed=question.seed),
        max_tokens=question.max_tokens,
    )


def compared(question: ComparedQuestion) -> tuple[str, ...]:
    """Two models at least, each once. Raises ``BadRequest``."""
    models = tuple(dict.fromkeys(question.model))
    if len(models) < 2:
        raise BadRequest("Choose two models, or the same one in two forms.", param="model")
    return models
