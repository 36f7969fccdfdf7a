"""Sums of days, by box and by institution: kept with each batch, so that a page reads hundreds of rows and
not millions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from appliance.registry.store.amounts import COLUMNS, NAMES, SUMMED, VALUES, Amounts, values_of
from appliance.registry.store.database import Session

_MOST_USERS: Final = "users = CASE WHEN TABLE.users < excluded.users THEN excluded.users ELSE TABLE.users END"


def _adding(table: str, keys: str) -> str:
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in SUMMED)
    keyed = ", ".join(f":{name.strip()}" for name in keys.split(","))
    return f"""
    INSERT INTO {table} ({keys}, {COLUMNS}) VALUES ({keyed}, {VALUES})
    ON CONFLICT ({keys}) DO UPDATE SET {sums}, {_MOST_USERS.replace("TABLE", table)}
    RETURNING {COLUMNS}
    """  # noqa: S608  # nosec B608 - names of tables and columns alone


_OF_BOX: Final = _adding("use_of_box", "box, day, model")
_OF_INSTITUTION: Final = _adding("use_of_institution", "day, institution, model")


def add(session: Session, *, box: int, institution: int, day: str, model: str, amounts: Amounts) -> Amounts:
    """What a box has used of a model on a day, now that this has come to it."""
    keys: dict[str, str | int] = {"day": day, "model": model, "box": box, "institution": institution}
    values = {**values_of(amounts), **keys}
    row = session.one(_OF_BOX, values)
    session.one(_OF_INSTITUTION, values)
    return Amounts(**row) if row else amounts


@dataclass(frozen=True, slots=True)
class UseSum:
    """``name`` is that of an institution, the id of a model or of a box, or a day."""

    name: str
    amounts: Amounts


_NAMED: Final[Mapping[str, str]] = {
    "day": "used.day",
    "model": "used.model",
    "institution": "institution.name",
    "box": "box.id",
}
# Whole numbers of all boxes together may be more than a column holds, so they are added as they come.
_SUMMING: Final = ", ".join(f"sum(CAST(used.{name} AS DOUBLE PRECISION)) AS {name}" for name in SUMMED)
_SOME: Final = """
(:since = '' OR used.day >= :since) AND (:until = '' OR used.day <= :until)
    AND (:model = '' OR used.model = :model) AND (:institution = '' OR institution.name = :institution)
"""


def sums(
    session: Session,
    by: Literal["day", "model", "institution", "box"],
    *,
    since: str = "",
    until: str = "",
    institution: str = "",
    model: str = "",
) -> Sequence[UseSum]:
    """In the order of their names. UTC days, both within it; an empty value: no bound."""
    joined = (
        "use_of_box AS used JOIN box ON box.number = used.box "
        "JOIN institution ON institution.number = box.institution"
        if by == "box"
        else "use_of_institution AS used JOIN institution ON institution.number = used.institution"
    )
    rows = session.rows(
        f"""
        SELECT {_NAMED[by]} AS name, {_SUMMING}, max(used.users) AS users
        FROM {joined} WHERE {_SOME} GROUP BY {_NAMED[by]} ORDER BY {_NAMED[by]}
        """,  # noqa: S608  # nosec B608 - names of tables and columns alone
        {"since": since, "until": until, "institution": institution, "model": model},
    )
    return [UseSum(row["name"], Amounts(**{one: round(row[one]) for one in NAMES})) for row in rows]
