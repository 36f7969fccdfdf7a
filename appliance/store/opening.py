"""Accounts that are not there yet: what they begin with, and how they are made.

An account counts every request of its subject within its window, also those from before it was made: then it
begins with what their rows say, and those that still run are told to settle into it too. So at every commit
``spent`` is the sum of settled rows, ``held`` that of standing holds, ``granted`` that of adjustments.
Everything here runs inside a job or a query.
"""

from collections.abc import Mapping
from typing import Final

from sqlite_utils import Database

from appliance.domain.allocation import Account, Allocation, Scope, Window
from appliance.domain.days import DAY_MS

_MINE: Final[Mapping[Scope, str]] = {
    Scope.PROJECT: "project_id = :project",
    # A subject is a person, or a key of nobody in particular. The plus keeps the index of projects out, which
    # would find more rows.
    Scope.PERSON: "+project_id = :project AND (person_id = :subject OR key_id = :subject)",
    Scope.KEY: "+project_id = :project AND key_id = :subject",
    Scope.MODEL: "project_id = :project AND substr(model_id, 1, instr(model_id || '@', '@') - 1) = :subject",
}
_WITHIN: Final = " AND started_ms >= :opened_ms AND started_ms < :closes_ms"


def _by_scope(sql: str) -> Mapping[Scope, str]:
    """A statement about usage rows, for the rows that each scope counts."""
    return {scope: sql.replace("MINE", mine + _WITHIN) for scope, mine in _MINE.items()}


_SPENT: Final = _by_scope("SELECT coalesce(sum(gflop), 0) FROM usage_settled WHERE MINE")
_HELD: Final = _by_scope("""
SELECT coalesce(sum(hold_gflop), 0) FROM usage INDEXED BY usage_held WHERE outcome = 'held' AND MINE
""")
_REFUNDED: Final = _by_scope("""
SELECT coalesce(sum(micro), 0)
FROM (SELECT micro, request_id FROM adjustment WHERE project_id = :project AND kind = 'refund')
CROSS JOIN usage USING (request_id) WHERE MINE
""")
_GIVEN: Final = """
SELECT coalesce(sum(micro), 0) FROM adjustment
WHERE project_id = :project AND kind <> 'refund' AND allocation_id IS NULL
    AND at_ms >= :opened_ms AND at_ms < :closes_ms
"""
_MAKE: Final = """
INSERT INTO account (allocation_id, subject, opened_ms, spent_micro, held_micro, granted_micro)
VALUES (:allocation, :subject, :opened_ms, :spent, :held, :granted)
"""
_JOIN: Final = _by_scope("""
UPDATE usage INDEXED BY usage_held SET accounts = json_insert(accounts, '$[#]', :account)
WHERE outcome = 'held' AND MINE
""")
_KEPT_MS: Final = 7 * DAY_MS
"""Days that are over leave no trace but their usage rows, which say the same."""
_FORGET: Final = """
DELETE FROM account WHERE allocation_id = :allocation AND subject = :subject AND held_micro = 0
    AND opened_ms < :opened_ms - :kept_ms
"""


def opening(database: Database, allocation: Allocation, subject: str, opened_ms: int) -> Account:
    """What an account that does not exist yet begins with."""
    values, scope = _values(allocation, subject, opened_ms), allocation.scope
    granted = _number(database, _REFUNDED[scope], values)
    if scope is Scope.PROJECT and allocation.window is not Window.DAY:
        granted += _number(database, _GIVEN, values)
    return Account(
        allocation,
        subject,
        opened_ms,
        spent_micro=_number(database, _SPENT[scope], values),
        held_micro=_number(database, _HELD[scope], values),
        granted_micro=granted,
    )


def made(database: Database, account: Account) -> int:
    """The new row of an account as ``opening`` told it in the same transaction; what runs settles into it."""
    allocation = account.allocation
    values = _values(allocation, account.subject, account.opened_ms)
    if allocation.window is Window.DAY:
        database.execute(_FORGET, values | {"kept_ms": _KEPT_MS})
    amounts = {
        "spent": account.spent_micro,
        "held": account.held_micro,
        "granted": account.granted_micro,
    }
    row = int(database.execute(_MAKE, values | amounts).lastrowid or 0)
    if account.held_micro:
        database.execute(_JOIN[allocation.scope], values | {"account": row})
    return row


def _values(allocation: Allocation, subject: str, opened_ms: int) -> dict[str, str | int]:
    return {
        "allocation": allocation.id,
        "project": allocation.project_id,
        "subject": subject,
        "opened_ms": opened_ms,
        "closes_ms": allocation.closes_ms(opened_ms),
    }


def _number(database: Database, sql: str, values: Mapping[str, object]) -> int:
    (row,) = database.execute(sql, dict(values)).fetchall()
    return int(row[0])
