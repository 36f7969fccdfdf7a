"""Rows of reports that travel: what was agreed and answered, and where those of others came from."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.report_travel import NO_JOURNEY, Journey, Origin, Travel
from appliance.domain.reports import Report
from appliance.domain.samples import Sealed
from appliance.store.reader import Reader
from appliance.store.reports import insert_report
from appliance.store.writer import Writer

_TRAVEL: Final = tuple(Travel.__slots__)
_ORIGIN: Final = tuple(Origin.__slots__)
# Names are those of the two shapes.
_PUT: Final = f"""
INSERT INTO report_travel ({", ".join(_TRAVEL)}) VALUES ({", ".join(f":{one}" for one in _TRAVEL)})
ON CONFLICT (report_id) DO UPDATE SET
    {", ".join(f"{one} = excluded.{one}" for one in _TRAVEL if one != "report_id")}
"""  # noqa: S608  # nosec B608
_CAME: Final = f"""
INSERT INTO report_origin ({", ".join(_ORIGIN)}) VALUES ({", ".join(f":{one}" for one in _ORIGIN)})
"""  # noqa: S608  # nosec B608


class ReportTravelTable:
    """By report, and by the thread of its letters."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def put(self, travel: Travel) -> None:
        """What is known of it now."""
        row = {name: getattr(travel, name) for name in _TRAVEL}
        await self._writer.run(lambda database: database.execute(_PUT, row).rowcount)

    async def journeys(self, report_ids: Sequence[str]) -> Mapping[str, Journey]:
        """Of those reports that have one."""
        marks = ", ".join("?" for _ in report_ids)

        def query(database: Database) -> dict[str, Journey]:
            found: dict[str, Journey] = {}
            travels = f"SELECT * FROM report_travel WHERE report_id IN ({marks})"  # noqa: S608  # nosec B608
            for row in database.query(travels, list(report_ids)):
                found[row["report_id"]] = Journey(travel=_travel(row))
            origins = f"SELECT * FROM report_origin WHERE report_id IN ({marks})"  # noqa: S608  # nosec B608
            for row in database.query(origins, list(report_ids)):
                travel = found.get(row["report_id"], NO_JOURNEY).travel
                found[row["report_id"]] = Journey(travel, _origin(row))
            return found

        return await self._reader.run(query)

    async def want(self, report_id: str) -> None:
        """Its reporter would have it go to the owner of the model."""
        sql = "INSERT INTO report_travel (report_id) VALUES (?) ON CONFLICT (report_id) DO NOTHING"
        await self._writer.run(lambda database: database.execute(sql, (report_id,)).rowcount)

    async def of(self, report_id: str) -> Travel | None:
        """None: nobody wants it to leave."""
        return await self._travel("SELECT * FROM report_travel WHERE report_id = ?", report_id)

    async def of_thread(self, thread: str) -> Travel | None:
        """The one whose letter began it."""
        return await self._travel("SELECT * FROM report_travel WHERE thread = ?", thread)

    async def came(self, report: Report, sealed: Sequence[Sealed], origin: Origin, *, most_open: int) -> None:
        """A report of another box with where it came from, in one commit; the first of a thread counts.
        Raises ``TryAgain`` where that box has as many open ones as one may have.
        """
        row = {name: getattr(origin, name) for name in _ORIGIN}

        def job(database: Database) -> None:
            known = "SELECT 1 FROM report_origin WHERE box = ? AND thread = ?"
            if database.execute(known, (origin.box, origin.thread)).fetchone() is None:
                insert_report(database, report, sealed, most_open=most_open)
                database.execute(_CAME, row)

        await self._writer.run(job)

    async def origin(self, report_id: str) -> Origin | None:
        """None: it is one of this box."""
        sql = "SELECT * FROM report_origin WHERE report_id = ?"
        rows = await self._reader.run(lambda database: list(database.query(sql, (report_id,))))
        return _origin(rows[0]) if rows else None

    async def answered(self, report_id: str, now_ms: int) -> None:
        """Its box was told what was decided."""
        sql = "UPDATE report_origin SET answered_ms = ? WHERE report_id = ?"
        await self._writer.run(lambda database: database.execute(sql, (now_ms, report_id)).rowcount)

    async def _travel(self, sql: str, key: str) -> Travel | None:
        rows: list[Mapping[str, Any]] = await self._reader.run(
            lambda database: list(database.query(sql, (key,)))
        )
        return _travel(rows[0]) if rows else None


def _travel(row: Mapping[str, Any]) -> Travel:
    return Travel(**{name: row[name] for name in _TRAVEL})


def _origin(row: Mapping[str, Any]) -> Origin:
    return Origin(**{name: row[name] for name in _ORIGIN})
