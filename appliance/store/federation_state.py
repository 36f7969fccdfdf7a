"""The one row of where a box belongs, its replaced keys, and what a registry told it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from appliance.domain.federation import BelievedKey, Joining, KeptBudget, KeptNotice, Membership, SyncTimes
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_NOTICES: Final = 20
_READ: Final = "SELECT * FROM federation_state"
_JOIN: Final = """
UPDATE federation_state SET box = :box, present_key = :present_key, registry = :registry, address = :address,
    plain_http = :plain_http, root_sha256 = :root_sha256, institution = :institution,
    organization = :organization, enrollment = :enrollment, rotation = '', enrolled_ms = :enrolled_ms,
    keys = :keys, reporting = 1, joining_code = '', joining_message = '', next_ms = 0, failures = 0,
    outcome = ''
"""
_LEAVE: Final = """
UPDATE federation_state SET box = '', present_key = '', registry = '', address = '', plain_http = 0,
    root_sha256 = '', institution = '', organization = '', enrollment = '', rotation = '', enrolled_ms = 0,
    reporting = 0, joining_code = '', joining_message = '', next_ms = 0, failures = 0, outcome = ''
"""
_LEFT: Final = """
INSERT INTO federation_key (id, until_ms)
SELECT box, :now_ms FROM federation_state WHERE box <> ''
UNION SELECT present_key, :now_ms FROM federation_state WHERE present_key <> ''
ON CONFLICT (id) DO NOTHING
"""
_EMPTIED: Final = (
    "federation_outbox",
    "federation_seen",
    "federation_budget",
    "report_tally",
    "report_part",
)
_KEYS: Final = "UPDATE federation_state SET keys = :keys"
_JOINING: Final = "UPDATE federation_state SET joining_code = :code, joining_message = :message"
_REPORTING: Final = "UPDATE federation_state SET reporting = :on"
_TIMES: Final = """
UPDATE federation_state SET next_ms = :next_ms, last_ms = :last_ms, good_ms = :good_ms,
    failures = :failures, outcome = :outcome
"""
_REPLACED: Final = """
INSERT INTO federation_key (id, until_ms) VALUES (:id, :until_ms)
ON CONFLICT (id) DO UPDATE SET until_ms = excluded.until_ms
"""
_ROTATED: Final = "UPDATE federation_state SET present_key = :present_key, rotation = :rotation"
_OLD: Final = "SELECT id, until_ms FROM federation_key ORDER BY until_ms"
_SEEN: Final = "UPDATE federation_seen SET told = min(told, :told) WHERE jti = :jti"
_TAKE: Final = """
INSERT INTO federation_seen (jti, kind, taken_ms, told) VALUES (:jti, :kind, :now_ms, :told)
ON CONFLICT (jti) DO NOTHING
"""
_UNTOLD: Final = "SELECT jti FROM federation_seen WHERE told = 0 ORDER BY taken_ms, jti LIMIT :limit"
_TOLD: Final = "UPDATE federation_seen SET told = 1 WHERE jti = :jti"
_FORGET_SEEN: Final = "DELETE FROM federation_seen WHERE taken_ms < :before_ms AND told = 1"
_NOTICE: Final = """
INSERT INTO federation_notice (id, text, signed_ms, taken_ms) VALUES (:id, :text, :signed_ms, :taken_ms)
ON CONFLICT (id) DO NOTHING
"""
_FEWER: Final = """
DELETE FROM federation_notice WHERE id NOT IN (
    SELECT id FROM federation_notice ORDER BY taken_ms DESC, id LIMIT :kept
)
"""
_ALL_NOTICES: Final = "SELECT id, text, signed_ms, taken_ms FROM federation_notice ORDER BY taken_ms DESC, id"
_BUDGET: Final = """
INSERT INTO federation_budget (id, first_day, last_day, limit_micro, reported_micro, signed_ms)
VALUES (1, :first_day, :last_day, :limit_micro, :reported_micro, :signed_ms)
ON CONFLICT (id) DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day,
    limit_micro = excluded.limit_micro, reported_micro = excluded.reported_micro,
    signed_ms = excluded.signed_ms WHERE excluded.signed_ms >= federation_budget.signed_ms
