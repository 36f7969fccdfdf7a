"""One model's preparer as the gateway sees it: prompts to tokens, one at a time, each under a deadline.

One at a time, so that when the process hangs or dies it is known on whose prompt. That caller is told; the
others wait for the next process. Such a death is the prompt's: it does not count against the process.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.model import ModelState
from appliance.domain.prompts import AnswerFormat, ChatPrompt, PreparedPrompt, Prompt, TextPrompt, TokenPrompt
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import EngineSpec
from appliance.errors import (
    BadRequest,
    CarrelError,
    ContextLengthExceeded,
    ModelNotRunning,
    PreparationFailed,
    error_for_code,
)
from appliance.workers.frames import (
    Detokenize,
    FrameError,
    FromChild,
    Load,
    PrepareChat,
    Prepared,
    PreparerReady,
    PrepareText,
    PrepareTokens,
    Refused,
    Text,
)
from appliance.workers.supervised import Supervised
from appliance.workers.supervision import ChildSettings, Supervisor

DEADLINE_S: Final = 5.0
READY_DEADLINE_S: Final = 30.0
MAX_MESSAGES: Final = 4096
"""As the ``PrepareChat`` frame has it."""
MAX_BYTES_PER_TOKEN: Final = 8
MAX_PROMPT_BYTES: Final = 256 * 1024
"""Tokenizing takes more than linear time in some vocabularies."""


class Preparer(Supervised):
    """``PromptPreparer`` over a child process. Arguments as those of ``Replica``."""

    def __init__(
        self,
        spec: EngineSpec,
        *,
        clock: Clock,
        log: Log,
        child_environment: Mapping[str, str],
        on_change: Callable[[], None],
        deadline_s: float = DEADLINE_S,
        ready_deadline_s: float = READY_DEADLINE_S,
        max_prompt_bytes: int | None = None,
        settings: ChildSettings = ChildSettings(),  # noqa: B008 - frozen
    ) -> None:
        self._deadline_s = deadline_s
        self._ready_deadline_s = ready_deadline_s
        self._max_prompt_bytes = max_prompt_bytes or min(
            MAX_BYTES_PER_TOKEN * spec.context_tokens, MAX_PROMPT_BYTES
        )
        self._shapes: ModelShapes | None = None
        self._changed = on_change
        self._child = Supervisor(
            Load("preparer", spec),
            self,
            clock=clock,
            log=log,
            environment=child_environment,
            settings=settings,
        )
        self._turn = asyncio.Lock()
        self._exchanges: set[asyncio.Task[_Answer]] = set()
        self._last_id = 0
        self._answer: asyncio.Future[Prepared | Text | Refused] | None = None
        self._prompt_is_to_blame = False

    @property
    def shapes(self) -> ModelShapes:
        """The model's sizes, once it was ready for the first time. Raises ``ModelNotRunning`` before."""
        if self._shapes is None:
            raise ModelNotRunning("The model is still loading. Try again in a few seconds.")
        return self._shapes

    async def start(self) -> None:
        """Return when it is ready. Raises ``ReplicaFailed`` with the reason when it will not start."""
        await self._child.start()

    async def stop(self) -> None:
        """End the process. A prompt that is being prepared fails."""
        await self._child.stop()

    async def prepare(self, prompt: Prompt, answer_format: AnswerFormat | None = None) -> PreparedPrompt:
        """The exact tokens, and what the answer has to keep to.

        Raises ``ContextLengthExceeded``, ``BadRequest``, ``ModelNotRunning``, and ``PreparationFailed`` for a
        prompt over its deadline or memory, or one that the template refuses.
        """
        self._check(prompt)
        answer = await self._in_turn(lambda number: _question(number, prompt, answer_format))
        if not isinstance(answer, Prepared):
            raise PreparationFailed("The prompt could not be prepared. Send it again.")
        return PreparedPrompt(answer.tokens, answer.constraint, answer.thinks_at_once)

    async def detokenize(self, tokens: Sequence[int]) -> str:
        """What the tokens say. Raises as ``prepare`` does."""
        answer = await self._in_turn(lambda number: Detokenize(number, tuple(tokens)))
        if not isinstance(answer, Text):
            raise PreparationFailed("The tokens could not be turned into text. Send them again.")
        return answer.text

    def on_loading(self, frame: FromChild) -> bool:  # noqa: ARG002 - a supervised child's owner
        """A vocabulary loads in one go."""
        return False

    def on_ready(self, frame: FromChild) -> tuple[str, ...]:
        """The vocabulary is there."""
        if not isinstance(frame, PreparerReady):
            raise FrameError(f"{type(frame).__name__} in place of PreparerReady")
        self._shapes = frame.shapes
        return frame.confinement

    def on_frame(self, frame: FromChild) -> None:
        """The answer to the prompt that was sent."""
        if not isinstance(frame, Prepared | Text | Refused):
            raise FrameError(f"{type(frame).__name__} from a preparer")
        if self._answer is None or self._answer.done() or frame.id != self._last_id:
            raise FrameError(f"an answer to prompt {frame.id}, which was not asked for")
        self._answer.set_result(frame)

    def on_death(self) -> bool:
        """The prompt that was sent, if any, has no answer."""
        if self._answer is not None and not self._answer.done():
            self._prompt_is_to_blame = True
            self._answer.set_exception(self._why_no_answer())
        counts, self._prompt_is_to_blame = not self._prompt_is_to_blame, False
        return counts

    def on_change(self) -> None:
        """Let the gateway look again."""
        self._changed()

    def _check(self, prompt: Prompt) -> None:
        """Before any of it is sent anywhere."""
        if isinstance(prompt, ChatPrompt) and not 1 <= len(prompt.messages) <= MAX_MESSAGES:
            raise BadRequest(f"Send between 1 and {MAX_MESSAGES} messages.", param="messages")
        try:
            size_bytes = sum(len(text.encode()) for text in _texts(prompt))
        except UnicodeEncodeError as error:
            raise BadRequest("The prompt holds half of a character (a lone surrogate). Remove it.") from error
        if size_bytes > self._max_prompt_bytes:
            raise ContextLengthExceeded(
                f"The prompt has {size_bytes} bytes and the model reads {self._max_prompt_bytes}. Shorten it."
            )

    def _why_no_answer(self) -> CarrelError:
        if self.state is ModelState.STOPPING:
            return ModelNotRunning("The model was stopped.")
        return PreparationFailed(
            "The process that prepares prompts died on this one. Change it and send it again."
        )

    async def _in_turn(self, question: "_Question") -> "_Answer":
        await self._turn.acquire()
        # A task of its own: a caller who leaves must not leave its prompt running in the next one's turn.
        exchange = asyncio.create_task(self._exchange(question))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchanges.discard)
        return await asyncio.shield(exchange)

    async def _exchange(self, question: "_Question") -> "_Answer":
        """Holds the turn, and gives it back."""
        try:
            await self._wait_until_ready()
            answer = await self._ask(question)
        finally:
            self._turn.release()
        if isinstance(answer, Refused):
            raise error_for_code(answer.code)(answer.message)
        return answer

    async def _wait_until_ready(self) -> None:
        try:
            async with asyncio.timeout(self._ready_deadline_s):
                await self._child.settled()
        except TimeoutError:
            raise ModelNotRunning("The model is still loading. Try again in a few seconds.") from None
        if self.state is not ModelState.READY:
            raise ModelNotRunning(
                f"The process that prepares prompts does not run. {self.reason or ''}".strip()
            )

    async def _ask(self, question: "_Question") -> Prepared | Text | Refused:
        self._last_id += 1
        self._answer = asyncio.get_running_loop().create_future()
        self._child.send(question(self._last_id))
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._answer
        except TimeoutError:
            self._prompt_is_to_blame = True
            self._child.end_child("A prompt took too long.")
            raise PreparationFailed(
                f"The prompt took over {self._deadline_s:g} s to prepare. Shorten it and send it again."
            ) from None
        finally:
            self._answer = None


_Answer = Prepared | Text
_Question = Callable[[int], PrepareChat | PrepareText | PrepareTokens | Detokenize]
"""Makes the frame that asks, given its number."""


def _question(
    id: int, prompt: Prompt, answer_format: AnswerFormat | None
) -> PrepareChat | PrepareText | PrepareTokens:
    match prompt:
        case ChatPrompt():
            return PrepareChat(id, prompt, answer_format)
        case TextPrompt(text=text):
            return PrepareText(id, text, answer_format)
        case TokenPrompt(tokens=tokens):
            return PrepareTokens(id, tokens, answer_format)


def _texts(prompt: Prompt) -> Iterator[str]:
    """Everything in it that will be tokenized."""
    match prompt:
        case ChatPrompt():
            yield prompt.effort + prompt.tool_choice.name
            for message in prompt.messages:
                yield message.content + message.name + message.tool_call_id
                yield from (call.id + call.name + call.arguments for call in message.tool_calls)
            yield from (
                tool.name + tool.description + (tool.told or tool.parameters) for tool in prompt.tools
            )
        case TextPrompt(text=text):
            yield text
        case TokenPrompt():
            return
