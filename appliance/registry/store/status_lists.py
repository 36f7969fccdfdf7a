"""The newest status list, as it was signed."""

from dataclasses import dataclass

from appliance.registry.store.database import Session


@dataclass(frozen=True, slots=True)
class Newest:
    """``token`` is empty where something has changed since ``iat_s``. It speaks of ``size`` leases, those to
    come among them.
    """

    token: str
    iat_s: int
    size: int


def newest(session: Session) -> Newest:
    """The last one."""
    row = session.one("SELECT token, iat_s, size FROM status_list WHERE name = 'newest'")
    return Newest(row["token"], row["iat_s"], row["size"]) if row else Newest("", 0, 0)


def spoil(session: Session) -> None:
    """Something changes: it has to be signed anew. Until this transaction ends nobody else signs one."""
    session.run("UPDATE status_list SET token = '' WHERE name = 'newest'")


def put(session: Session, newest: Newest) -> None:
    """Signed anew, after ``spoil`` in the same transaction."""
    session.run(
        "UPDATE status_list SET token = :token, iat_s = :iat_s, size = :size WHERE name = 'newest'",
        {"token": newest.token, "iat_s": newest.iat_s, "size": newest.size},
    )
