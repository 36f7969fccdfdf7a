"""What a person should look at: forks, new epochs, catalogs that differ, checks that do not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from appliance.registry.store.database import Session

MarkKind = Literal["epoch", "fork", "catalog", "check"]
_INSERT: Final = """
INSERT INTO mark (id, box, kind, at_s, epoch, seq, words, settled_s, settled_by)
VALUES (:id, :box, :kind, :now_s, :epoch, :seq, :words, NULL, '') ON CONFLICT (id) DO NOTHING
"""
_SELECT: Final = """
SELECT mark.id, box.id AS box_id, box.name AS box_name, institution.name AS institution, mark.kind, mark.at_s,
    mark.epoch, mark.seq, mark.words, mark.settled_s, mark.settled_by
FROM mark JOIN box ON box.number = mark.box JOIN institution ON institution.number = box.institution
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """``settled_s``: somebody has looked at it."""

    id: str
    box_id: str
    box_name: str
    institution: str
    kind: MarkKind
    at_s: int
    epoch: int
    seq: int
    words: str
    settled_s: int | None
    settled_by: str


def put(session: Session, box: int, kind: MarkKind, *, epoch: int, seq: int, words: str, now_s: int) -> None:
    """The first of its kind about a batch counts, so that the same again fills nothing."""
    session.run(
        _INSERT,
        {
            "id": f"{kind}-{box}-{epoch}-{seq}",
            "box": box,
            "kind": kind,
            "now_s": now_s,
            "epoch": epoch,
            "seq": seq,
            "words": words,
        },
    )


def count(session: Session, box: int, kind: MarkKind, since_s: int) -> int:
    """How many of a box since then."""
    row = session.one(
        "SELECT count(*) AS n FROM mark WHERE box = :box AND kind = :kind AND at_s >= :since_s",
        {"box": box, "kind": kind, "since_s": since_s},
    )
    return int(row["n"]) if row else 0


def settle(session: Session, id: str, by: str, now_s: int) -> bool:
    """False: there is none of that id that is open."""
    sql = "UPDATE mark SET settled_s = :now_s, settled_by = :by WHERE id = :id AND settled_s IS NULL"
    return session.run(sql, {"id": id, "by": by, "now_s": now_s}) == 1


def all_of(session: Session, *, only_open: bool = True) -> Sequence[Mark]:
    """Newest first."""
    where = " WHERE mark.settled_s IS NULL" if only_open else ""
    return [
        Mark(**row) for row in session.rows(f"{_SELECT}{where} ORDER BY mark.at_s DESC, mark.id LIMIT 1000")
    ]
