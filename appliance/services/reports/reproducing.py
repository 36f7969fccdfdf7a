"""Sees a reported case again: the same prompt with the same seed, through the box's own queue, and nothing of
it is kept. It is nobody's request, so no project pays for it.
"""

from dataclasses import dataclass
from itertools import count
from typing import Final

from appliance.domain.generation import SamplingWishes, ServiceClass
from appliance.domain.model import ModelIdentity
from appliance.domain.people import Caller
from appliance.domain.prompts import ChatPrompt
from appliance.domain.reports import Report
from appliance.domain.running import RunWishes
from appliance.engines.base import Failed, Finished, Generate, Tokens
from appliance.errors import BadRequest, error_for_code
from appliance.policy.reports import check_same_prompt, read_prompt
from appliance.services.generation.planning import answer_length, resolve_sampling
from appliance.services.generation.ports import ServedModel
from appliance.services.queue import Share
from appliance.services.reports.ports import Models, Queue

_NOBODY: Final = Caller("operator", "operator", "operator")
"""For turns in the queue. It has no key and no account, so nothing of it reaches the ledger."""
_SHARE: Final = Share(_NOBODY, service_class=ServiceClass.BATCH)
_FIRST_WORK: Final = 2**60
"""Requests are numbered from 1, and never come this far; measurements begin further up."""


@dataclass(frozen=True, slots=True)
class SeenAgain:
    """What the model answered, and which bytes did."""

    identity: ModelIdentity
    answer: str
    tokens: int
    reason: str


class Reproducer:
    """A model that does not run is started for it, where it fits beside those that do."""

    def __init__(self, models: Models, queue: Queue) -> None:
        self._models = models
        self._queue = queue
        self._work_ids = count(_FIRST_WORK)

    async def see_again(self, report: Report, prompt: str) -> SeenAgain:
        """Raises ``BadRequest`` for another prompt or a model that makes vectors, and what asking the model
        raises.
        """
        check_same_prompt(report, prompt)
        async with self._models.lend(report.model.id, RunWishes(replicas=1)) as model:
            return await self._ask(model, report, prompt)

    async def _ask(self, model: ServedModel, report: Report, prompt: str) -> SeenAgain:
        read = read_prompt(prompt)
        if model.embeds or model.remote is not None or (isinstance(read, ChatPrompt) and not model.chats):
            raise BadRequest(f"{model.identity.id} cannot answer this prompt here: see `carrel model show`.")
        tokens = (await model.preparer.prepare(read)).tokens
        drawn = report.drawn
        wishes = SamplingWishes(drawn.temperature, drawn.top_p, drawn.top_k, drawn.min_p, drawn.seed)
        work = Generate(
            next(self._work_ids),
            tokens,
            answer_length(drawn.max_tokens, prompt_tokens=len(tokens), model=model),
            resolve_sampling(wishes, model.defaults, drawn.seed),
        )
        return await self._answered(model, work)

    async def _answered(self, model: ServedModel, work: Generate) -> SeenAgain:
        place = self._queue.join(model.identity.id, work, model.sources, _SHARE)
        pieces: list[str] = []
        seen: SeenAgain | None = None
        try:
            async for event in await place.take_turn(lambda _news: None):
                match event:
                    case Failed():
                        raise error_for_code(event.code)(event.message)
                    case Tokens():
                        pieces.append(event.text)
                    case Finished():
                        pieces.append(event.text)
                        seen = SeenAgain(
                            model.identity, "".join(pieces), event.completion_tokens, event.reason.value
                        )
        finally:
            place.leave(cancel=seen is None)
        if seen is None:
            raise error_for_code("replica_failed")("The model ended before it answered. Try again.")
        return seen
