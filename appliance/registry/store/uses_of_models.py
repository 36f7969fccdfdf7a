"""What boxes used of the models whose ids begin with a word: for whoever owns them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appliance.registry.store.database import Session

_COUNTED: Final = ("requests", "input_tokens", "output_tokens", "gflop")
# Whole numbers of many days may be more than a column holds, so they are added as they come.
_SUMS: Final = ", ".join(f"sum(CAST(used.{name} AS DOUBLE PRECISION)) AS {name}" for name in _COUNTED)
_SQL: Final = f"""
SELECT used.model AS model, used.box AS box, box.institution AS institution, {_SUMS}, max(used.users) AS users
FROM use_of_box AS used JOIN box ON box.number = used.box
WHERE used.day >= :first_day AND used.day <= :last_day
    AND substr(used.model, 1, :length) = :prefix AND box.organization <> :organization
GROUP BY used.model, used.box, box.institution ORDER BY used.model, used.box
"""  # noqa: S608  # nosec B608 - names of columns alone


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One box's use of one model in a time. ``users``: at least so many people on one day; 0: fewer than ten
    on each.
    """

    model: str
    box: int
    institution: int
    requests: int
    input_tokens: int
    output_tokens: int
    gflop: int
    users: int


def elsewhere(session: Session, organization: str, first_day: str, last_day: str) -> Sequence[ModelUse]:
    """Of an organization's models, by boxes that are not its own. UTC days, both within it."""
    prefix = f"{organization}."
    asked: dict[str, str | int] = {
        "first_day": first_day,
        "last_day": last_day,
        "length": len(prefix),
        "prefix": prefix,
        "organization": organization,
    }
    return [
        ModelUse(
            model=row["model"],
            box=row["box"],
            institution=row["institution"],
            users=row["users"],
            **{name: round(row[name]) for name in _COUNTED},
        )
        for row in session.rows(_SQL, asked)
    ]
