"""What a teacher does while a class goes on: pause all of it, go on, show everybody a sentence."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol

from appliance.domain.classes import SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.domain.results import ClassDetail, Result
from appliance.errors import CarrelError, Conflict
from appliance.services.classes.changing import Changing
from appliance.services.classes.opening import Details
from appliance.services.labels import require_label


class Runs(Protocol):
    """What is computed and what waits for it."""

    def end_where(self, refused: Callable[[Caller], CarrelError | None]) -> None:
        """Whatever is of a caller for whom there is an error ends with it."""
        ...


class Pausing:
    """Answers ``class pause|resume|message``. ``refusal`` says why nothing may run for a caller."""

    def __init__(
        self,
        changing: Changing,
        runs: Runs,
        *,
        refusal: Callable[[Caller], CarrelError | None],
        details: Details,
        clock: Clock,
    ) -> None:
        self._changing = changing
        self._runs = runs
        self._refusal = refusal
        self._details = details
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.pause": self.pause, "class.resume": self.resume, "class.message": self.message}

    async def pause(self, *, name: str, project: str | None = None) -> ClassDetail:
        """Nobody is answered, and what runs ends. Raises ``NotFound``, ``Conflict``."""

        def paused(lesson: SchoolClass) -> SchoolClass:
            self._require_going_on(lesson)
            now_ms = self._clock.now_ms()
            return lesson if lesson.paused_ms is not None else replace(lesson, paused_ms=now_ms)

        changed = await self._changing.change(name, project, paused)
        self._runs.end_where(self._refusal)
        return await self._details.of(changed)

    async def resume(self, *, name: str, project: str | None = None) -> ClassDetail:
        """Everybody is answered again. Raises ``NotFound``, ``Conflict``."""

        def resumed(lesson: SchoolClass) -> SchoolClass:
            self._require_going_on(lesson)
            return replace(lesson, paused_ms=None)

        return await self._details.of(await self._changing.change(name, project, resumed))

    async def message(self, *, name: str, project: str | None = None, text: str | None = None) -> ClassDetail:
        """One line on every page of the class; an empty one is none. Raises ``NotFound``, ``BadRequest``."""
        line = require_label(text, "text") if text and text.strip() else ""
        changed = await self._changing.change(name, project, lambda lesson: replace(lesson, message=line))
        return await self._details.of(changed)

    def _require_going_on(self, lesson: SchoolClass) -> None:
        state = lesson.state(self._clock.now_ms())
        if state == "over":
            raise Conflict(f"Class `{lesson.id}` is over, so there is nothing to pause. Make another one.")
        if state == "planned":
            raise Conflict(
                f"Class `{lesson.id}` has not begun, so it answers nobody yet. `carrel class open "
                f"{lesson.id}` opens it."
            )
