"""Rows of flaw reports. What was triaged stays as it is."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlite_utils import Database

from appliance.domain.people import Owner
from appliance.domain.reports import Drawn, Report, ReportedModel, ReportState
from appliance.domain.samples import Sealed
from appliance.errors import Conflict, NotFound, TryAgain
from appliance.store.reader import Reader
from appliance.store.writer import Writer

_ADD: Final = """
INSERT INTO report (id, holder, person_id, project_id, model_id, recipe_revision, file_sha256,
    prompt_sha256, sampling, severity, category, description, seen, made_ms)
SELECT :id, :holder, :person, :project, :model, :revision, :file_sha256, :prompt_sha256, :drawn,
    :severity, :category, :description, :seen, :made_ms
WHERE (SELECT count(*) FROM report WHERE holder = :holder AND state = 'open') < :most_open
"""
_SEAL: Final = """
INSERT INTO sealed (owner, key_id, jwe, until_ms) VALUES (:owner, :key_id, :jwe, :until_ms)
"""
_ROWS: Final = """
SELECT report.*, (SELECT group_concat(key_id) FROM sealed WHERE owner = report.id) AS keys FROM report
"""
_OWN: Final = "(:holder IS NULL OR (holder = :holder AND project_id = :project))"
_PAGE: Final = f"""
{_ROWS} WHERE (:open = 0 OR state = 'open') AND {_OWN}
ORDER BY seq DESC LIMIT :limit
"""
_ONE: Final = f"{_ROWS} WHERE id = :id AND {_OWN}"
_TRIAGE: Final = """
UPDATE report SET state = :state, reason = :reason, micro = :micro, paid = :micro = 0, decided_by = :by,
    decided_ms = :now_ms
WHERE id = :id AND state = 'open'
"""
_DUE: Final = f"{_ROWS} WHERE state = 'accepted' AND paid = 0 ORDER BY seq"


class ReportTable:
    """Adds, lists and triages."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, report: Report, sealed: Sequence[Sealed], *, most_open: int) -> None:
        """Remember it with its sealed text, in one commit. Raises ``TryAgain`` where its reporter has as many
        open ones as one may have.
        """
        await self._writer.run(lambda database: insert_report(database, report, sealed, most_open=most_open))

    async def page(self, *, open_only: bool, owner: Owner | None = None, limit: int) -> Sequence[Report]:
        """The newest first."""
        row = {"open": int(open_only), "limit": limit, **_whose(owner)}
        return await self._reader.run(lambda database: [_report(one) for one in database.query(_PAGE, row)])

    async def get(self, report_id: str, owner: Owner | None = None) -> Report:
        """Of one reporter, or of anybody. Raises ``NotFound``."""
        row = {"id": report_id, **_whose(owner)}
        found = await self._reader.run(lambda database: list(database.query(_ONE, row)))
        if not found:
            raise _unknown()
        return _report(found[0])

    async def triage(
        self, report_id: str, state: ReportState, *, reason: str, micro: int, by: str, now_ms: int
    ) -> None:
        """Once. Raises ``NotFound``, ``Conflict``."""
        row = {"id": report_id, "state": state, "reason": reason, "micro": micro, "by": by, "now_ms": now_ms}

        def job(database: Database) -> None:
            if database.execute(_TRIAGE, row).rowcount == 1:
                return
            if database.execute("SELECT 1 FROM report WHERE id = ?", (report_id,)).fetchone():
                raise Conflict("This report was triaged already; see `carrel report show`.")
            raise _unknown()

        await self._writer.run(job)

    async def due(self) -> Sequence[Report]:
        """Accepted ones whose credits the ledger may not have."""
        return await self._reader.run(lambda database: [_report(one) for one in database.query(_DUE)])

    async def paid(self, report_id: str) -> None:
        """The ledger has them."""
        sql = "UPDATE report SET paid = 1 WHERE id = ?"
        await self._writer.run(lambda database: database.execute(sql, (report_id,)).rowcount)


def insert_report(database: Database, report: Report, sealed: Sequence[Sealed], *, most_open: int) -> None:
    """Within a job of the writer. Raises ``TryAgain`` as ``ReportTable.add``."""
    if database.execute(_ADD, _row(report) | {"most_open": most_open}).rowcount != 1:
        raise TryAgain(f"You have {most_open} reports that nobody has looked at yet. Wait for a reviewer.")
    for one in sealed:
        row = {"owner": one.owner, "key_id": one.key_id, "jwe": one.jwe, "until_ms": one.until_ms}
        database.execute(_SEAL, row)


def _whose(owner: Owner | None) -> dict[str, str | None]:
    if owner is None:
        return {"holder": None, "project": None}
    return {"holder": owner.holder, "project": owner.project_id}


def _row(report: Report) -> dict[str, object]:
    return {
        "id": report.id,
        "holder": report.holder,
        "person": report.person_id,
        "project": report.project_id,
        "model": report.model.id,
        "revision": report.model.recipe_revision,
        "file_sha256": report.model.file_sha256,
        "prompt_sha256": report.prompt_sha256,
        "drawn": msgspec.json.encode(report.drawn).decode(),
        "severity": report.severity,
        "category": report.category,
        "description": report.description,
        "seen": report.seen,
        "made_ms": report.made_ms,
    }


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        id=row["id"],
        holder=row["holder"],
        person_id=row["person_id"],
        project_id=row["project_id"],
        model=ReportedModel(row["model_id"], row["recipe_revision"], row["file_sha256"]),
        prompt_sha256=row["prompt_sha256"],
        drawn=msgspec.json.decode(row["sampling"], type=Drawn),
        severity=row["severity"],
        category=row["category"],
        description=row["description"],
        seen=row["seen"],
        made_ms=row["made_ms"],
        state=row["state"],
        reason=row["reason"],
        micro=row["micro"],
        paid=bool(row["paid"]),
        decided_by=row["decided_by"],
        decided_ms=row["decided_ms"],
        keys=tuple(row["keys"].split(",")) if row["keys"] else (),
    )


def _unknown() -> NotFound:
    return NotFound("There is no such report.", param="id")
