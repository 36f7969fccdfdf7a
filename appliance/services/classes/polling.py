"""Blind votes of a class between two answers: in memory, one vote a person, until the teacher ends it.

Which model is ``a`` is drawn, and told to nobody while the vote is open: the page asks both for its reader,
by ``POLL_A`` and ``POLL_B``. The API does not know these names, since its answers tell the model's own.
"""

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from appliance.domain.classes import POLL_A, POLL_B, SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import PollState, Result
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.services.classes.book import ClassBook

Choice = Literal["a", "b", "tie"]


class Names(Protocol):
    """Which models there are."""

    def find(self, model: str) -> tuple[Recipe, RecipeForm]:
        """Of a name or an alias. Raises ``ModelNotFound``."""
        ...


@dataclass(slots=True)
class _Poll:
    id: str
    prompt: str
    a: str
    b: str
    seed: int
    votes: dict[str, str] = field(default_factory=dict)
    ended: bool = False

    def state(self) -> PollState:
        votes = Counter(self.votes.values())
        return PollState(
            id=self.id,
            prompt=self.prompt,
            open=not self.ended,
            votes_a=votes["a"],
            votes_b=votes["b"],
            ties=votes["tie"],
            a=self.a if self.ended else "",
            b=self.b if self.ended else "",
            seed=self.seed,
        )


class Polling:
    """Answers ``class poll|vote``. The last vote of each class, forgotten with the process. ``runs`` says of
    a model, by its id with form, whether it runs.
    """

    def __init__(
        self,
        book: ClassBook,
        names: Names,
        clock: Clock,
        *,
        runs: Callable[[str], bool] = lambda _model: True,
        swaps: Callable[[], bool] | None = None,
    ) -> None:
        self._book = book
        self._names = names
        self._clock = clock
        self._runs = runs
        self._swaps = swaps or _drawn
        self._polls: dict[str, _Poll] = {}

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.poll": self.poll, "class.vote": self.vote}

    def current(self, class_id: str) -> PollState | None:
        """The last vote of a class as everybody may see it; None where there was none."""
        poll = self._polls.get(class_id)
        return None if poll is None else poll.state()

    def model(self, class_id: str, name: str) -> str:
        """What ``POLL_A`` and ``POLL_B`` mean while a vote is open; any other name is itself."""
        poll = self._polls.get(class_id)
        if poll is None or poll.ended:
            return name
        return {POLL_A: poll.a, POLL_B: poll.b}.get(name, name)

    async def poll(
        self,
        *,
        name: str,
        project: str | None = None,
        prompt: str | None = None,
        a: str | None = None,
        b: str | None = None,
        seed: int = 1,
        end: bool = False,
    ) -> PollState:
        """Begin one with ``prompt``, end the one that is open, or tell how it stands.

        Raises ``NotFound``, ``BadRequest``, ``Conflict``, ``ModelNotFound``.
        """
        lesson = self._book.require(name, project)
        if prompt is not None:
            if end:
                raise BadRequest("Begin a vote or end one; give `prompt` or `end`.", param="end")
            return self._begin(lesson, prompt, a, b, seed)
        poll = self._require(lesson.id)
        poll.ended = poll.ended or end
        return poll.state()

    async def vote(
        self,
        *,
        name: str,
        poll: str,
        choice: Choice,
        project: str | None = None,
        person: str | None = None,
    ) -> PollState:
        """Somebody who sits in the class says which answer was better; the last word counts.

        Raises ``NotFound``, also for who sits elsewhere; ``Conflict`` for a vote that is over.
        """
        lesson = self._book.require(name, project)
        if person is None or self._book.seat(lesson.id, person) is None:
            raise NotFound("You have no seat in a class of this id.", param="name")
        asked = self._require(lesson.id)
        if asked.id != poll or asked.ended:
            raise Conflict("This vote is over. Reload the page for the next one.", param="poll")
        asked.votes[person] = choice
        return asked.state()

    def _begin(self, lesson: SchoolClass, prompt: str, a: str | None, b: str | None, seed: int) -> PollState:
        if lesson.state(self._clock.now_ms()) not in {"open", "paused"}:
            raise Conflict(
                f"Class `{lesson.id}` does not go on now. `carrel class open {lesson.id}` opens it."
            )
        if not prompt.strip():
            raise BadRequest("The prompt is empty. Say what both models are asked.", param="prompt")
        first, second = self._of_class(lesson, a, "a"), self._of_class(lesson, b, "b")
        if first == second:
            raise BadRequest("Both are the same model. Give another one, or the other form of it.", param="b")
        if self._swaps():
            first, second = second, first
        made = _Poll(f"poll_{secrets.token_hex(6)}", prompt, first, second, seed)
        self._polls[lesson.id] = made
        return made.state()

    def _of_class(self, lesson: SchoolClass, model: str | None, param: str) -> str:
        if not model:
            raise BadRequest("A vote is between two models: give `a` and `b`.", param=param)
        recipe, form = self._names.find(model)
        found = recipe.model_id(form)
        if found not in lesson.models:
            raise BadRequest(
                f"{found} is no model of the class, so its members may not ask it. `carrel class set "
                f"{lesson.id} --models ...` adds it.",
                param=param,
            )
        if not self._runs(found):
            raise Conflict(
                f"{found} does not run, so nobody could see its answer. `carrel model run {found}` starts "
                "it.",
                param=param,
            )
        return found

    def _require(self, class_id: str) -> _Poll:
        poll = self._polls.get(class_id)
        if poll is None:
            raise NotFound("The class has no vote. Begin one: give `prompt`, `a` and `b`.")
        return poll


def _drawn() -> bool:
    return bool(secrets.randbelow(2))
