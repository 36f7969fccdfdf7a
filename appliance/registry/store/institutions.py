"""Institutions by name; each has a short number."""

from collections.abc import Mapping

from appliance.registry.store.counters import next_number
from appliance.registry.store.database import Session


def number_of(session: Session, name: str) -> int | None:
    """None: nobody of it was ever let in."""
    row = session.one("SELECT number FROM institution WHERE name = :name", {"name": name})
    return int(row["number"]) if row else None


def known(session: Session, name: str) -> int:
    """Its number, which it gets now where it has none."""
    number = number_of(session, name)
    if number is None:
        number = next_number(session, "institution")
        session.run("INSERT INTO institution (number, name) VALUES (:n, :name)", {"n": number, "name": name})
    return number


def names(session: Session) -> Mapping[int, str]:
    """All, by number."""
    rows = session.rows("SELECT number, name FROM institution ORDER BY name")
    return {row["number"]: row["name"] for row in rows}
