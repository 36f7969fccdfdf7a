"""Rows of classes, their seats, and every key that a seat ever had."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from appliance.domain.classes import FrozenModel, SchoolClass, Seat, SeatCaps
from appliance.domain.enrolling import Enrolment, Founding, Recapped, SeatChange
from appliance.errors import Conflict
from appliance.store.projects import insert_project
from appliance.store.reader import Reader
from appliance.store.rosters import take_in
from appliance.store.seat_keys import change_seat_key, recap
from appliance.store.writer import Writer

_COLUMNS: Final = (
    "id",
    "project_id",
    "title",
    "mode",
    "models",
    "seat_tokens",
    "seat_running",
    "seat_requests_per_minute",
    "seat_tokens_per_minute",
    "starts_ms",
    "ends_ms",
    "grace_min",
    "guests",
    "networks",
    "seed",
    "plain",
    "address",
    "opened_ms",
    "paused_ms",
    "over_ms",
    "message",
    "frozen",
    "created_ms",
    "created_by",
)
_FOR_GOOD: Final = frozenset({"id", "project_id", "created_ms", "created_by"})
# Only names of this file are put together; what comes from outside is a parameter.
_INSERT: Final = f"""
INSERT INTO class ({", ".join(_COLUMNS)}) VALUES ({", ".join(f":{one}" for one in _COLUMNS)})
ON CONFLICT (id) DO NOTHING
"""  # noqa: S608  # nosec B608
_CHANGE: Final = f"""
UPDATE class SET {", ".join(f"{one} = :{one}" for one in _COLUMNS if one not in _FOR_GOOD)} WHERE id = :id
"""  # noqa: S608  # nosec B608
# A list says who sits where, and nothing of keys; whoever takes a seat the other way around.
_ENROL: Final = """
INSERT INTO class_seat (class_id, person_id, number, given, key_id, taken_ms, how)
VALUES (:class_id, :person_id, :number, :given, NULL, NULL, '')
ON CONFLICT (class_id, person_id) DO UPDATE SET given = excluded.given
"""
_CHANGE_SEAT: Final = """
UPDATE class_seat SET key_id = :key_id, taken_ms = :taken_ms, how = :how
WHERE class_id = :class_id AND person_id = :person_id
"""
_ALL: Final = "SELECT * FROM class ORDER BY rowid"
_SEATS: Final = "SELECT * FROM class_seat ORDER BY class_id, number"
_KEYS: Final = "SELECT key_id, class_id, person_id FROM class_key ORDER BY rowid"
_REVOKE: Final = """
UPDATE key SET revoked_ms = coalesce(revoked_ms, :now_ms)
WHERE id IN (SELECT key_id FROM class_key WHERE class_id = :class_id)
"""
_END_LIMITS: Final = """
UPDATE allocation SET ended_ms = coalesce(ended_ms, :now_ms)
WHERE scope = 'key' AND subject IN (SELECT key_id FROM class_key WHERE class_id = :class_id)
"""


class ClassTable:
    """Each method that writes is one commit."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, founding: Founding) -> None:
        """A class, whoever sits in it, and its course where that is new. Raises ``Conflict`` where an id was
        taken meanwhile.
        """

        def job(database: Database) -> None:
            if founding.project is not None:
                insert_project(database, founding.project)
            if database.execute(_INSERT, _row(founding.lesson)).rowcount == 0:
                raise Conflict("A class of this id exists. Choose another id.", param="name")
            _enrol(database, founding.enrolment)

        await self._writer.run(job)

    async def change(self, lesson: SchoolClass, recapped: Sequence[Recapped] = ()) -> None:
        """Replace what is known of the class of this id; its keys have other caps from now on."""

        def job(database: Database) -> None:
            database.execute(_CHANGE, _row(lesson))
            for one in recapped:
                recap(database, one, lesson.project_id)

        await self._writer.run(job)

    async def enrol(self, enrolment: Enrolment) -> None:
        """Seats, with their persons and memberships. Raises ``Conflict`` where an id was taken meanwhile."""
        await self._writer.run(lambda database: _enrol(database, enrolment))

    async def change_seats(self, changes: Sequence[SeatChange]) -> None:
        """Seats with the keys that they lose and get."""

        def job(database: Database) -> None:
            for one in changes:
                change_seat_key(database, one)
                seat = one.seat
                taken = {"key_id": seat.key_id, "taken_ms": seat.taken_ms, "how": seat.how}
                whose = {"class_id": seat.class_id, "person_id": seat.person_id}
                database.execute(_CHANGE_SEAT, taken | whose)

        await self._writer.run(job)

    async def end_keys(self, class_id: str, now_ms: int) -> None:
        """No key that its seats ever had works any more, and none of their limits stands."""
        values = {"class_id": class_id, "now_ms": now_ms}

        def job(database: Database) -> None:
            database.execute(_END_LIMITS, values)
            database.execute(_REVOKE, values)

        await self._writer.run(job)

    async def all(self) -> Sequence[SchoolClass]:
        """Every class, oldest first."""
        return await self._reader.run(lambda database: [_lesson(row) for row in database.query(_ALL)])

    async def seats(self) -> Sequence[Seat]:
        """Every seat of every class, in the order of their numbers."""
        return await self._reader.run(lambda database: [_seat(row) for row in database.query(_SEATS)])

    async def keys(self) -> Mapping[str, tuple[str, str]]:
        """Class and person of every key that a seat ever had, by the key's id, oldest first."""

        def query(database: Database) -> dict[str, tuple[str, str]]:
            return {row["key_id"]: (row["class_id"], row["person_id"]) for row in database.query(_KEYS)}

        return await self._reader.run(query)


