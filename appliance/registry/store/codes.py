"""Codes that let one box in, once. Only their hashes are here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.registry.store.database import Session

_INSERT: Final = """
INSERT INTO enrollment_code (code_sha256, institution, organization, made_s, until_s, box, used_s)
VALUES (:code_sha256, :institution, :organization, :made_s, :until_s, NULL, NULL)
"""
_SPEND: Final = """
UPDATE enrollment_code SET box = :box, used_s = :now_s
WHERE code_sha256 = :code_sha256 AND used_s IS NULL AND until_s >= :now_s
RETURNING *
"""


@dataclass(frozen=True, slots=True)
class Code:
    """``box`` is the thumbprint of the box that used it; None: nobody did."""

    code_sha256: str
    institution: int
    organization: str
    made_s: int
    until_s: int
    box: str | None
    used_s: int | None


def insert(
    session: Session, code_sha256: str, *, institution: int, organization: str, now_s: int, until_s: int
) -> None:
    """A new one."""
    session.run(
        _INSERT,
        {
            "code_sha256": code_sha256,
            "institution": institution,
            "organization": organization,
            "made_s": now_s,
            "until_s": until_s,
        },
    )


def spend(session: Session, code_sha256: str, *, box: str, now_s: int) -> Code | None:
    """Use it up; None where it is unknown, used or over. Of two who try at once one gets it."""
    row = session.one(_SPEND, {"code_sha256": code_sha256, "box": box, "now_s": now_s})
    return Code(**row) if row else None


def unused(session: Session, now_s: int) -> Sequence[Code]:
    """Those that still let somebody in."""
    sql = "SELECT * FROM enrollment_code WHERE used_s IS NULL AND until_s >= :now_s ORDER BY made_s"
    return [Code(**row) for row in session.rows(sql, {"now_s": now_s})]
