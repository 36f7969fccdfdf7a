"""Deletes records whose time is over, in steps."""

from typing import Final

from sqlite_utils import Database

from appliance.store.writer import Writer

_STATEMENTS: Final = {
    "decisions": "DELETE FROM decision WHERE minute_ms < :before_ms",
    "incidents": """
        DELETE FROM incident WHERE seq IN (
            SELECT seq FROM incident
            WHERE state <> 'appealed' AND :before_ms >
                max(last_ms, coalesce(decided_ms, 0), coalesce(until_ms, 0), coalesce(appealed_ms, 0))
            LIMIT :limit)
    """,
    "samples": """
        DELETE FROM sample WHERE seq IN (SELECT seq FROM sample WHERE taken_ms < :before_ms LIMIT :limit)
    """,
    "reports": """
        UPDATE report SET description = '', reason = '' WHERE seq IN (
            SELECT seq FROM report
            WHERE decided_ms < :before_ms AND (description <> '' OR reason <> '') LIMIT :limit)
    """,
    "alerts": """
        DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE last_ms < :before_ms LIMIT :limit)
    """,
    "sessions": """
        DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_ms < :before_ms LIMIT :limit)
    """,
}
"""By the record's name in ``policy.retention``."""


class Expiring:
    """Each step is a commit of its own."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def expire(self, record: str, before_ms: int, limit: int) -> int:
        """At most so many rows of what was over before. Returns how many. Raises ``KeyError`` for a record
        that no statement is for.
        """
        row = {"before_ms": before_ms, "limit": limit}
        sql = _STATEMENTS[record]

        def job(database: Database) -> int:
            return int(database.execute(sql, row).rowcount)

        return await self._writer.run(job)