def _enrol(database: Database, enrolment: Enrolment) -> None:
    take_in(database, enrolment.intake)
    for seat in enrolment.seats:
        row = {"class_id": seat.class_id, "person_id": seat.person_id}
        database.execute(_ENROL, row | {"number": seat.number, "given": seat.given})


def _row(lesson: SchoolClass) -> dict[str, object]:
    caps = lesson.caps
    return {
        "id": lesson.id,
        "project_id": lesson.project_id,
        "title": lesson.title,
        "mode": lesson.mode,
        "models": json.dumps(lesson.models),
        "seat_tokens": caps.tokens,
        "seat_running": caps.running,
        "seat_requests_per_minute": caps.requests_per_minute,
        "seat_tokens_per_minute": caps.tokens_per_minute,
        "starts_ms": lesson.starts_ms,
        "ends_ms": lesson.ends_ms,
        "grace_min": lesson.grace_min,
        "guests": lesson.guests,
        "networks": json.dumps(lesson.networks),
        "seed": lesson.seed,
        "plain": lesson.plain,
        "address": lesson.address,
        "opened_ms": lesson.opened_ms,
        "paused_ms": lesson.paused_ms,
        "over_ms": lesson.over_ms,
        "message": lesson.message,
        "frozen": msgspec.json.encode(lesson.frozen).decode(),
        "created_ms": lesson.created_ms,
        "created_by": lesson.created_by,
    }


def _lesson(row: Mapping[str, Any]) -> SchoolClass:
    return SchoolClass(
        id=row["id"],
        project_id=row["project_id"],
        title=row["title"],
        mode=row["mode"],
        models=tuple(json.loads(row["models"])),
        caps=SeatCaps(
            tokens=row["seat_tokens"],
            running=row["seat_running"],
            requests_per_minute=row["seat_requests_per_minute"],
            tokens_per_minute=row["seat_tokens_per_minute"],
        ),
        starts_ms=row["starts_ms"],
        ends_ms=row["ends_ms"],
        grace_min=row["grace_min"],
        guests=row["guests"],
        networks=tuple(json.loads(row["networks"])),
        seed=row["seed"],
        plain=bool(row["plain"]),
        address=row["address"],
        opened_ms=row["opened_ms"],
        paused_ms=row["paused_ms"],
        over_ms=row["over_ms"],
        message=row["message"],
        frozen=tuple(FrozenModel(**one) for one in json.loads(row["frozen"])),
        created_ms=row["created_ms"],
        created_by=row["created_by"],
    )


def _seat(row: Mapping[str, Any]) -> Seat:
    return Seat(
        class_id=row["class_id"],
        person_id=row["person_id"],
        number=row["number"],
        given=row["given"],
        key_id=row["key_id"],
        taken_ms=row["taken_ms"],
        how=row["how"],
    )
