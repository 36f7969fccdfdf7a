"""Rows of answered lines, which stand only until they are in the files of their batch."""

from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils import Database

from appliance.domain.batches import LineAnswer

_INSERT: Final = """
INSERT INTO batch_line (batch_id, line, custom_id, request_id, status, body)
VALUES (:batch, :line, :custom_id, :request, :status, :body) ON CONFLICT (batch_id, line) DO NOTHING
"""
_COUNT: Final = """
UPDATE batch SET completed = completed + :succeeded, failed = failed + (1 - :succeeded) WHERE id = :batch
"""


def keep_line(database: Database, answer: LineAnswer) -> bool:
    """Store the end of a line and count it, inside a job; False where it has one already, which stays."""
    row = {
        "batch": answer.batch_id,
        "line": answer.line,
        "custom_id": answer.custom_id,
        "request": answer.request_id,
        "status": answer.status,
        "body": answer.body,
        "succeeded": answer.succeeded,
    }
    if database.execute(_INSERT, row).rowcount == 0:
        return False
    database.execute(_COUNT, row)
    return True


def line_of(row: Mapping[str, Any]) -> LineAnswer:
    """A row as a value."""
    return LineAnswer(
        batch_id=row["batch_id"],
        line=row["line"],
        custom_id=row["custom_id"],
        request_id=row["request_id"],
        status=row["status"],
        body=bytes(row["body"]),
    )
