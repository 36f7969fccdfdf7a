"""The sessions that are good, in memory: recognizing one costs no query.

A session is found by a part of its cookie's SHA-256 and decided by all of it in constant time.
"""

from collections.abc import Sequence
from hmac import compare_digest
from typing import Final

from appliance.domain.sessions import Session

INDEX_BYTES: Final = 8


class SessionShelf:
    """Who decides how long one is good is somebody else."""

    def __init__(self) -> None:
        self._by_digest: dict[bytes, tuple[bytes, Session]] = {}
        self._digests: dict[str, bytes] = {}
        self._of_key: dict[str, list[Session]] = {}

    def __len__(self) -> int:
        return len(self._by_digest)

    def put(self, digest: bytes, session: Session) -> None:
        """Recognized from now on."""
        self._by_digest[digest[:INDEX_BYTES]] = (digest, session)
        self._digests[session.id] = digest
        self._of_key.setdefault(session.key_id, []).append(session)

    def find(self, digest: bytes) -> Session | None:
        """The one whose cookie has this SHA-256."""
        stored, session = self._by_digest.get(digest[:INDEX_BYTES], (b"", None))
        return session if compare_digest(stored, digest) else None

    def drop(self, session: Session) -> bool:
        """Recognized no more. False where it was not before."""
        digest = self._digests.pop(session.id, None)
        if digest is None:
            return False
        del self._by_digest[digest[:INDEX_BYTES]]
        left = [one for one in self._of_key[session.key_id] if one.id != session.id]
        if left:
            self._of_key[session.key_id] = left
        else:
            del self._of_key[session.key_id]
        return True

    def of_key(self, key_id: str) -> Sequence[Session]:
        """A key's, the oldest first."""
        return tuple(self._of_key.get(key_id, ()))

    def over(self, now_ms: int) -> Sequence[Session]:
        """Those whose time is over."""
        return [session for _, session in self._by_digest.values() if session.expires_ms <= now_ms]
