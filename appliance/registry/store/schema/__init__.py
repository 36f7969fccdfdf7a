"""The tables, as the steps that made them. The same text for SQLite and PostgreSQL.

Times are s since 1970 UTC, days are UTC days (``2026-11-20``), amounts are whole numbers. Boxes and
institutions have short numbers, since they stand in millions of rows.
"""

from collections.abc import Mapping
from typing import Final

from appliance.registry.store.schema import boxes, leases, messages, operators, usage

CLUSTERED: Final = "-- clustered"
"""Behind tables that are written and read by their key alone; each database spells it its own way."""

STEPS: Final[Mapping[str, str]] = {
    "0001_boxes": boxes.BOXES,
    "0002_messages": messages.MESSAGES,
    "0003_leases": leases.LEASES,
    "0004_usage": usage.USAGE,
    "0005_operators": operators.OPERATORS,
}
