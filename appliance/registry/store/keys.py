"""Keys of boxes, and until when each counts."""

from collections.abc import Mapping
from typing import Final

from appliance.registry.store.database import Session

_INSERT: Final = "INSERT INTO box_key (id, box, x, from_s, until_s) VALUES (:id, :box, :x, :now_s, NULL)"
_END: Final = "UPDATE box_key SET until_s = :until_s WHERE box = :box AND until_s IS NULL"


def insert(session: Session, box: int, *, id: str, x: str, now_s: int) -> None:
    """The box's key from now on. Raises ``Conflict`` where it is a key of any box already."""
    session.run(_INSERT, {"id": id, "box": box, "x": x, "now_s": now_s})


def replace(session: Session, box: int, *, id: str, x: str, now_s: int, until_s: int) -> None:
    """As ``insert``; the one before counts until ``until_s``."""
    session.run(_END, {"box": box, "until_s": until_s})
    insert(session, box, id=id, x=x, now_s=now_s)


def of_box(session: Session, box: int) -> Mapping[str, int | None]:
    """Thumbprints of all that it ever had, and until when each counts (None: it is the present one)."""
    rows = session.rows("SELECT id, until_s FROM box_key WHERE box = :box", {"box": box})
    return {row["id"]: row["until_s"] for row in rows}


def is_known(session: Session, id: str) -> bool:
    """Whether it is, or was, a key of any box."""
    return session.one("SELECT 1 AS there FROM box_key WHERE id = :id", {"id": id}) is not None
