"""Cards to print, keys made anew, seats let go."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from appliance.domain.actor import Actor
from appliance.domain.classes import CLASS_MODEL, SchoolClass, Seat
from appliance.domain.results import ClassCards, ClassSeats, Result, SeatCard, SeatKey
from appliance.policy.classes.seats import is_guest, seat_of
from appliance.services.classes.book import ClassBook
from appliance.services.classes.door import ClassDoor
from appliance.services.classes.seat_keys import SeatKeys
from appliance.services.people.directory import Directory
from appliance.services.people.issuing import IssuedKey


class Seats(Protocol):
    """All seats of a class as whoever runs it sees them."""

    async def of(self, lesson: SchoolClass) -> ClassSeats:
        """As they are now, by their numbers."""
        ...


class Works(Protocol):
    """Which keys work."""

    def works(self, key_id: str) -> bool:
        """Whether a key of this id would be recognized now."""
        ...


class Carding:
    """Answers ``class cards|reissue|release``. A key is in one answer and nowhere else."""

    def __init__(
        self,
        *,
        book: ClassBook,
        seat_keys: SeatKeys,
        directory: Directory,
        keys: Works,
        door: ClassDoor,
        seats: Seats,
    ) -> None:
        self._book = book
        self._seat_keys = seat_keys
        self._directory = directory
        self._keys = keys
        self._door = door
        self._seats = seats

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        return {
            "class.cards": self.cards,
            "class.reissue": self.reissue,
            "class.release": self.release,
        }

    async def cards(
        self,
        *,
        name: str,
        project: str | None = None,
        seat: str | None = None,
        reissue: bool = False,
        actor: Actor,
    ) -> ClassCards:
        """One for each seat without a key that works, or for each of them. Raises ``NotFound``,
        ``Conflict`` for a class that is over, ``BadRequest`` where nobody knows what tokens cost.
        """
        lesson = self._book.require(name, project)
        seats = self._book.seats(lesson.id)
        # Guests come without a card, unless one is asked for.
        asked = [one for one in seats if not is_guest(one)] if seat is None else [seat_of(seats, seat)]
        kept = [one for one in asked if not reissue and self._has_key(one)]
        wanted = [one for one in asked if one not in kept]
        made = await self._seat_keys.make_all(lesson, wanted, how="card", actor_name=actor.known_as)
        return self._sheet(lesson, wanted, made, kept)

    async def reissue(self, *, name: str, seat: str, project: str | None = None, actor: Actor) -> SeatKey:
        """Raises as ``cards``."""
        lesson = self._book.require(name, project)
        theirs = seat_of(self._book.seats(lesson.id), seat)
        made = await self._seat_keys.make(lesson, theirs, how="card", actor_name=actor.known_as)
        return SeatKey(
            id=lesson.id,
            person=theirs.person_id,
            given=theirs.given,
            name=self._name(theirs),
            key=made.secret,
            key_id=made.key.id,
            expires_ms=made.key.expires_ms or lesson.keys_end_ms,
        )

    async def release(self, *, name: str, seat: str, project: str | None = None) -> ClassSeats:
        """Raises ``NotFound``, ``Conflict``."""
        lesson = self._book.require(name, project)
        await self._seat_keys.end(seat_of(self._book.seats(lesson.id), seat))
        return await self._seats.of(lesson)

    def _has_key(self, seat: Seat) -> bool:
        return seat.key_id is not None and self._keys.works(seat.key_id)

    def _name(self, seat: Seat) -> str:
        person = self._directory.person(seat.person_id)
        return (person.name if person is not None else "") or seat.given or seat.person_id

    def _sheet(
        self, lesson: SchoolClass, seats: Sequence[Seat], made: Sequence[IssuedKey], kept: Sequence[Seat]
    ) -> ClassCards:
        url = self._door.addresses(lesson)[0]
        return ClassCards(
            id=lesson.id,
            title=lesson.title,
            url=url,
            base_url=f"{url}/v1",
            name_url=self._door.name_url(lesson),
            fingerprint=self._door.fingerprint() if url.startswith("https:") else "",
            model=CLASS_MODEL,
            expires_ms=lesson.keys_end_ms,
            cards=tuple(
                SeatCard(
                    number=seat.number,
                    person=seat.person_id,
                    given=seat.given,
                    name=self._name(seat),
                    key=key.secret,
                    key_id=key.key.id,
                )
                for seat, key in zip(seats, made, strict=True)
            ),
            kept=tuple(one.given or one.person_id for one in kept),
        )
