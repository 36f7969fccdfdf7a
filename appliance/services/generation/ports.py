"""What the life of a request needs from others."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.domain.batches import LineAnswer
from appliance.domain.generation import AnyRequest
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller, Project
from appliance.domain.prompts import AnswerFormat, PreparedPrompt, Prompt
from appliance.domain.recipe import SamplingDefaults
from appliance.domain.shapes import ModelShapes
from appliance.domain.upstream import Upstream
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.engines.base import Event, Free, Work
from appliance.services.admission.admission import Admitted


class PromptPreparer(Protocol):
    """Turns a prompt into exact tokens, in a process of its own."""

    async def prepare(self, prompt: Prompt, answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        """Raises ``PreparationFailed`` (over its deadline or memory, or a template that refuses),
        ``BadRequest`` (a schema that cannot be kept to, a token that the model does not have), ``NotReady``.
        """
        ...

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of tokens. Raises as ``prepare`` does."""
        ...


class EventStream(Protocol):
    """The events of one piece of work; ends after its last ``Finished`` or its ``Failed``."""

    def __aiter__(self) -> AsyncIterator[Event]: ...

    def cancel(self) -> None:
        """End the work; its choices still finish, as ``cancelled``. Safe to call twice."""
        ...


class TokenSource(Protocol):
    """Where tokens come from: a replica on this box, or a model hosted elsewhere."""

    @property
    def free(self) -> Free:
        """What it can take on now: nothing while it is not ready."""
        ...

    @property
    def incarnation(self) -> int:
        """Another number whenever what it held in its KV cache is gone."""
        ...

    def open(self, work: Work) -> EventStream:
        """Dispatch. The caller has checked ``free``; a source that died meanwhile answers with ``Failed``."""
        ...


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that takes requests now."""

    identity: ModelIdentity
    shapes: ModelShapes
    context_tokens: int
    capacity: Free
    """What an idle source of it can take: bounds what may ever be asked."""
    chats: bool
    defaults: SamplingDefaults
    preparer: PromptPreparer
    sources: Sequence[TokenSource]
    embedding_size: int = 0
    """Numbers in a vector; 0 where the model generates."""
    thinking: tuple[str, str] | None = None
    """What the model writes before and after its thoughts, where its recipe says so."""
    remote: Upstream | None = None
    """Set: it is hosted elsewhere, and prompts leave this box."""

    @property
    def embeds(self) -> bool:
        """True where it makes vectors and does not generate."""
        return self.embedding_size > 0


class ServedModels(Protocol):
    """The models that run."""

    def served(self, model: str) -> ServedModel:
        """Raises ``ModelNotFound``, ``ModelNotRunning``."""
        ...


class Admission(Protocol):
    """Whose requests a model may answer, and in which form. Asked at every request, so it must not wait."""

    def admit(self, caller: Caller, request: AnyRequest) -> Admitted:
        """The request as it may be computed.

        Raises ``ModelNotFound``, ``NotLicensed``, ``NotPermitted``, ``RateLimited``, ``BadRequest``.
        """
        ...

    def check(self, caller: Caller, model: str) -> None:
        """Only whether this caller may ask this model now, by its name or alias. Raises as ``admit``."""
        ...

    def rename(self, caller: Caller, model: str) -> str:
        """The model's name to everybody, where the caller has one of their own for it; else the same."""
        ...


class Projects(Protocol):
    """What a project's members are granted, known without a query."""

    def project(self, project_id: str) -> Project:
        """Its weight and whether it shares prefixes; defaults for one that is not known."""
        ...


class Ledger(Protocol):
    """Holds and settlements. Every method returns after its commit is on the disk."""

    async def reserve(self, hold: Hold) -> None:
        """Hold the most a request can cost, in one atomic statement.

        Raises ``BudgetExhausted``, ``StorageUnavailable``.
        """
        ...

    async def mark(self, marks: Sequence[ProgressMark]) -> None:
        """Note progress of running requests."""
        ...

    async def settle(
        self, request_id: str, outcome: Outcome, meters: Meters, kept: LineAnswer | None = None
    ) -> None:
        """Charge what was used and release the rest; in the same commit, store ``kept``. Settling twice
        charges once.
        """
        ...

    async def release(self, request_id: str) -> None:
        """Give back a resumable hold as if it had never been. What is not held stays as it is."""
        ...