"""
_READ_BUDGET: Final = """
SELECT first_day, last_day, limit_micro, reported_micro, signed_ms FROM federation_budget
"""


class FederationTable:
    """Whoever calls decides; the store keeps."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def membership(self) -> Membership | None:
        """None: the box belongs to no registry."""
        row = await self._state()
        return _membership(row) if row["box"] else None

    async def joining(self) -> Joining | None:
        """What was begun; None: nothing."""
        row = await self._state()
        return Joining(row["joining_code"], row["joining_message"]) if row["joining_code"] else None

    async def reporting(self) -> bool:
        """Whether the box reports its use."""
        return bool((await self._state())["reporting"])

    async def times(self) -> SyncTimes:
        """Of syncs."""
        row = await self._state()
        return SyncTimes(row["next_ms"], row["last_ms"], row["good_ms"], row["failures"], row["outcome"])

    async def begin(self, joining: Joining) -> None:
        """An enrollment begins."""
        await self._change(_JOINING, {"code": joining.code, "message": joining.message})

    async def join(self, membership: Membership) -> None:
        """The box belongs to a registry from now on, and reports."""
        await self._change(_JOIN, _columns(membership))

    async def leave(self, now_ms: int) -> None:
        """It belongs to none; what waited is forgotten. What the registry signed goes on being believed, so
        its keys stay, and the ids that the box had.
        """

        def job(database: Database) -> None:
            database.execute(_LEFT, {"now_ms": now_ms})
            database.execute(_LEAVE)
            for table in _EMPTIED:
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names  # nosec B608

        await self._writer.run(job)

    async def keys(self) -> tuple[BelievedKey, ...]:
        """Whom the box believes; those of a registry that it has left too."""
        return msgspec.json.decode((await self._state())["keys"], type=tuple[BelievedKey, ...])

    async def keep_keys(self, keys: Sequence[BelievedKey]) -> None:
        """Whom the box believes from now on."""
        await self._change(_KEYS, {"keys": _keys_text(keys)})

    async def report(self, *, on: bool) -> None:
        """Report, or not."""
        await self._change(_REPORTING, {"on": int(on)})

    async def keep_times(self, times: SyncTimes) -> None:
        """How the last sync went."""
        await self._change(_TIMES, _times_row(times))

    async def rotate(self, old: str, new: str, until_ms: int, statement: str = "") -> None:
        """The box's key is another one, as the registry's ``statement`` says; the old one counts until then.
        One commit.
        """

        def job(database: Database) -> None:
            database.execute(_REPLACED, {"id": old, "until_ms": until_ms})
            database.execute(_ROTATED, {"present_key": new, "rotation": statement})

        await self._writer.run(job)

    async def replaced(self) -> Mapping[str, int]:
        """Keys of before, and until when (ms) each counts."""
        return await self._reader.run(
            lambda database: {row["id"]: row["until_ms"] for row in database.query(_OLD)}
        )

    async def seen(self, jti: str, *, tell: bool) -> bool:
        """Whether a statement was taken. With ``tell`` the registry does not know yet."""
        return await self._change(_SEEN, {"jti": jti, "told": int(not tell)}) > 0

    async def take(self, jti: str, kind: str, now_ms: int, *, tell: bool) -> None:
        """A statement was taken; the first time counts. With ``tell`` the registry does not know yet."""
        row = {"jti": jti, "kind": kind, "now_ms": now_ms, "told": int(not tell)}
        await self._change(_TAKE, row)

    async def untold(self, limit: int) -> Sequence[str]:
        """Statements that were taken, and the registry does not know it yet."""
        return await self._reader.run(
            lambda database: [row["jti"] for row in database.query(_UNTOLD, {"limit": limit})]
        )

    async def told(self, jtis: Sequence[str]) -> None:
        """The registry knows."""

        def job(database: Database) -> None:
            for jti in jtis:
                database.execute(_TOLD, {"jti": jti})

        await self._writer.run(job)

    async def forget_seen(self, before_ms: int) -> None:
        """Ids of statements that were taken before."""
        await self._change(_FORGET_SEEN, {"before_ms": before_ms})

    async def keep_notice(self, notice: KeptNotice) -> None:
        """The newest ones stay."""

        def job(database: Database) -> None:
            database.execute(
                _NOTICE,
                {
                    "id": notice.id,
                    "text": notice.text,
                    "signed_ms": notice.signed_ms,
                    "taken_ms": notice.taken_ms,
                },
            )
            database.execute(_FEWER, {"kept": _NOTICES})

        await self._writer.run(job)

    async def notices(self) -> Sequence[KeptNotice]:
        """The newest first."""
        return await self._reader.run(
            lambda database: [KeptNotice(**row) for row in database.query(_ALL_NOTICES)]
        )

    async def keep_budget(self, budget: KeptBudget) -> None:
        """The one that was signed last counts."""
        row = {
            "first_day": budget.first_day,
            "last_day": budget.last_day,
            "limit_micro": budget.limit_micro,
            "reported_micro": budget.reported_micro,
            "signed_ms": budget.signed_ms,
        }
        await self._change(_BUDGET, row)

    async def budget(self) -> KeptBudget | None:
        """None: the registry gave none."""
        return await self._reader.run(
            lambda database: next((KeptBudget(**row) for row in database.query(_READ_BUDGET)), None)
        )

    async def _state(self) -> Mapping[str, Any]:
        return await self._reader.run(lambda database: next(iter(database.query(_READ))))

    async def _change(self, statement: str, row: Mapping[str, object]) -> int:
        return await self._writer.run(lambda database: int(database.execute(statement, row).rowcount))


def _times_row(times: SyncTimes) -> Mapping[str, object]:
    return {
        "next_ms": times.next_ms,
        "last_ms": times.last_ms,
        "good_ms": times.good_ms,
        "failures": times.failures,
        "outcome": times.outcome,
    }


def _keys_text(keys: Sequence[BelievedKey]) -> str:
    return msgspec.json.encode(tuple(keys)).decode()


def _membership(row: Mapping[str, Any]) -> Membership:
    return Membership(
        box=row["box"],
        present_key=row["present_key"],
        registry=row["registry"],
        address=row["address"],
        plain_http=bool(row["plain_http"]),
        root_sha256=row["root_sha256"],
        institution=row["institution"],
        organization=row["organization"],
        enrollment=row["enrollment"],
        enrolled_ms=row["enrolled_ms"],
        keys=msgspec.json.decode(row["keys"], type=tuple[BelievedKey, ...]),
        rotation=row["rotation"],
    )


def _columns(one: Membership) -> Mapping[str, object]:
    return {
        "box": one.box,
        "present_key": one.present_key,
        "registry": one.registry,
        "address": one.address,
        "plain_http": int(one.plain_http),
        "root_sha256": one.root_sha256,
        "institution": one.institution,
        "organization": one.organization,
        "enrollment": one.enrollment,
        "enrolled_ms": one.enrolled_ms,
        "keys": _keys_text(one.keys),
    }
