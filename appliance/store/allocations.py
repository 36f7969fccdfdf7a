"""Rows of allocations. A project is born with one: for all that it may spend, without limit."""

import secrets
from collections.abc import Sequence
from typing import Final

from sqlite_utils import Database

from appliance.domain.allocation import Account, Allocation, Scope, Window, subjects_of
from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.errors import Conflict, NotFound
from appliance.store.accounts import allocation_of, concerned, rows_of
from appliance.store.opening import made, opening
from appliance.store.reader import Reader
from appliance.store.refusing import no_project
from appliance.store.writer import Writer

_SHOWN: Final = 1000
"""Accounts of one allocation that are told at most."""
_INSERT: Final = """
INSERT INTO allocation (id, project_id, scope, subject, window, limit_micro, starts_ms, ends_ms, created_ms)
VALUES (:id, :project, :scope, :subject, :window, :limit, :starts_ms, :ends_ms, :now_ms)
ON CONFLICT (project_id, scope, subject, window, coalesce(starts_ms, 0)) WHERE ended_ms IS NULL
DO UPDATE SET limit_micro = :limit
RETURNING *
"""
_OVERLAPPING: Final = """
SELECT 1 FROM allocation
WHERE project_id = :project AND scope = :scope AND subject = :subject AND window = 'term' AND ended_ms IS NULL
    AND (starts_ms, ends_ms) <> (:starts_ms, :ends_ms) AND starts_ms < :ends_ms AND ends_ms > :starts_ms
"""
_STANDING: Final = """
SELECT * FROM allocation WHERE project_id = :project AND ended_ms IS NULL
ORDER BY CASE scope WHEN 'project' THEN 0 WHEN 'model' THEN 1 ELSE 2 END, scope, subject, window, starts_ms
"""
_OF_MODELS: Final = """
SELECT * FROM allocation
WHERE project_id = :project AND ended_ms IS NULL AND scope = 'model' AND subject <> ''
"""
_ONE: Final = "SELECT * FROM allocation WHERE id = :id AND ended_ms IS NULL"
_END: Final = "UPDATE allocation SET ended_ms = :now_ms WHERE id = :id AND ended_ms IS NULL"


class AllocationTable:
    """Sets, shows and ends allocations. What requests take from them is the ledger's."""

    def __init__(self, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def set(self, wanted: Allocation) -> Allocation:
        """Make it, or change the limit of the one that stands for the same. ``id`` and ``created_ms`` are
        given here.

        Raises ``NotFound`` for an unknown project, ``Conflict`` for a term that overlaps another.
        """
        now_ms = self._clock.now_ms()

        def job(database: Database) -> Allocation:
            if not database.execute("SELECT 1 FROM project WHERE id = ?", (wanted.project_id,)).fetchall():
                raise no_project()
            return put(database, wanted, now_ms)

        return await self._writer.run(job)

    async def end(self, allocation_id: str) -> Allocation:
        """It limits nothing any more; what runs settles into it all the same.

        Raises ``NotFound``, ``Conflict`` for a project's own total, which is set to ``none`` instead.
        """
        values = {"id": allocation_id, "now_ms": self._clock.now_ms()}

        def job(database: Database) -> Allocation:
            ended = one_of(database, allocation_id)
            if (ended.scope, ended.window) == (Scope.PROJECT, Window.TOTAL):
                raise Conflict(
                    "A project always has a total. Take its limit away: "
                    f"`carrel budget set --project {ended.project_id} --credits none`."
                )
            database.execute(_END, values)
            return ended

        return await self._writer.run(job)

    async def get(self, allocation_id: str) -> Allocation:
        """One that stands. Raises ``NotFound``."""
        return await self._reader.run(lambda database: one_of(database, allocation_id))

    async def standing(self, project_id: str) -> Sequence[tuple[Allocation, Sequence[Account]]]:
        """A project's allocations, each with its accounts of the present window: its own, or of one for each
        of many those that used something.

        Raises ``NotFound``.
        """
        now_ms = self._clock.now_ms()

        def query(database: Database) -> list[tuple[Allocation, Sequence[Account]]]:
            rows = [allocation_of(row) for row in database.query(_STANDING, {"project": project_id})]
            if not rows:
                raise no_project()
            return [(one, _accounts(database, one, now_ms)) for one in rows]

        return await self._reader.run(query)

    async def of_caller(self, caller: Caller) -> Sequence[Account]:
        """All accounts that requests of this caller count to now, and of each model that has a limit of its
        own the project's.
        """
        now_ms = self._clock.now_ms()
        return await self._reader.run(lambda database: _of_caller(database, caller, now_ms))


def _of_caller(database: Database, caller: Caller, now_ms: int) -> list[Account]:
    everywhere = concerned(database, subjects_of(caller, ""), now_ms)
    found = [account for _, account in everywhere.values() if account.subject]
    for row in database.query(_OF_MODELS, {"project": caller.project_id}):
        found += _accounts(database, allocation_of(row), now_ms)
    return found


def put(database: Database, wanted: Allocation, now_ms: int) -> Allocation:
    """Make or change one, inside a job."""
    values = {
        "id": f"alc_{secrets.token_bytes(6).hex()}",
        "project": wanted.project_id,
        "scope": wanted.scope.value,
        "subject": wanted.subject,
        "window": wanted.window.value,
        "limit": wanted.limit_micro,
        "starts_ms": wanted.starts_ms,
        "ends_ms": wanted.ends_ms,
        "now_ms": now_ms,
    }
    if database.execute(_OVERLAPPING, values).fetchall():
        raise Conflict(
            "Another term overlaps these dates. `carrel budget show` tells it; end it with "
            "`carrel budget remove ID`."
        )
    (row,) = list(database.query(_INSERT, values))
    allocation = allocation_of(row)
    if allocation.subject or allocation.scope is Scope.PROJECT:
        account_row(database, allocation, allocation.subject or allocation.project_id, now_ms)
    return allocation


def open_project(database: Database, project_id: str, now_ms: int) -> None:
    """Make the account of a new project, inside a job."""
    put(database, Allocation("", project_id, Scope.PROJECT, "", Window.TOTAL, None), now_ms)


def one_of(database: Database, allocation_id: str) -> Allocation:
    """One that stands, inside a job or query. Raises ``NotFound``."""
    for row in database.query(_ONE, {"id": allocation_id}):
        return allocation_of(row)
    raise NotFound("No allocation has this id. `carrel budget show` tells them.", param="allocation")


def account_row(database: Database, allocation: Allocation, subject: str, at_ms: int) -> int:
    """The row of an account in the window of that time, made where it is missing; inside a job."""
    opened_ms = allocation.opens_ms(at_ms)
    known = database.execute(
        "SELECT id FROM account WHERE allocation_id = ? AND subject = ? AND opened_ms = ?",
        (allocation.id, subject, opened_ms),
    ).fetchone()
    if known is not None:
        return int(known[0])
    return made(database, opening(database, allocation, subject, opened_ms))


def _accounts(database: Database, allocation: Allocation, now_ms: int) -> Sequence[Account]:
    found = rows_of(database, allocation, now_ms, _SHOWN)
    own = allocation.project_id if allocation.scope is Scope.PROJECT else allocation.subject
    if found or not own:
        return found
    return [opening(database, allocation, own, allocation.opens_ms(now_ms))]
