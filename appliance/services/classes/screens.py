"""What the projector shows: the code, where to type it, how many have joined. Nothing of it is private."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from appliance.domain.classes import SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.results import JoinScreen, PollState, Result
from appliance.errors import Conflict
from appliance.services.classes.book import ClassBook
from appliance.services.classes.codes import JoinCode, JoinCodes
from appliance.services.classes.door import ClassDoor


@dataclass(frozen=True, slots=True)
class Shown:
    """What else is told of a class, by its id: how many may still join, the median of its first words, its
    vote; and whether the box asks nobody outside.
    """

    left: Callable[[SchoolClass], int]
    first_word_ms: Callable[[str], int | None]
    poll: Callable[[str], PollState | None]
    offline: Callable[[], bool]


class JoinScreens:
    """Answers ``class join-screen|projector``."""

    def __init__(
        self, *, book: ClassBook, codes: JoinCodes, door: ClassDoor, shown: Shown, clock: Clock
    ) -> None:
        self._book = book
        self._codes = codes
        self._door = door
        self._shown = shown
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {"class.join-screen": self.join_screen, "class.projector": self.projector}

    async def join_screen(
        self,
        *,
        name: str,
        project: str | None = None,
        minutes: int = 15,
        new: bool = False,
        end: bool = False,
    ) -> JoinScreen:
        """Make a code where none is good, or in place of the one that is, or end it. Raises ``NotFound``,
        ``Conflict`` for a class that is over.
        """
        lesson = self._book.require(name, project)
        if end:
            self._codes.end(lesson.id)
            return self._screen(lesson)
        if lesson.state(self._clock.now_ms()) == "over":
            raise Conflict(f"Class `{lesson.id}` is over, so nobody can join it. Make another class.")
        if new or self._codes.of(lesson.id) is None:
            self._codes.make(lesson.id, minutes, lesson.ends_ms)
        return self._screen(lesson)

    async def projector(self, *, name: str, project: str | None = None) -> JoinScreen:
        """As it is now. Raises ``NotFound``."""
        return self._screen(self._book.require(name, project))

    def _screen(self, lesson: SchoolClass) -> JoinScreen:
        now_ms = self._clock.now_ms()
        state = lesson.state(now_ms)
        code = None if state == "over" else self._codes.of(lesson.id)
        seats = self._book.seats(lesson.id)
        url = self._door.addresses(lesson)[0]
        return JoinScreen(
            id=lesson.id,
            title=lesson.title,
            state=state,
            mode=lesson.mode,
            offline=self._shown.offline(),
            code="" if code is None else code.shown,
            code_ends_ms=None if code is None else code.ends_ms,
            left=self._shown.left(lesson),
            url=url,
            join_url=_join_url(url, code),
            base_url=f"{url}/v1",
            name_url=self._door.name_url(lesson),
            fingerprint=self._door.fingerprint() if url.startswith("https:") else "",
            models=lesson.models,
            joined=sum(one.taken_ms is not None for one in seats),
            seats=len(seats),
            ends_ms=lesson.ends_ms,
            now_ms=now_ms,
            first_word_ms=self._shown.first_word_ms(lesson.id),
            poll=self._shown.poll(lesson.id),
        )


def _join_url(url: str, code: JoinCode | None) -> str:
    return f"{url}/join" if code is None else f"{url}/join?code={code.text}"
