"""Keys of seats, with what each may spend: inside a job of the writer."""

from typing import Final

from sqlite_utils import Database

from appliance.domain.allocation import Allocation, Scope, Window
from appliance.domain.enrolling import NewSeatKey, Recapped, SeatChange
from appliance.store.allocations import put
from appliance.store.keys import insert_key, put_limits

_REVOKE: Final = "UPDATE key SET revoked_ms = coalesce(revoked_ms, :now_ms) WHERE id = :key"
_END_LIMIT: Final = """
UPDATE allocation SET ended_ms = coalesce(ended_ms, :now_ms) WHERE scope = 'key' AND subject = :key
"""
_ADD: Final = "INSERT INTO class_key (key_id, class_id, person_id) VALUES (:key, :class_id, :person_id)"
# Of the last key that had a limit: what is still held by it is spent, as far as anybody knows now.
_LEFT: Final = """
SELECT max(limit_micro + granted_micro - spent_micro - held_micro, 0) FROM class_key
JOIN allocation ON allocation.scope = 'key' AND allocation.subject = class_key.key_id
    AND allocation.window = 'total'
JOIN account ON account.allocation_id = allocation.id AND account.subject = class_key.key_id
WHERE class_id = :class_id AND person_id = :person_id AND limit_micro IS NOT NULL
    AND class_key.rowid = (
        SELECT max(rowid) FROM class_key WHERE class_id = :class_id AND person_id = :person_id
    )
ORDER BY allocation.created_ms DESC, allocation.rowid DESC LIMIT 1
"""
_EXPIRE: Final = "UPDATE key SET expires_ms = :expires_ms WHERE id = :key"
_MORE: Final = """
UPDATE allocation SET limit_micro = max(limit_micro + :more, 0)
WHERE scope = 'key' AND subject = :key AND window = 'total'
"""


def change_seat_key(database: Database, change: SeatChange) -> None:
    """The key before stops working, the new one takes over what the seat has left."""
    seat = change.seat
    if change.ends is not None:
        values = {"key": change.ends, "now_ms": change.at_ms}
        database.execute(_REVOKE, values)
        database.execute(_END_LIMIT, values)
    if change.made is None:
        return
    made, whose = change.made, {"class_id": seat.class_id, "person_id": seat.person_id}
    left = database.execute(_LEFT, whose).fetchone()
    limit_micro = made.limit_micro if left is None or made.limit_micro is None else int(left[0])
    insert_key(database, made.key, made.digest)
    database.execute(_ADD, {**whose, "key": made.key.id})
    _limit(database, made, limit_micro, change.at_ms)


def recap(database: Database, one: Recapped, project_id: str) -> None:
    """Other caps of a key that is in use."""
    put_limits(database, one.key_id, one.limits)
    database.execute(_EXPIRE, {"key": one.key_id, "expires_ms": one.expires_ms})
    if one.unlimited:
        database.execute(_END_LIMIT, {"key": one.key_id, "now_ms": one.at_ms})
    elif one.limit_micro is not None:
        put(database, _allocation(project_id, one.key_id, one.limit_micro), one.at_ms)
    elif one.more_micro:
        database.execute(_MORE, {"key": one.key_id, "more": one.more_micro})


def _limit(database: Database, made: NewSeatKey, limit_micro: int | None, now_ms: int) -> None:
    if limit_micro is not None:
        put(database, _allocation(made.key.project_id, made.key.id, limit_micro), now_ms)


def _allocation(project_id: str, key_id: str, limit_micro: int) -> Allocation:
    return Allocation("", project_id, Scope.KEY, key_id, Window.TOTAL, limit_micro)
