"""Rows of adjustments: only ever added, each together with the accounts that it changes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.adjustment import Adjustment, AdjustmentKind
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.store.accounts import allocation_of
from appliance.store.allocations import account_row, one_of
from appliance.store.reader import Reader
from appliance.store.refusing import no_project
from appliance.store.writer import Writer

_INSERT: Final = """
INSERT INTO adjustment (
    id, kind, project_id, person_id, request_id, allocation_id, subject, opened_ms, micro, reference, reason,
    actor, at_ms
) VALUES (
    :id, :kind, :project, :person, :request, :allocation, :subject, :opened_ms, :micro, :reference, :reason,
    :actor, :at_ms
) ON CONFLICT DO NOTHING
"""
_GRANT: Final = "UPDATE account SET granted_micro = granted_micro + :micro WHERE id = :account"
_REFUND: Final = """
UPDATE account SET granted_micro = granted_micro + :micro
WHERE id IN (
    SELECT account.id FROM usage
    JOIN allocation ON allocation.project_id = usage.project_id AND allocation.ended_ms IS NULL
    JOIN account ON account.allocation_id = allocation.id
    WHERE request_id = :request AND account.subject = CASE scope
            WHEN 'project' THEN usage.project_id
            WHEN 'person' THEN iif(person_id = 'default', key_id, person_id)
            WHEN 'key' THEN key_id
            ELSE substr(model_id, 1, instr(model_id || '@', '@') - 1) END
        AND CASE window
            WHEN 'day' THEN account.opened_ms = started_ms - started_ms % 86400000
            WHEN 'term' THEN started_ms BETWEEN starts_ms AND ends_ms - 1
            ELSE 1 END
)
"""
_PROJECT: Final = """
SELECT * FROM allocation
WHERE project_id = :project AND scope = 'project' AND window <> 'day' AND ended_ms IS NULL
"""
_COST: Final = "SELECT project_id, person_id, outcome, gflop FROM usage WHERE request_id = :request"
_OF_PROJECT: Final = """
SELECT * FROM adjustment WHERE project_id = :project AND at_ms >= :since_ms AND at_ms < :until_ms ORDER BY seq
"""


class AdjustmentTable:
    """Adds and lists adjustments."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, adjustment: Adjustment) -> None:
        """Remember it and change what may be spent. Raises ``NotFound`` for an unknown project or allocation,
        ``Conflict`` where its cause was answered before.
        """
        await self._writer.run(lambda database: apply(database, adjustment))

    async def refund(self, request_id: str, micro: int | None, adjustment: Adjustment) -> Adjustment:
        """Give back what a request cost, all of it or ``micro``. Project and person are filled in.

        Raises ``NotFound`` for an unknown request, ``Conflict`` for one that runs or was refunded,
        ``BadRequest`` for more than it cost.
        """

        def job(database: Database) -> Adjustment:
            whole = _refund_of(database, request_id, micro, adjustment)
            apply(database, whole)
            return whole

        return await self._writer.run(job)

    async def of_project(self, project_id: str, since_ms: int, until_ms: int) -> Sequence[Adjustment]:
        """Those of a project within a time, oldest first."""
        values = {"project": project_id, "since_ms": since_ms, "until_ms": until_ms}
        return await self._reader.run(
            lambda database: [_adjustment(row) for row in database.query(_OF_PROJECT, values)]
        )


def apply(database: Database, adjustment: Adjustment) -> None:
    """As ``AdjustmentTable.add``, inside a job."""
    values = _row(adjustment)
    if not database.execute("SELECT 1 FROM project WHERE id = :project", values).fetchall():
        raise no_project()
    for account in _accounts(database, adjustment):
        database.execute(_GRANT, {"micro": adjustment.micro, "account": account})
    if adjustment.kind is AdjustmentKind.REFUND:
        database.execute(_REFUND, values)
    if database.execute(_INSERT, values).rowcount == 0:
        raise Conflict(_twice(adjustment))


def _accounts(database: Database, adjustment: Adjustment) -> list[int]:
    """Those that are named by it, or belong to its project."""
    if adjustment.kind is AdjustmentKind.REFUND:
        return []
    if adjustment.allocation_id is not None:
        allocation = one_of(database, adjustment.allocation_id)
        return [account_row(database, allocation, adjustment.subject, adjustment.opened_ms)]
    rows = database.query(_PROJECT, {"project": adjustment.project_id})
    running = [one for one in map(allocation_of, rows) if one.runs(adjustment.at_ms)]
    return [account_row(database, one, adjustment.project_id, adjustment.at_ms) for one in running]


def _refund_of(database: Database, request_id: str, micro: int | None, adjustment: Adjustment) -> Adjustment:
    for row in database.query(_COST, {"request": request_id}):
        if row["outcome"] == "held":
            raise Conflict("This request still runs. Refund it once it has ended.")
        cost = int(row["gflop"])
        if not cost or (micro is not None and micro > cost):
            raise BadRequest(
                f"This request cost {cost} micro-credits, and a refund is never more.", param="credits"
            )
        return Adjustment(
            id=adjustment.id,
            kind=AdjustmentKind.REFUND,
            project_id=row["project_id"],
            person_id=row["person_id"],
            request_id=request_id,
            micro=cost if micro is None else micro,
            reason=adjustment.reason,
            actor=adjustment.actor,
            at_ms=adjustment.at_ms,
        )
    raise NotFound("No request has this id. `x-request-id` of an answer tells it.", param="request_id")


def _twice(adjustment: Adjustment) -> str:
    if adjustment.kind is AdjustmentKind.REFUND:
        return "This request was refunded before, and a request is refunded once."
    return f"A {adjustment.kind} for {adjustment.reference} was given before."


def _row(adjustment: Adjustment) -> dict[str, object]:
    return {
        "id": adjustment.id,
        "kind": adjustment.kind.value,
        "project": adjustment.project_id,
        "person": adjustment.person_id,
        "request": adjustment.request_id,
        "allocation": adjustment.allocation_id,
        "subject": adjustment.subject,
        "opened_ms": adjustment.opened_ms,
        "micro": adjustment.micro,
        "reference": adjustment.reference,
        "reason": adjustment.reason,
        "actor": adjustment.actor,
        "at_ms": adjustment.at_ms,
    }


def _adjustment(row: Mapping[str, Any]) -> Adjustment:
    return Adjustment(
        id=row["id"],
        kind=AdjustmentKind(row["kind"]),
        project_id=row["project_id"],
        micro=row["micro"],
        reason=row["reason"],
        actor=row["actor"],
        at_ms=row["at_ms"],
        person_id=row["person_id"],
        request_id=row["request_id"],
        allocation_id=row["allocation_id"],
        subject=row["subject"],
        opened_ms=row["opened_ms"],
        reference=row["reference"],
    )
