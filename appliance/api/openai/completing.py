"""From an understood completion request to its answer, as ``api.answering`` wants it."""

from collections.abc import AsyncGenerator, Mapping

from appliance.api.answering import waiting_comment
from appliance.api.dialogue.answering import run_headers
from appliance.api.openai.completion_call import Completion
from appliance.api.openai.completion_shapes import CompletionChunks, head_of, whole_completion
from appliance.api.openai.completion_wire import CompletionAsked
from appliance.api.openai.ports import Generations, Tokenizing
from appliance.domain.generation import Accepted, Settled, TextDelta, Waiting
from appliance.domain.people import Caller
from appliance.edge.errors import error_json
from appliance.errors import CarrelError


class CompletionAnswer:
    """An ``Answer``. ``request_id`` is that of the whole call."""

    def __init__(self, call: Completion, accepted: Accepted, request_id: str) -> None:
        self._call = call
        self._accepted = accepted
        self._request_id = request_id

    @property
    def headers(self) -> Mapping[str, str]:
        """The seed of the first choice; the others have the next ones. The place of the first run."""
        return run_headers(self._accepted, self._call.asked.ignored)

    async def whole(self) -> bytes:
        """The body, all of whose choices are settled."""
        choices = await self._call.read_to_end()
        return whole_completion(head_of(self._accepted, self._request_id), choices, self._call.usage)

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Chunks of the choices as they come; each choice ends when its run is settled, then ``[DONE]``."""
        call = self._call
        head = head_of(self._accepted, self._request_id)
        chunks = CompletionChunks(head, include_usage=call.asked.include_usage)
        plain = call.plain
        async for number, event in call.runs:
            if plain and isinstance(event, TextDelta):
                yield chunks.text(call.choice(number, event.choice), event.text)
                continue
            if isinstance(event, Waiting):
                yield waiting_comment(event)
            for piece in call.take(number, event):
                yield chunks.piece(piece)
            if isinstance(event, Settled):
                yield b"".join([chunks.finish(choice, reason) for choice, reason in call.ended(number)])
        yield chunks.ending(call.usage)

    def failed(self, error: CarrelError) -> bytes:
        """An error event; no ``[DONE]`` follows it."""
        return b"data: " + error_json(error, self._request_id) + b"\n\n"

    async def aclose(self) -> None:
        """End what still runs."""
        await self._call.runs.aclose()


async def begin_completion(
    generations: Generations, tokenizing: Tokenizing, caller: Caller, asked: CompletionAsked, request_id: str
) -> CompletionAnswer:
    """Start the first run. Raises any ``CarrelError``; cancelled, it leaves nothing."""
    call = Completion(generations, tokenizing, caller, asked)
    return CompletionAnswer(call, await call.begin(), request_id)
