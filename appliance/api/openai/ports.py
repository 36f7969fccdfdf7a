"""What the OpenAI routes need from the box."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from appliance.domain.generation import Accepted, AnyRequest, GenerationEvent
from appliance.domain.model import ModelCard
from appliance.domain.people import Caller
from appliance.domain.prompts import Prompt
from appliance.domain.tokenization import Tokenized


class GenerationRun(Protocol):
    """One accepted request. Its events end with ``Settled``, or a ``CarrelError`` is raised instead."""

    @property
    def accepted(self) -> Accepted:
        """What was known when it was accepted."""
        ...

    def __aiter__(self) -> AsyncIterator[GenerationEvent]: ...

    async def aclose(self) -> None:
        """Nobody reads on: end it if it still runs. It settles by itself. Safe at any time, and twice."""
        ...


class Generations(Protocol):
    """The box's ability to answer prompts."""

    async def start(self, caller: Caller, request: AnyRequest) -> GenerationRun:
        """Decide, prepare, reserve, queue. Raises any ``CarrelError``; cancelled, it leaves nothing."""
        ...


class Tokenizing(Protocol):
    """The box's ability to say what the tokens of a prompt are. Nothing is charged for it."""

    async def tokenize(self, caller: Caller, model: str, prompt: Prompt) -> Tokenized:
        """Exactly what the model would be given. Raises any ``CarrelError``; cancelled, it leaves nothing."""
        ...

    async def detokenize(self, caller: Caller, model: str, tokens: Sequence[int]) -> str:
        """The text of tokens. Raises any ``CarrelError``."""
        ...


class ModelDirectory(Protocol):
    """The models that a caller may use now."""

    def cards(self, caller: Caller) -> Sequence[ModelCard]:
        """One card a model, in the order to list them."""
        ...
