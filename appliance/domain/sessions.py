"""A browser's session: a key was exchanged for it, and it ends with that key at the latest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """Times in ms since 1970 UTC. ``secure``: begun where nobody could read along, and good only there.
    ``exclusive``: it is the only one of its key, as in an exam, and good only from the ``address`` that it
    began from, which is empty for others.
    """

    id: str
    key_id: str
    created_ms: int
    expires_ms: int
    secure: bool
    exclusive: bool = False
    address: str = ""
