"""A few values that all processes of the registry share."""

from collections.abc import Callable

from appliance.registry.store.database import Session


def kept(session: Session, name: str, made: Callable[[], str]) -> str:
    """The value of that name; the first who asks makes it."""
    session.run(
        "INSERT INTO setting (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING",
        {"name": name, "value": made()},
    )
    row = session.one("SELECT value FROM setting WHERE name = :name", {"name": name})
    return str(row["value"]) if row else ""
