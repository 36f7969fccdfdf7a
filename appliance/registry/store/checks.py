"""Spot checks: which rows of a batch a box was asked to show, and what it showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from appliance.registry.store.database import Row, Session

CheckState = Literal["waiting", "fits", "refused", "wrong"]
_INSERT: Final = """
INSERT INTO spot_check (
    id, box, epoch, seq, leaves, reason, made_s, state, words, answer, answered_s
) VALUES (:id, :box, :epoch, :seq, :leaves, :reason, :now_s, 'waiting', '', '', NULL)
"""
_SELECT: Final = "SELECT spot_check.*, box.id AS box_id FROM spot_check JOIN box ON box.number = box"


@dataclass(frozen=True, slots=True)
class SpotCheck:
    """``answer`` is the JSON of the rows that were shown; ``words`` say why none were, or what is wrong."""

    id: str
    box: int
    box_id: str
    epoch: int
    seq: int
    leaves: tuple[int, ...]
    reason: str
    made_s: int
    state: CheckState
    words: str
    answer: str
    answered_s: int | None


def insert(
    session: Session,
    id: str,
    box: int,
    *,
    epoch: int,
    seq: int,
    leaves: Sequence[int],
    reason: str,
    now_s: int,
) -> None:
    """It is asked."""
    session.run(
        _INSERT,
        {
            "id": id,
            "box": box,
            "epoch": epoch,
            "seq": seq,
            "leaves": msgspec.json.encode(list(leaves)).decode(),
            "reason": reason,
            "now_s": now_s,
        },
    )


def find(session: Session, id: str) -> SpotCheck | None:
    """One of them."""
    row = session.one(f"{_SELECT} WHERE spot_check.id = :id", {"id": id})
    return _check(row) if row else None


def answer(session: Session, id: str, state: CheckState, *, words: str, answer: str, now_s: int) -> None:
    """It was answered."""
    session.run(
        """
        UPDATE spot_check SET state = :state, words = :words, answer = :answer, answered_s = :now_s
        WHERE id = :id
        """,
        {"id": id, "state": state, "words": words, "answer": answer, "now_s": now_s},
    )


def all_of(session: Session) -> Sequence[SpotCheck]:
    """Newest first."""
    return [_check(row) for row in session.rows(f"{_SELECT} ORDER BY made_s DESC, spot_check.id LIMIT 1000")]


def _check(row: Row) -> SpotCheck:
    return SpotCheck(
        id=row["id"],
        box=row["box"],
        box_id=row["box_id"],
        epoch=row["epoch"],
        seq=row["seq"],
        leaves=msgspec.json.decode(row["leaves"], type=tuple[int, ...]),
        reason=row["reason"],
        made_s=row["made_s"],
        state=row["state"],
        words=row["words"],
        answer=row["answer"],
        answered_s=row["answered_s"],
    )
