"""What sessions need of others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.domain.people import ApiKey, Caller
from appliance.domain.sessions import Session


class StoredSessions(Protocol):
    """Where sessions are remembered."""

    async def add(self, session: Session, digest: bytes) -> None:
        """Remember a new one by the SHA-256 of its cookie."""
        ...

    async def end(self, session_id: str) -> None:
        """Forget one. Safe twice."""
        ...

    def end_of_key(self, key_id: str) -> None:
        """Forget those of a key, without waiting for it."""
        ...

    async def good(self, now_ms: int) -> Sequence[tuple[bytes, Session]]:
        """Those whose time is not over, the oldest first, each with the SHA-256 of its cookie."""
        ...


class Keys(Protocol):
    """Who knows the keys."""

    async def authenticate(self, raw: str, address: str = "") -> Caller:
        """Who sent this key. Raises ``NotAuthenticated``."""
        ...

    def caller_of(self, key_id: str) -> Caller | None:
        """Whom a key would be recognized as now; None where it would not be."""
        ...

    def key(self, key_id: str) -> ApiKey | None:
        """What is remembered of a key in use."""
        ...

    def on_revoked(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the id of every key that is revoked."""
        ...


class PlainHttp(Protocol):
    """Who may be answered where others on the network can read along."""

    def check(self, caller: Caller) -> None:
        """Raises ``NotAllowed``."""
        ...


class Exclusive(Protocol):
    """Whose keys may have one session at a time."""

    def refusal(self, key_id: str) -> str:
        """The sentence for a second one; empty where a key may have several."""
        ...


class SeveralEach:
    """Nobody's."""

    def refusal(self, key_id: str) -> str:  # noqa: ARG002 - any key
        """Empty."""
        return ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A session with its cookie, which is nowhere else."""

    cookie: str
    session: Session
    caller: Caller
