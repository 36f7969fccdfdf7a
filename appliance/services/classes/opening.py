"""Opening a class: its models are frozen where it is an exam, and its door is opened where it has one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from appliance.domain.classes import SHORT_LIVED_DAYS, SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.days import DAY_MS
from appliance.domain.results import ClassDetail, Result
from appliance.errors import BadRequest, CarrelError, Conflict
from appliance.services.classes.book import ClassBook
from appliance.services.classes.changing import Changing
from appliance.services.classes.door import ClassDoor
from appliance.services.classes.freezing import Freezing

ANYWHERE: Final = "none"
"""In place of an address: wherever the box listens anyway."""

IsOwn = Callable[[str], bool]
"""Whether this machine has an address on one of its interfaces."""


class Details(Protocol):
    """A class as whoever runs it is shown it."""

    async def of(self, lesson: SchoolClass) -> ClassDetail:
        """All that is set of it, and what speaks of it before the lesson."""
        ...


class Opening:
    """Answers ``class open``. A door that will not open leaves the class as it was."""

    def __init__(
        self,
        book: ClassBook,
        changing: Changing,
        *,
        freezing: Freezing,
        door: ClassDoor,
        is_own: IsOwn,
        details: Details,
        clock: Clock,
    ) -> None:
        self._book = book
        self._changing = changing
        self._freezing = freezing
        self._door = door
        self._is_own = is_own
        self._details = details
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.open": self.open}

    async def open(
        self, *, name: str, project: str | None = None, address: str | None = None, plain: bool = False
    ) -> ClassDetail:
        """Its keys work from now on, or from its start. Again: with another address, and plain or not.

        Raises ``NotFound``, ``BadRequest``, ``Conflict``, ``ModelNotFound``.
        """

        def opened(lesson: SchoolClass) -> SchoolClass:
            self._check(lesson, plain=plain)
            now_ms = self._clock.now_ms()
            placed = replace(
                lesson,
                plain=plain,
                address=lesson.address if address is None else self._own(address),
                opened_ms=lesson.opened_ms or now_ms,
            )
            return self._freezing.freeze(placed)

        before = self._book.require(name, project)
        await self._set_door(opened(before))
        try:
            changed = await self._changing.change(name, project, opened)
        except CarrelError:
            await self._set_door(before)
            raise
        return await self._details.of(changed)

    async def _set_door(self, lesson: SchoolClass) -> None:
        """As the class wants it. After a restart whoever keeps the doors opens them again."""
        if lesson.plain and lesson.opened_ms is not None:
            await self._door.open(lesson)
        else:
            await self._door.close(lesson)

    def _check(self, lesson: SchoolClass, *, plain: bool) -> None:
        now_ms = self._clock.now_ms()
        if lesson.state(now_ms) == "over":
            ended = lesson.over_ms is not None
            next_step = (
                "Make another one" if ended else f"`carrel class set {lesson.id} --ends TIME` gives it more"
            )
            raise Conflict(f"Class `{lesson.id}` is over. {next_step}.")
        if plain and lesson.keys_end_ms - now_ms > SHORT_LIVED_DAYS * DAY_MS:
            raise BadRequest(
                "Over plain HTTP others on the network can read keys, so a class that is open there ends "
                f"within {SHORT_LIVED_DAYS} days. Give it an earlier end, or open it without `--plain`.",
                param="plain",
            )

    def _own(self, address: str) -> str:
        given = address.strip()
        if given in {"", ANYWHERE}:
            return ""
        if not self._is_own(given):
            raise BadRequest(
                "This machine has no such address. Give one of its own, as `carrel doctor` shows them.",
                param="address",
            )
        return given
