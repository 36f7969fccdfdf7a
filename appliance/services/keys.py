"""Keys: made, listed, revoked, and recognized at the door.

Recognizing costs no query: the keys that were not revoked live in memory, by their SHA-256. A revoked key
leaves memory before it leaves the disk, so that it is refused at once even where the disk refuses.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hmac import compare_digest
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.people import DEFAULT_ID, ApiKey, Caller, Project
from appliance.domain.results import KeyIssued, KeyList, KeySummary, Result
from appliance.errors import NotAuthenticated, NotFound
from appliance.policy.keys import SECRET_BYTES, format_key, key_digest, well_formed
from appliance.services.labels import require_label

DAY_MS: Final = 86_400_000
INDEX_BYTES: Final = 8
ID_BYTES: Final = 6


class Keys(Protocol):
    """Where keys are remembered."""

    async def add(self, key: ApiKey, digest: bytes) -> None:
        """Remember a new key by the SHA-256 of its secret."""
        ...

    async def revoke(self, key_id: str, now_ms: int) -> ApiKey:
        """Raises ``NotFound``."""
        ...

    async def all(self, project_id: str | None = None) -> Sequence[ApiKey]:
        """Keys of one project or of all, oldest first."""
        ...

    async def usable(self) -> Sequence[tuple[bytes, ApiKey]]:
        """SHA-256 and key of every key that was not revoked."""
        ...


class KnownProjects(Protocol):
    """Which projects there are."""

    async def all(self) -> Sequence[Project]:
        """Every project."""
        ...


class KeyService:
    """Answers ``key new``, ``key list`` and ``key revoke``, and is the authenticator of the public API."""

    def __init__(
        self,
        keys: Keys,
        projects: KnownProjects,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._keys = keys
        self._projects = projects
        self._clock = clock
        self._random_bytes = random_bytes
        self._known: dict[bytes, tuple[bytes, ApiKey]] = {}
        self._listeners: list[Callable[[str], None]] = []

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"key.new": self.new, "key.list": self.show_all, "key.revoke": self.revoke}

    def on_revoked(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the id of every key that is revoked, so that its streams can end."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Learn the keys that are on disk. Until then nobody is recognized."""
        for digest, key in await self._keys.usable():
            self._learn(digest, key)

    def key(self, key_id: str) -> ApiKey | None:
        """What is remembered of a key that is in use; None for one that is not any more."""
        return next((key for _, key in self._known.values() if key.id == key_id), None)

    async def authenticate(self, raw: str) -> Caller:
        """Who sent this key; white space around it is ignored. Raises ``NotAuthenticated``."""
        key = raw.strip()
        if not well_formed(key):
            raise NotAuthenticated(
                "This is not a whole Carrel key: crl_ and 33 letters and digits. "
                "Check how it was copied, or ask who runs the box for one."
            )
        known = self._find(key_digest(key))
        if known is None:
            raise NotAuthenticated("This key is unknown or was revoked. Ask who runs the box for a new one.")
        if self._expired(known):
            raise NotAuthenticated("This key has expired. Ask who runs the box for a new one.")
        return known.caller()

    def works(self, key_id: str) -> bool:
        """Whether a key of this id would be recognized now."""
        return any(one.id == key_id and not self._expired(one) for _, one in self._known.values())

    async def new(self, *, name: str, project: str = "default", expires_days: int | None = None) -> KeyIssued:
        """Make a key, shown in this answer only. Raises ``BadRequest``, ``NotFound``."""
        label = require_label(name, "name")
        await self._require_project(project)
        secret = format_key(self._random_bytes(SECRET_BYTES))
        key = self._describe(secret, label, project, expires_days)
        await self._keys.add(key, key_digest(secret))
        self._learn(key_digest(secret), key)
        return KeyIssued(key=secret, id=key.id, name=label, project=project, expires_ms=key.expires_ms)

    async def show_all(self, *, project: str | None = None) -> KeyList:
        """Keys of one project or of all, oldest first."""
        return KeyList(keys=tuple(self._summary(key) for key in await self._keys.all(project)))

    async def revoke(self, *, id: str) -> KeyList:
        """End a key at once, and what it runs. Ending it twice is ending it. Raises ``NotFound``."""
        if self._forget(id):
            for listener in self._listeners:
                listener(id)
        revoked = await self._keys.revoke(id, self._clock.now_ms())
        return KeyList(keys=(self._summary(revoked),))

    def _learn(self, digest: bytes, key: ApiKey) -> None:
        self._known[digest[:INDEX_BYTES]] = (digest, key)

    def _find(self, digest: bytes) -> ApiKey | None:
        # Found by a part of the digest, decided by all of it in constant time.
        stored, key = self._known.get(digest[:INDEX_BYTES], (b"", None))
        return key if compare_digest(stored, digest) else None

    def _forget(self, key_id: str) -> bool:
        indexes = [index for index, (_, key) in self._known.items() if key.id == key_id]
        for index in indexes:
            del self._known[index]
        return bool(indexes)

    def _expired(self, key: ApiKey) -> bool:
        return key.expires_ms is not None and key.expires_ms <= self._clock.now_ms()

    def _describe(self, secret: str, label: str, project: str, expires_days: int | None) -> ApiKey:
        now_ms = self._clock.now_ms()
        return ApiKey(
            id=f"key_{self._random_bytes(ID_BYTES).hex()}",
            name=label,
            last4=secret[-4:],
            person_id=DEFAULT_ID,
            project_id=project,
            created_ms=now_ms,
            expires_ms=None if expires_days is None else now_ms + expires_days * DAY_MS,
            revoked_ms=None,
        )

    async def _require_project(self, project: str) -> None:
        if all(one.id != project for one in await self._projects.all()):
            raise NotFound("No project has this id. `carrel project list` shows them all.", param="project")

    def _summary(self, key: ApiKey) -> KeySummary:
        return KeySummary(
            id=key.id,
            name=key.name,
            last4=key.last4,
            project=key.project_id,
            person=key.person_id,
            state=self._state(key),
            created_ms=key.created_ms,
            expires_ms=key.expires_ms,
            revoked_ms=key.revoked_ms,
        )

    def _state(self, key: ApiKey) -> str:
        if key.revoked_ms is not None:
            return "revoked"
        return "expired" if self._expired(key) else "active"
