"""Answers for pages, read from runs as the API reads them."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

from appliance.api.dialogue.parts import Acknowledged, AnswerEnded, SaidText, Thought
from appliance.api.dialogue.reading import parts_of
from appliance.api.openai.ports import GenerationRun, Generations
from appliance.domain.generation import Accepted, GenerationRequest, Waiting
from appliance.domain.people import Caller
from appliance.domain.refusals import Refused
from appliance.domain.results import ModelDetail
from appliance.edge.noting import NobodyNotes, Noting
from appliance.errors import CarrelError, ReplicaFailed
from appliance.web.answers import Answer, Ended, Piece, Said


class PageAnswers:
    """The port ``Answers`` of the page app. ``noting`` hears of what is refused or breaks, as in the API."""

    def __init__(
        self,
        generations: Generations,
        noting: Noting = NobodyNotes(),  # noqa: B008 - has no state
    ) -> None:
        self._generations = generations
        self._noting = noting

    @asynccontextmanager
    async def ask(self, caller: Caller, request: GenerationRequest) -> AsyncGenerator[Answer, None]:
        """See ``Answers``."""
        try:
            run = await self._generations.start(caller, request)
            try:
                yield _RunningAnswer(run, request.id)
            finally:
                await run.aclose()
        except CarrelError as error:
            self._noting.note(Refused(request.id, error, caller=caller))
            raise


class _RunningAnswer:
    def __init__(self, run: GenerationRun, request_id: str) -> None:
        self._run = run
        self._request_id = request_id

    @property
    def accepted(self) -> Accepted:
        return self._run.accepted

    async def __aiter__(self) -> AsyncIterator[Piece]:
        """No tools are offered here, so there are no calls among its parts."""
        reason = ""
        async with aclosing(parts_of(self._run, request_id=self._request_id, tools=False)) as parts:
            async for part in parts:
                match part:
                    case Waiting():
                        yield part
                    case SaidText(text=text):
                        yield Said(text)
                    case Thought(text=text):
                        yield Said(text, thought=True)
                    case AnswerEnded():
                        reason = part.reason
                    case Acknowledged(usage=usage):
                        yield Ended(reason, usage)
                        return
        raise ReplicaFailed("The answer ended without being complete; send the request again.")


def memory_of(show: Callable[..., Awaitable[ModelDetail]]) -> Callable[[str], Awaitable[int | None]]:
    """What a model held of memory when it was loaded last, in bytes; None where nobody knows. ``show`` tells
    all about a model.
    """

    async def held(model: str) -> int | None:
        try:
            found = (await show(model=model)).memory
        except CarrelError:
            return None
        return (found.held_bytes or None) if found is not None else None

    return held
