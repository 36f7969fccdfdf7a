"""Links of boxes' chains that are here."""

from dataclasses import dataclass
from typing import Final

from appliance.federation.protocol.usage import UsageBatch
from appliance.registry.store.database import Session

_INSERT: Final = """
INSERT INTO batch (
    box, epoch, seq, digest, first_day, last_day, records, merkle_root, leaves, catalog_version,
    catalog_sha256, audit_rows, audit_head, received_s
) VALUES (
    :box, :epoch, :seq, :digest, :first_day, :last_day, :records, :merkle_root, :leaves, :catalog_version,
    :catalog_sha256, :audit_rows, :audit_head, :now_s
)
"""
_SELECT: Final = "SELECT epoch, seq, first_day, last_day, merkle_root, leaves, received_s FROM batch"


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """What a spot check needs of one."""

    epoch: int
    seq: int
    first_day: str
    last_day: str
    merkle_root: str
    leaves: int
    received_s: int


def insert(session: Session, box: int, batch: UsageBatch, *, digest: str, now_s: int) -> None:
    """It is here."""
    session.run(
        _INSERT,
        {
            "box": box,
            "epoch": batch.epoch,
            "seq": batch.seq,
            "digest": digest,
            "first_day": batch.first_day,
            "last_day": batch.last_day,
            "records": len(batch.records),
            "merkle_root": batch.merkle_root,
            "leaves": batch.leaves,
            "catalog_version": batch.catalog.snapshot_version,
            "catalog_sha256": batch.catalog.snapshot_sha256,
            "audit_rows": batch.audit_rows,
            "audit_head": batch.audit_head,
            "now_s": now_s,
        },
    )


def digest_at(session: Session, box: int, epoch: int, seq: int) -> str | None:
    """Of the batch of that number; None: it is not here."""
    row = session.one(
        "SELECT digest FROM batch WHERE box = :box AND epoch = :epoch AND seq = :seq",
        {"box": box, "epoch": epoch, "seq": seq},
    )
    return str(row["digest"]) if row else None


def find(session: Session, box: int, epoch: int, seq: int) -> StoredBatch | None:
    """One of them."""
    row = session.one(
        f"{_SELECT} WHERE box = :box AND epoch = :epoch AND seq = :seq",
        {"box": box, "epoch": epoch, "seq": seq},
    )
    return StoredBatch(**row) if row else None


def with_leaves(session: Session, box: int, day: str = "") -> StoredBatch | None:
    """The newest that has rows to be shown; with ``day``, of those that reach it."""
    row = session.one(
        f"""
        {_SELECT} WHERE box = :box AND leaves > 0 AND (:day = '' OR (first_day <= :day AND last_day >= :day))
        ORDER BY epoch DESC, seq DESC LIMIT 1
        """,
        {"box": box, "day": day},
    )
    return StoredBatch(**row) if row else None


def other_catalog(session: Session, box: int, *, version: int, sha256: str) -> bool:
    """Remember which catalog a box has seen; whether another box has seen another of the same version."""
    session.run(
        """
        INSERT INTO catalog_seen (version, sha256, box) VALUES (:version, :sha256, :box)
        ON CONFLICT (version, sha256) DO NOTHING
        """,
        {"version": version, "sha256": sha256, "box": box},
    )
    row = session.one("SELECT count(*) AS n FROM catalog_seen WHERE version = :version", {"version": version})
    return row is not None and row["n"] > 1
