"""Rows of boxes: who they are, and how far the registry has their reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from appliance.registry.store.database import Row, Session

BoxState = Literal["active", "suspended"]
_SELECT: Final = """
SELECT box.*, institution.name AS institution_name, box_key.id AS key_id
FROM box JOIN institution ON institution.number = box.institution
JOIN box_key ON box_key.box = box.number AND box_key.until_s IS NULL
"""
_INSERT: Final = """
INSERT INTO box (
    number, id, institution, organization, name, software, sealing_key, replaces, state, reason, enrolled_s,
    seen_s, clock_off_s, epoch, seq, head, reported_s, last_day
) VALUES (
    :number, :id, :institution, :organization, :name, :software, :sealing_key, :replaces, 'active', '',
    :enrolled_s, :enrolled_s, 0, 1, 0, '', 0, ''
)
"""


@dataclass(frozen=True, slots=True)
class Box:
    """``id`` is the thumbprint of the key that it enrolled with, ``key`` that of its key now; ``number`` is
    for this database alone. ``epoch``, ``seq`` and ``head`` are the last batch that is here. ``clock_off_s``
    is by how much its clock was wrong when it last spoke over the network.
    """

    number: int
    id: str
    key: str
    institution: int
    institution_name: str
    organization: str
    name: str
    software: str
    sealing_key: str
    replaces: str
    state: BoxState
    reason: str
    enrolled_s: int
    seen_s: int
    clock_off_s: int
    epoch: int
    seq: int
    head: str
    reported_s: int
    last_day: str


@dataclass(frozen=True, slots=True)
class NewBox:
    """What is known of a box that enrolls."""

    number: int
    id: str
    institution: int
    organization: str
    name: str
    software: str
    sealing_key: str
    replaces: str
    enrolled_s: int


def insert(session: Session, box: NewBox) -> None:
    """A box without a key: ``keys.insert`` comes with it."""
    session.run(
        _INSERT,
        {
            "number": box.number,
            "id": box.id,
            "institution": box.institution,
            "organization": box.organization,
            "name": box.name,
            "software": box.software,
            "sealing_key": box.sealing_key,
            "replaces": box.replaces,
            "enrolled_s": box.enrolled_s,
        },
    )


def of_id(session: Session, id: str) -> Box | None:
    """The box of that thumbprint."""
    row = session.one(f"{_SELECT} WHERE box.id = :id", {"id": id})
    return _box(row) if row else None


def of_number(session: Session, number: int) -> Box | None:
    """The box of that number."""
    row = session.one(f"{_SELECT} WHERE box.number = :number", {"number": number})
    return _box(row) if row else None


def of_organization(session: Session, organization: str) -> Sequence[Box]:
    """Those whose lab may list models under that name, oldest first."""
    sql = f"{_SELECT} WHERE box.organization = :organization ORDER BY box.number"
    return [_box(row) for row in session.rows(sql, {"organization": organization})]


def all_of(session: Session) -> Sequence[Box]:
    """Every one, oldest first."""
    return [_box(row) for row in session.rows(f"{_SELECT} ORDER BY box.number")]


def lock(session: Session, number: int, now_s: int) -> None:
    """Until the transaction ends, nobody else writes about this box; it was seen now."""
    session.run(
        """
        UPDATE box SET seen_s = CASE WHEN seen_s < :now_s THEN :now_s ELSE seen_s END WHERE number = :number
        """,
        {"number": number, "now_s": now_s},
    )


def set_state(session: Session, number: int, state: BoxState, reason: str) -> None:
    """A suspended box is answered nothing but that."""
    session.run(
        "UPDATE box SET state = :state, reason = :reason WHERE number = :number",
        {"number": number, "state": state, "reason": reason},
    )


def set_replaces(session: Session, number: int, replaces: str) -> None:
    """A person has seen that this box stands for another."""
    session.run(
        "UPDATE box SET replaces = :replaces WHERE number = :number", {"number": number, "replaces": replaces}
    )


def set_software(session: Session, number: int, software: str) -> None:
    """As the box tells it."""
    session.run(
        "UPDATE box SET software = :software WHERE number = :number AND software <> :software",
        {"number": number, "software": software},
    )


def set_clock(session: Session, number: int, off_s: int) -> None:
    """By how much its clock is wrong."""
    session.run(
        "UPDATE box SET clock_off_s = :off_s WHERE number = :number AND clock_off_s <> :off_s",
        {"number": number, "off_s": off_s},
    )


def advance(session: Session, number: int, *, epoch: int, seq: int, head: str, day: str, now_s: int) -> None:
    """One more batch of it is here."""
    session.run(
        """
        UPDATE box SET epoch = :epoch, seq = :seq, head = :head, reported_s = :now_s,
            last_day = CASE WHEN last_day < :day THEN :day ELSE last_day END
        WHERE number = :number
        """,
        {"number": number, "epoch": epoch, "seq": seq, "head": head, "day": day, "now_s": now_s},
    )


def _box(row: Row) -> Box:
    values: dict[str, Any] = dict(row)
    values["key"] = values.pop("key_id")
    return Box(**values)
