"""Text to tokens and back, with a served model's own vocabulary and template.

No engine is asked and nothing is charged; but the preparer's time is everybody's, so that people take turns
at it as they do with prompts that are to be answered, and one person's limit of waiting requests holds.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from appliance.domain.people import Caller
from appliance.domain.prompts import ChatPrompt, Prompt
from appliance.domain.tokenization import Tokenized
from appliance.errors import BadRequest, TryAgain
from appliance.services.generation.doorstep import Doorstep
from appliance.services.generation.ports import Admission, PromptPreparer, ServedModel, ServedModels
from appliance.services.generation.turns import Turns
from appliance.services.queue import DispatchQueue


class Tokenizer:
    """The verb beside generation: say what the tokens are. Shares ``turns`` with the generator."""

    def __init__(
        self,
        *,
        models: ServedModels,
        admission: Admission,
        queue: DispatchQueue,
        turns: Turns,
        doorstep: Doorstep | None = None,
    ) -> None:
        self._models = models
        self._admission = admission
        self._queue = queue
        self._turns = turns
        self._doorstep = doorstep or Doorstep()

    async def tokenize(self, caller: Caller, model: str, prompt: Prompt) -> Tokenized:
        """Exactly the tokens that the model would be given for this prompt.

        Raises ``ModelNotFound``, ``NotLicensed``, ``ModelNotRunning``, ``BadRequest``,
        ``ContextLengthExceeded``, ``PreparationFailed``, ``QueueFull``, ``PersonLimitReached``.
        """
        served = self._served(caller, model)
        if isinstance(prompt, ChatPrompt) and not served.chats:
            raise BadRequest(f"{served.identity.id} completes text and does not chat.", param="messages")
        async with self._turn(caller, served) as preparer:
            prepared = await preparer.prepare(prompt)
        if not prepared.tokens:
            raise BadRequest(
                f"{served.identity.id} is hosted elsewhere, and its vocabulary is not on this box.",
                param="model",
            )
        return Tokenized(served.identity, prepared.tokens, served.context_tokens)

    async def detokenize(self, caller: Caller, model: str, tokens: Sequence[int]) -> str:
        """The text of tokens, control tokens by their names. Raises as ``tokenize`` does."""
        async with self._turn(caller, self._served(caller, model)) as preparer:
            return await preparer.detokenize(tokens)

    def _served(self, caller: Caller, model: str) -> ServedModel:
        self._admission.check(caller, model)
        return self._models.served(self._admission.rename(caller, model))

    @asynccontextmanager
    async def _turn(self, caller: Caller, served: ServedModel) -> AsyncIterator[PromptPreparer]:
        try:
            with self._queue.preparing(caller):
                async with self._turns.take(served.identity.id, caller.holder):
                    yield served.preparer
        except TryAgain:
            await self._doorstep.pause(caller.holder)
            raise
