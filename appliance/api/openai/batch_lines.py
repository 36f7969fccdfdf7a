"""The endpoints as a batch asks them: the same readers and the same answers as over HTTP.

A run's events are all at hand by the time an answer is written, so that writing it waits for nothing: the
answer can be made in the moment of its settlement.
"""

from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from appliance.api.dialogue.answering import Asked, DialogueAnswer
from appliance.api.openai.chat_wire import read_chat
from appliance.api.openai.completing import begin_completion
from appliance.api.openai.completion_wire import read_completion
from appliance.api.openai.embedding_wire import read_embedding
from appliance.api.openai.embeddings import whole_embedding
from appliance.api.openai.responses.reading import read_response
from appliance.domain.generation import Accepted, AnyRequest, GenerationEvent, ServiceClass
from appliance.domain.people import Caller
from appliance.domain.prompts import Prompt, TokenPrompt
from appliance.domain.tokenization import Tokenized
from appliance.edge.errors import error_json
from appliance.errors import BadRequest, CarrelError
from appliance.services.batches import UnderstoodLine

MOST_INPUTS: Final = 64
"""Of one line: their vectors are written in one go, which nothing else on the box may wait for."""
_NOBODY: Final = Caller("", "", "")

T = TypeVar("T")
ReadDialogue = Callable[..., Asked]


class BatchEndpoints:
    """Keeps the ``Endpoints`` port of ``services.batches``."""

    def __init__(self, most_prompt_bytes: int) -> None:
        self._most_prompt_bytes = most_prompt_bytes
        self._readers: Mapping[str, Callable[[bytes, str], UnderstoodLine]] = {
            "/v1/chat/completions": lambda body, name: self._dialogue(read_chat, body, name),
            "/v1/completions": self._completion,
            "/v1/embeddings": self._embedding,
            "/v1/responses": lambda body, name: self._dialogue(read_response, body, name),
        }

    @property
    def paths(self) -> Collection[str]:
        """In the order in which they are named."""
        return tuple(self._readers)

    def read(self, path: str, body: bytes, *, request_id: str) -> UnderstoodLine:
        """Understand a body. Raises ``BadRequest``."""
        return self._readers[path](body, request_id)

    def refusal(self, error: CarrelError, request_id: str) -> bytes:
        """The body that tells of an error."""
        return error_json(error, request_id)

    def _dialogue(self, read: ReadDialogue, body: bytes, request_id: str) -> UnderstoodLine:
        asked = read(body, request_id=request_id, most_prompt_bytes=self._most_prompt_bytes)
        _check_whole(stream=asked.stream)

        def whole(accepted: Accepted, events: Sequence[GenerationEvent]) -> bytes:
            return _at_once(DialogueAnswer(_ToldRun(accepted, events), asked).whole())

        return UnderstoodLine(replace(asked.request, service_class=ServiceClass.OVERNIGHT), whole)

    def _completion(self, body: bytes, request_id: str) -> UnderstoodLine:
        asked = read_completion(body, request_id=request_id, most_prompt_bytes=self._most_prompt_bytes)
        _check_whole(stream=asked.stream)
        if len(asked.prompts) > 1:
            raise BadRequest("A line of a batch has one prompt; give each its own line.", param="prompt")
        if asked.echo and asked.first.logprobs is None and isinstance(asked.prompts[0], TokenPrompt):
            raise BadRequest("In a batch, `echo` of token ids needs `logprobs`.", param="echo")

        def whole(accepted: Accepted, events: Sequence[GenerationEvent]) -> bytes:
            told = _Told(_ToldRun(accepted, events))

            async def write() -> bytes:
                return await (await begin_completion(told, told, _NOBODY, asked, request_id)).whole()

            return _at_once(write())

        return UnderstoodLine(replace(asked.first, service_class=ServiceClass.OVERNIGHT), whole)

    def _embedding(self, body: bytes, request_id: str) -> UnderstoodLine:
        asked = read_embedding(body, request_id=request_id, most_prompt_bytes=self._most_prompt_bytes)
        if len(asked.request.inputs) > MOST_INPUTS:
            raise BadRequest(f"A line of a batch has at most {MOST_INPUTS} inputs.", param="input")

        def whole(accepted: Accepted, events: Sequence[GenerationEvent]) -> bytes:
            return _at_once(whole_embedding(_ToldRun(accepted, events), asked))

        return UnderstoodLine(replace(asked.request, service_class=ServiceClass.OVERNIGHT), whole)


class _ToldRun:
    """A run that is over, as those who read runs know one."""

    def __init__(self, accepted: Accepted, events: Sequence[GenerationEvent]) -> None:
        self.accepted = accepted
        self._events = events

    async def __aiter__(self) -> AsyncIterator[GenerationEvent]:
        for event in self._events:
            yield event

    async def aclose(self) -> None:
        """Nothing is left to end."""


class _Told:
    """Starts nothing: what is asked of it has been done."""

    def __init__(self, run: _ToldRun) -> None:
        self._run = run

    async def start(self, caller: Caller, request: AnyRequest) -> _ToldRun:  # noqa: ARG002 - a Generations
        return self._run

    async def tokenize(self, caller: Caller, model: str, prompt: Prompt) -> Tokenized:  # noqa: ARG002
        raise BadRequest("Nothing is tokenized for a batch.")

    async def detokenize(self, caller: Caller, model: str, tokens: Sequence[int]) -> str:  # noqa: ARG002
        raise BadRequest("Nothing is detokenized for a batch.")


def _check_whole(*, stream: bool) -> None:
    if stream:
        raise BadRequest("There is nobody to stream to in a batch; leave `stream` out.", param="stream")


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end what waits for nothing, but for letting others go first, which nobody does here."""
    while True:
        try:
            waits_for = work.send(None)
        except StopIteration as end:
            result: T = end.value
            return result
        if waits_for is not None:
            work.close()
            raise RuntimeError("an answer whose events are at hand waited for something")
