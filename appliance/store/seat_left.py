"""What the keys of a class's seats may still spend, by person: of those that have a limit of their own."""

from collections.abc import Mapping
from typing import Final

from appliance.domain.classes import SeatLeft
from appliance.store.reader import Reader

# In this order: of all allocations only those of these seats are read.
_LEFT: Final = """
SELECT class_seat.person_id AS person,
    max(limit_micro + coalesce(granted_micro, 0) - coalesce(spent_micro, 0), 0) AS left_micro,
    coalesce(granted_micro, 0) AS given_micro
FROM class_seat
CROSS JOIN class ON class.id = class_seat.class_id
CROSS JOIN allocation ON allocation.project_id = class.project_id AND allocation.scope = 'key'
    AND allocation.subject = class_seat.key_id AND allocation.window = 'total'
    AND allocation.ended_ms IS NULL
LEFT JOIN account ON account.allocation_id = allocation.id AND account.subject = class_seat.key_id
WHERE class_id = :class_id AND limit_micro IS NOT NULL
"""


class SeatLeftTable:
    """Reads what the ledger wrote."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of_class(self, class_id: str) -> Mapping[str, SeatLeft]:
        """Once all running requests have given back what they hold."""
        which = {"class_id": class_id}
        return await self._reader.run(
            lambda database: {
                row["person"]: SeatLeft(row["left_micro"], row["given_micro"])
                for row in database.query(_LEFT, which)
            }
        )
