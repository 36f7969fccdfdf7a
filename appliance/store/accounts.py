"""Rows of accounts, as they are found for a request or shown; inside a job or a query."""

from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.allocation import Account, Allocation, Scope, Window
from appliance.store.opening import opening

_CONCERNED: Final = """
WITH whose (scope, subject) AS (
    VALUES ('project', ''), ('person', ''), ('person', :person), ('key', ''), ('key', :key),
        ('model', ''), ('model', :model)
)
SELECT allocation.*, account.id AS account, account.spent_micro, account.held_micro, account.granted_micro
FROM whose CROSS JOIN allocation USING (scope, subject) LEFT JOIN account ON
    account.allocation_id = allocation.id
    AND account.subject = CASE scope
        WHEN 'project' THEN :project WHEN 'person' THEN :person WHEN 'key' THEN :key ELSE :model END
    AND account.opened_ms = CASE window
        WHEN 'day' THEN :at_ms - :at_ms % 86400000 WHEN 'term' THEN starts_ms ELSE 0 END
WHERE project_id = :project AND ended_ms IS NULL
"""
_OF_ALLOCATION: Final = """
SELECT * FROM account WHERE allocation_id = :allocation AND opened_ms = :opened_ms
ORDER BY spent_micro + held_micro DESC, subject LIMIT :most
"""


def concerned(
    database: Database, subjects: Mapping[Scope, str], at_ms: int
) -> dict[Allocation, tuple[int | None, Account]]:
    """All allocations of a project that a request of these subjects would count to, each with the row of its
    account and what stands there; the row is None where the account was not made yet.
    """
    values = {scope.value: subject for scope, subject in subjects.items()} | {"at_ms": at_ms}
    found = {}
    for row in database.query(_CONCERNED, values):
        allocation = allocation_of(row)
        subject, opened_ms = subjects[allocation.scope], allocation.opens_ms(at_ms)
        known = row["account"] is not None
        account = _account(allocation, subject, opened_ms, row) if known else None
        found[allocation] = row["account"], account or opening(database, allocation, subject, opened_ms)
    return found


def rows_of(database: Database, allocation: Allocation, at_ms: int, most: int) -> list[Account]:
    """The accounts of an allocation that were made for the present window, the most used first."""
    values = {"allocation": allocation.id, "opened_ms": allocation.opens_ms(at_ms), "most": most}
    return [
        _account(allocation, row["subject"], row["opened_ms"], row)
        for row in database.query(_OF_ALLOCATION, values)
    ]


def allocation_of(row: Mapping[str, Any]) -> Allocation:
    """A row as a value."""
    return Allocation(
        id=row["id"],
        project_id=row["project_id"],
        scope=Scope(row["scope"]),
        subject=row["subject"],
        window=Window(row["window"]),
        limit_micro=row["limit_micro"],
        starts_ms=row["starts_ms"],
        ends_ms=row["ends_ms"],
        created_ms=row["created_ms"],
    )


def _account(allocation: Allocation, subject: str, opened_ms: int, row: Mapping[str, Any]) -> Account:
    return Account(
        allocation, subject, opened_ms, row["spent_micro"], row["held_micro"], row["granted_micro"]
    )
