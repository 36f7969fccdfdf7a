"""The keys that are in use, in memory: recognizing one costs no query.

A key is found by a part of its SHA-256 and decided by all of it in constant time.
"""

import asyncio
from collections.abc import Callable, Collection
from hmac import compare_digest
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.people import ApiKey, Caller
from appliance.errors import NotAuthenticated
from appliance.policy.keys import key_digest, well_formed

INDEX_BYTES: Final = 8

CanaryListener = Callable[[ApiKey, str], None]
"""Hears which key it was, and the address that it came from; empty where that is not known."""


class KeyRing:
    """A revoked key leaves it before it leaves the disk, so that it is refused at once even where the disk
    refuses.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_digest: dict[bytes, tuple[bytes, ApiKey]] = {}
        self._digests: dict[str, bytes] = {}
        self._of_person: dict[str, set[str]] = {}
        self._canary_listeners: list[CanaryListener] = []

    def on_canary(self, listener: CanaryListener) -> None:
        """Call ``listener`` whenever somebody sends a canary. It must not raise."""
        self._canary_listeners.append(listener)

    def put(self, digest: bytes, key: ApiKey) -> None:
        """A key that is recognized from now on."""
        self._by_digest[digest[:INDEX_BYTES]] = (digest, key)
        self._digests[key.id] = digest
        self._of_person.setdefault(key.person_id, set()).add(key.id)

    def replace(self, key: ApiKey) -> None:
        """What is remembered of a key changed; one that is not in use stays so."""
        if key.id in self._digests:
            self.put(self._digests[key.id], key)

    def drop(self, key_id: str) -> bool:
        """Recognize it no more. False where it was not recognized before."""
        digest = self._digests.pop(key_id, None)
        if digest is None:
            return False
        _, key = self._by_digest.pop(digest[:INDEX_BYTES])
        self._of_person[key.person_id].discard(key_id)
        return True

    def key(self, key_id: str) -> ApiKey | None:
        """Of a key that is in use, expired ones too."""
        digest = self._digests.get(key_id)
        return None if digest is None else self._by_digest[digest[:INDEX_BYTES]][1]

    def working(self, key_id: str) -> ApiKey | None:
        """Of a key that would be recognized now."""
        key = self.key(key_id)
        return None if key is None or key.canary or self.expired(key) else key

    def of(self, person: str, project: str | None = None) -> Collection[ApiKey]:
        """The keys of a person that would be recognized now."""
        working = (self.working(key_id) for key_id in self._of_person.get(person, ()))
        return [key for key in working if key is not None and project in {None, key.project_id}]

    def expired(self, key: ApiKey) -> bool:
        """Whether its days are over."""
        return key.expires_ms is not None and key.expires_ms <= self._clock.now_ms()

    def recognize(self, raw: str, address: str = "") -> Caller:
        """Who sent this key; white space around it is ignored. Raises ``NotAuthenticated``. A canary is told
        from an unknown key by nobody but who listens for it.
        """
        text = raw.strip()
        if not well_formed(text):
            raise NotAuthenticated(
                "This is not a whole Carrel key: crl_ and 33 letters and digits. "
                "Check how it was copied, or ask who runs the box for one."
            )
        known = self._find(key_digest(text))
        if known is not None and known.canary:
            self._tell_canary(known, address)
        if known is None or known.canary:
            raise NotAuthenticated("This key is unknown or was revoked. Ask who runs the box for a new one.")
        if self.expired(known):
            raise NotAuthenticated("This key has expired. Ask who runs the box for a new one.")
        return known.caller()

    def _find(self, digest: bytes) -> ApiKey | None:
        stored, key = self._by_digest.get(digest[:INDEX_BYTES], (b"", None))
        return key if compare_digest(stored, digest) else None

    def _tell_canary(self, key: ApiKey, address: str) -> None:
        # After the answer, which must take no longer than that to an unknown key.
        loop = asyncio.get_running_loop()
        for listener in self._canary_listeners:
            loop.call_soon(listener, key, address)
