"""A rehearsal: synthetic students ask all at once on the way that real ones take, and leave nothing behind.

Each has a key of the course that is of nobody in particular, so that queue and limits treat it as a person of
its own; it ends with the rehearsal, and after minutes whatever happens. What was computed is given back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

from appliance.domain.classes import CLASS_MODEL, SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.people import DEFAULT_ID, KeyLimits
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import Rehearsal, Result
from appliance.domain.visits import Visit
from appliance.errors import BadRequest, CarrelError, Conflict
from appliance.policy.classes.rehearsal import found, question
from appliance.services.classes.book import ClassBook
from appliance.services.classes.ports import Settling
from appliance.services.classes.rehearsal_keys import RehearsalKeys
from appliance.services.keys import KeyService
from appliance.services.people.issuing import IssuedKey

LASTS_MS: Final = 15 * 60_000
ANSWER_TOKENS: Final = 64


class Visitor(Protocol):
    """Asks the box over HTTP, as any client does."""

    async def ask(self, key: str, model: str, text: str, max_tokens: int) -> Visit:
        """One question, streamed. Whatever goes wrong is told in the visit."""
        ...


class Names(Protocol):
    """Which models there are."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Of a name or an alias. Raises ``ModelNotFound``."""
        ...


class Paid(Protocol):
    """What keys have paid for."""

    async def paid(self, keys: Collection[str]) -> Sequence[str]:
        """Ids of their requests."""
        ...


class Refunds(Protocol):
    """Who gives back what requests cost."""

    async def refund(self, request_id: str, micro: int | None, *, reason: str, actor: str) -> object:
        """All of it. Raises ``NotFound``, ``Conflict``."""
        ...


class Rehearsing:
    """Answers ``class rehearse``."""

    def __init__(
        self,
        book: ClassBook,
        rehearsals: RehearsalKeys,
        *,
        keys: KeyService,
        visitor: Visitor,
        names: Names,
        runs: Settling,
        paid: Paid,
        refunds: Refunds,
        clock: Clock,
        log: Log,
    ) -> None:
        self._book = book
        self._rehearsals = rehearsals
        self._keys = keys
        self._visitor = visitor
        self._names = names
        self._runs = runs
        self._paid = paid
        self._refunds = refunds
        self._clock = clock
        self._log = log
        self._going_on: set[str] = set()
        self._clearing: set[asyncio.Task[None]] = set()

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.rehearse": self.rehearse}

    async def rehearse(
        self, *, name: str, project: str | None = None, seats: int = 30, model: str | None = None
    ) -> Rehearsal:
        """All of them at once; it ends with its caller. Raises ``NotFound``, ``Conflict``, ``BadRequest``,
        ``ModelNotFound``.
        """
        lesson = self._book.require(name, project)
        asked = self._model(lesson, model)
        if lesson.id in self._going_on:
            raise Conflict(f"Class `{lesson.id}` is rehearsed already. Wait until that is over.")
        self._going_on.add(lesson.id)
        made: list[IssuedKey] = []
        try:
            await self._add_keys(lesson, seats, made)
            began_s = self._clock.monotonic_s()
            visits = await asyncio.gather(
                *(
                    self._visitor.ask(key.secret, asked, question(number), ANSWER_TOKENS)
                    for number, key in enumerate(made, 1)
                )
            )
            took_ms = (self._clock.monotonic_s() - began_s) * 1000
        finally:
            await self._clear(lesson, [one.key.id for one in made])
        return found(lesson.id, lesson.models[0] if asked == CLASS_MODEL else asked, visits, took_ms)

    def _model(self, lesson: SchoolClass, model: str | None) -> str:
        if lesson.state(self._clock.now_ms()) == "over":
            raise Conflict(f"Class `{lesson.id}` is over, so there is nothing to rehearse. Make another one.")
        if not lesson.models:
            raise BadRequest(
                "The class has no model to ask. `carrel class set NAME --models ID` gives it one."
            )
        if model is None or model == CLASS_MODEL:
            return CLASS_MODEL
        recipe, form = self._names.find(model)
        if recipe.model_id(form) not in lesson.models:
            raise BadRequest(
                f"The class uses {', '.join(lesson.models)}. Rehearse one of them.", param="model"
            )
        return recipe.model_id(form)

    async def _add_keys(self, lesson: SchoolClass, seats: int, made: list[IssuedKey]) -> None:
        """None is on its way any more when this ends, however it ends. Raises ``StorageUnavailable``."""
        adding = (self._add_key(lesson, number, made) for number in range(1, seats + 1))
        for end in await asyncio.gather(*adding, return_exceptions=True):
            if end is not None:
                raise end

    async def _add_key(self, lesson: SchoolClass, number: int, made: list[IssuedKey]) -> None:
        caps = lesson.caps
        key = await self._keys.issue(
            name=f"{lesson.id} rehearsal {number}",
            project=lesson.project_id,
            person=DEFAULT_ID,
            limits=KeyLimits(
                requests_per_minute=caps.requests_per_minute,
                tokens_per_minute=caps.tokens_per_minute,
                running=caps.running,
            ),
            not_after_ms=self._clock.now_ms() + LASTS_MS,
        )
        self._rehearsals.put(key.key.id, lesson.id)
        made.append(key)

    async def _clear(self, lesson: SchoolClass, keys: Sequence[str]) -> None:
        """Also when its caller has left: then it goes on by itself."""
        clearing = asyncio.create_task(self._end(lesson, keys), name=f"end of rehearsal {lesson.id}")
        self._clearing.add(clearing)
        clearing.add_done_callback(self._clearing.discard)
        await asyncio.shield(clearing)

    async def _end(self, lesson: SchoolClass, keys: Sequence[str]) -> None:
        try:
            await asyncio.gather(*(self._keys.revoke(id=key_id) for key_id in keys))
            await asyncio.gather(*(self._runs.settled_of_key(key_id) for key_id in keys))
            for request_id in await self._paid.paid(keys):
                reason = f"rehearsal of class {lesson.id}"
                await self._refunds.refund(request_id, None, reason=reason, actor="carrel")
        except CarrelError as error:
            # The keys are refused already, and expire by themselves.
            self._log.warning("rehearsal_left_something", lesson=lesson.id, why=error.message)
        finally:
            self._rehearsals.drop(keys)
            self._going_on.discard(lesson.id)
