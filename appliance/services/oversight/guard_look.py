"""Puts some prompts before the guard model once they are accepted: it stops nobody, and counts what it finds.

The texts wait in memory, a few of them, and are let go of with their verdict; while the guard is busy, others
are not looked at. Nobody is charged, and nothing leaves the box: a guard hosted elsewhere is not asked.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final, Protocol

from appliance.domain.generation import Accepted, GenerationEvent, Sampling, ServiceClass
from appliance.domain.people import Caller
from appliance.domain.prompts import ChatPrompt, Message
from appliance.domain.usage import Meters, Outcome
from appliance.engines.base import Failed, Finished, Generate, Tokens, Work
from appliance.errors import CarrelError, error_for_code
from appliance.policy.moderation import MOST_TOKENS, verdict
from appliance.policy.packs.matching import turns_of
from appliance.policy.tripwires.seen import generates
from appliance.services.admission.gates import Asked
from appliance.services.generation.ports import ServedModel, TokenSource
from appliance.services.oversight.guards import Guards
from appliance.services.queue import Place, Share

MOST_WAITING: Final = 32
_NOBODY: Final = Caller("guard", "guard", "guard")
"""For turns in the queue. It has no key and no account, so nothing of it reaches the ledger."""
_SHARE: Final = Share(_NOBODY, service_class=ServiceClass.BATCH)
_SURE: Final = Sampling(temperature=0.0, top_p=1.0, top_k=0, min_p=0.0, seed=0)
_FIRST_WORK: Final = 2**60
"""Requests are numbered from 1, and what is measured from 2^61 on."""


class Served(Protocol):
    """Which models answer now."""

    def served(self, model: str) -> ServedModel:
        """Raises ``ModelNotFound``, ``ModelNotRunning``."""
        ...


class Queue(Protocol):
    """Where work waits for room in a source of tokens."""

    def join(self, model: str, work: Work, sources: Sequence[TokenSource], share: Share) -> Place:
        """Wait for a turn from now on."""
        ...


class GuardLook:
    """A ``Watcher``. ``percent`` of prompts are looked at; ``found`` hears whose was unsafe."""

    def __init__(
        self,
        guards: Guards,
        models: Served,
        queue: Queue,
        found: Callable[[Caller], None],
        *,
        percent: int,
        draw: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._guards = guards
        self._models = models
        self._queue = queue
        self._found = found
        self._percent = percent
        self._draw = draw
        self._work_ids = count(_FIRST_WORK)
        self._waiting: deque[tuple[Caller, str]] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()

    def watch(self, asked: Asked) -> "GuardWatch | None":
        """None for what writes no text, and for what a guard is asked."""
        request = asked.request
        if request is None or asked.recipe.guard or not generates(request):
            return None
        if self._draw(100) >= self._percent:
            return None
        turns = turns_of(request)
        return GuardWatch(self, asked.caller, turns[-1]) if turns else None

    def take(self, caller: Caller, text: str) -> None:
        """One more to look at. With many waiting, the oldest is forgotten."""
        self._waiting.append((caller, text))
        self._wake.set()

    async def look(self) -> None:
        """Until it is cancelled. A guard that is not there, or says something else, has found nothing."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                caller, text = self._waiting.popleft()
                try:
                    unsafe = await self._unsafe(text)
                except CarrelError:
                    continue
                if unsafe:
                    self._found(caller)

    async def _unsafe(self, text: str) -> bool:
        guard = self._guards.guard(None)
        model = self._models.served(guard.model)
        if model.remote is not None:
            return False
        prompt = await model.preparer.prepare(ChatPrompt((Message("user", text),)))
        found = verdict(guard.guard, await self._answer(model, prompt.tokens), ())
        return found is not None and found.flagged

    async def _answer(self, model: ServedModel, prompt: tuple[int, ...]) -> str:
        work = Generate(next(self._work_ids), prompt, MOST_TOKENS, _SURE, yields=True)
        place = self._queue.join(model.identity.id, work, model.sources, _SHARE)
        said: list[str] = []
        done = False
        try:
            async for event in await place.take_turn(lambda _news: None):
                if isinstance(event, Failed):
                    raise error_for_code(event.code)(event.message)
                if isinstance(event, Tokens | Finished):
                    said.append(event.text)
            done = True
        finally:
            place.leave(cancel=not done)
        return "".join(said)


class GuardWatch:
    """One prompt, until it is accepted."""

    def __init__(self, look: GuardLook, caller: Caller, text: str) -> None:
        self._look = look
        self._caller = caller
        self._text = text

    def accepted(self, accepted: Accepted) -> None:  # noqa: ARG002 - that it was is all
        """Now it is looked at."""
        self._look.take(self._caller, self._text)
        self._text = ""

    def hear(self, event: GenerationEvent) -> None:
        """Answers are not looked at."""

    def ended(self, outcome: Outcome, meters: Meters) -> None:
        """Nothing follows from how it ended."""
