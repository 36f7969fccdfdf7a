"""Records of use as boxes reported them. None is changed or taken out; corrections are records too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.federation.protocol.usage import UsageRecord
from appliance.registry.store.amounts import COLUMNS, VALUES, amounts_of, values_of
from appliance.registry.store.database import Session

_INSERT: Final = f"""
INSERT INTO record (
    box, day, id, epoch, seq, grp, purpose, model, revision, file_sha256, backend, op, lease, adjusts,
    flop_method, {COLUMNS}
) VALUES (
    :box, :day, :id, :epoch, :seq, :grp, :purpose, :model, :revision, :file_sha256, :backend, :op, :lease,
    :adjusts, :flop_method, {VALUES}
)
"""  # noqa: S608  # nosec B608 - names of columns alone


@dataclass(frozen=True, slots=True)
class Link:
    """The batch that brought a record; ``box`` is the number of the box."""

    box: int
    epoch: int
    seq: int


def insert(session: Session, link: Link, records: Sequence[UsageRecord]) -> None:
    """All of them are new."""
    if records:
        session.many(_INSERT, [_values(link, record) for record in records])


def models_of(session: Session, box: int, first_day: str, last_day: str) -> Mapping[str, str]:
    """The model of each record of a box that is here, by id."""
    rows = session.rows(
        "SELECT id, model FROM record WHERE box = :box AND day BETWEEN :first_day AND :last_day",
        {"box": box, "first_day": first_day, "last_day": last_day},
    )
    return {bytes(row["id"]).hex(): row["model"] for row in rows}


def _values(link: Link, record: UsageRecord) -> Mapping[str, str | int | bytes]:
    return {
        **values_of(amounts_of(record)),
        "box": link.box,
        "epoch": link.epoch,
        "seq": link.seq,
        "day": record.day,
        "id": bytes.fromhex(record.id),
        "grp": record.group,
        "purpose": record.purpose,
        "model": record.model,
        "revision": record.revision,
        "file_sha256": record.file_sha256,
        "backend": record.backend,
        "op": record.op,
        "lease": record.lease,
        "adjusts": bytes.fromhex(record.adjusts),
        "flop_method": record.flop_method,
    }
