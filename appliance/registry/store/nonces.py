"""Nonces that were used. Those that were only given out leave no trace."""

from appliance.registry.store.database import Session


def use(session: Session, nonce: str, until_s: int) -> bool:
    """False: it was used before. ``until_s`` is when it would have ended by itself."""
    changed = session.run(
        "INSERT INTO nonce (nonce, until_s) VALUES (:nonce, :until_s) ON CONFLICT DO NOTHING",
        {"nonce": nonce, "until_s": until_s},
    )
    return changed == 1


def forget(session: Session, now_s: int) -> int:
    """Those that have ended."""
    return session.run("DELETE FROM nonce WHERE until_s < :now_s", {"now_s": now_s})
