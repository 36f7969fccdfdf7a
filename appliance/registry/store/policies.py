"""What leases of a model are like, where the registry's people have said so."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from appliance.registry.store.database import Row, Session

ANY: Final = "*"
"""For every model that has no policy of its own."""
_SET: Final = """
INSERT INTO lease_policy (
    model, days, grace_days, term_days, term_grace_days, needs_agreement, needs_application, terms_sha256,
    countersigns_at_once, set_s
) VALUES (
    :model, :days, :grace_days, :term_days, :term_grace_days, :needs_agreement, :needs_application,
    :terms_sha256, :countersigns_at_once, :now_s
) ON CONFLICT (model) DO UPDATE SET
    days = excluded.days, grace_days = excluded.grace_days, term_days = excluded.term_days,
    term_grace_days = excluded.term_grace_days, needs_agreement = excluded.needs_agreement,
    needs_application = excluded.needs_application, terms_sha256 = excluded.terms_sha256,
    countersigns_at_once = excluded.countersigns_at_once, set_s = excluded.set_s
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """``term_days`` 0: no leases for a whole term. ``terms_sha256`` is the text that an institution has to
    have accepted (""): none. With ``countersigns_at_once`` nobody at the registry looks at an application.
    """

    model: str
    days: int = 30
    grace_days: int = 14
    term_days: int = 120
    term_grace_days: int = 14
    needs_agreement: bool = True
    needs_application: bool = False
    terms_sha256: str = ""
    countersigns_at_once: bool = False


def put(session: Session, policy: Policy, now_s: int) -> None:
    """In place of the one that the model has."""
    numbers = {
        name: int(value) if isinstance(value, bool) else value for name, value in asdict(policy).items()
    }
    session.run(_SET, {**numbers, "now_s": now_s})


def of_model(session: Session, model: str) -> Policy:
    """The model's own, or the one for any, or the ordinary one."""
    rows = session.rows(
        "SELECT * FROM lease_policy WHERE model IN (:model, :any)", {"model": model, "any": ANY}
    )
    found = {row["model"]: _policy(row) for row in rows}
    return found.get(model) or found.get(ANY) or Policy(ANY)


def all_of(session: Session) -> Sequence[Policy]:
    """Those that were set."""
    return [_policy(row) for row in session.rows("SELECT * FROM lease_policy ORDER BY model")]


def _policy(row: Row) -> Policy:
    return Policy(
        model=row["model"],
        days=row["days"],
        grace_days=row["grace_days"],
        term_days=row["term_days"],
        term_grace_days=row["term_grace_days"],
        needs_agreement=bool(row["needs_agreement"]),
        needs_application=bool(row["needs_application"]),
        terms_sha256=row["terms_sha256"],
        countersigns_at_once=bool(row["countersigns_at_once"]),
    )
