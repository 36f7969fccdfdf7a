"""Keys: made, limited, listed, revoked, and recognized at the door."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.clock import Clock
from appliance.domain.people import DEFAULT_ID, NO_KEY_LIMITS, ApiKey, Caller, KeyLimits
from appliance.domain.results import KeyIssued, KeyList, Result
from appliance.errors import CarrelError, NotFound
from appliance.policy.issuing import check_new_key
from appliance.services.labels import require_label
from appliance.services.people.directory import Directory
from appliance.services.people.issuing import IssuedKey, Issuer
from appliance.services.people.key_ring import CanaryListener, KeyRing
from appliance.services.people.presenting import key_summary

NO_KEY: Final = "No key has this id. `carrel key list` shows them all."


class Keys(Protocol):
    """Where keys are remembered."""

    async def add(self, key: ApiKey, digest: bytes) -> None:
        """Remember a new key by the SHA-256 of its secret."""
        ...

    async def set_limits(self, key_id: str, limits: KeyLimits) -> None:
        """Replace the limits of a key."""
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


class KeyService:
    """Answers ``key new|set|list|revoke``, and is the authenticator of the public API."""

    def __init__(
        self,
        keys: Keys,
        directory: Directory,
        clock: Clock,
        *,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._keys = keys
        self._directory = directory
        self._clock = clock
        self.issuer = Issuer(clock, random_bytes)
        self.ring = KeyRing(clock)
        self._listeners: list[Callable[[str], None]] = []
        self._objections: list[Callable[[str], CarrelError | None]] = []

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {
            "key.new": self.new,
            "key.set": self.change,
            "key.list": self.show_all,
            "key.revoke": self.revoke,
        }

    def on_revoked(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the id of every key that is revoked, so that its streams can end."""
        self._listeners.append(listener)

    def object_to_more(self, objection: Callable[[str], CarrelError | None]) -> None:
        """``objection`` says why no other key is made by means of the key of this id; None: nothing."""
        self._objections.append(objection)

    def on_canary(self, listener: CanaryListener) -> None:
        """Call ``listener`` whenever somebody sends a canary, after they were refused."""
        self.ring.on_canary(listener)

    async def load(self) -> None:
        """Learn the keys that are on disk. Until then nobody is recognized."""
        for digest, key in await self._keys.usable():
            self.ring.put(digest, key)

    def key(self, key_id: str) -> ApiKey | None:
        """What is remembered of a key that is in use; None for one that is not any more."""
        return self.ring.key(key_id)

    async def authenticate(self, raw: str, address: str = "") -> Caller:
        """Who sent this key, from that address. Raises ``NotAuthenticated``."""
        return self.ring.recognize(raw, address)

    def caller_of(self, key_id: str) -> Caller | None:
        """Whom a key of this id would be recognized as now; None where it would not be."""
        key = self.ring.working(key_id)
        return None if key is None else key.caller()

    def works(self, key_id: str) -> bool:
        """Whether a key of this id would be recognized now."""
        return self.ring.working(key_id) is not None

    def in_use(self, person: str, project: str | None = None) -> int:
        """How many keys of a person would be recognized now."""
        return len(self.ring.of(person, project))

    async def issue(
        self,
        *,
        name: str,
        project: str = DEFAULT_ID,
        person: str = DEFAULT_ID,
        expires_days: int | None = None,
        limits: KeyLimits = NO_KEY_LIMITS,
        canary: bool = False,
        not_after_ms: int | None = None,
    ) -> IssuedKey:
        """Make a key, whoever asks. Raises ``BadRequest``, ``NotFound``."""
        label = require_label(name, "name")
        self._directory.require_project(project)
        made = self.issuer.issue(
            name=label,
            person=person,
            project=project,
            expires_days=expires_days,
            not_after_ms=not_after_ms,
            limits=limits,
            canary=canary,
        )
        await self._keys.add(made.key, made.digest)
        self.ring.put(made.digest, made.key)
        return made

    async def new(
        self,
        *,
        name: str,
        actor: Actor,
        project: str = DEFAULT_ID,
        person: str | None = None,
        expires_days: int | None = None,
        requests_per_minute: int = 0,
        tokens_per_minute: int = 0,
        requests_per_day: int = 0,
        running: int = 0,
        canary: bool = False,
    ) -> KeyIssued:
        """Make a key, shown in this answer only.

        Raises ``BadRequest``, ``NotFound``, ``NotAllowed``, ``TryAgain``.
        """
        for objection in self._objections:
            if (error := objection(actor.key_id)) is not None:
                raise error
        whose = person or DEFAULT_ID
        there = self._directory
        check_new_key(
            actor,
            person=whose,
            project=project,
            part=there.part(project, whose),
            elsewhere=len(there.projects_of(whose)) > 1,
            in_use=self.in_use(whose, project),
            canary=canary,
        )
        used = self.ring.key(actor.key_id) if actor.permission is Permission.MEMBER else None
        made = await self.issue(
            name=name,
            project=project,
            person=whose,
            expires_days=expires_days,
            limits=KeyLimits(requests_per_minute, tokens_per_minute, requests_per_day, running),
            canary=canary,
            not_after_ms=None if used is None else used.expires_ms,
        )
        key = made.key
        return KeyIssued(
            key=made.secret, id=key.id, name=key.name, project=project, expires_ms=key.expires_ms
        )

    async def change(
        self,
        *,
        id: str,
        project: str | None = None,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        requests_per_day: int | None = None,
        running: int | None = None,
    ) -> KeyList:
        """Give a key in use other limits, from its next request on. Raises ``NotFound``."""
        key = self.ring.key(id)
        if key is None or project not in {None, key.project_id}:
            raise NotFound("No key in use has this id. `carrel key list` shows them all.", param="id")
        wishes = {
            "requests_per_minute": requests_per_minute,
            "tokens_per_minute": tokens_per_minute,
            "requests_per_day": requests_per_day,
            "running": running,
        }
        given = {name: value for name, value in wishes.items() if value is not None}
        limited = replace(key, limits=replace(key.limits, **given))
        await self._keys.set_limits(id, limited.limits)
        self.ring.replace(limited)
        return self._listed([limited])

    async def show_all(self, *, project: str | None = None, person: str | None = None) -> KeyList:
        """Keys of one project or person, or of all, oldest first."""
        found = await self._keys.all(project)
        return self._listed([key for key in found if person in {None, key.person_id}])

    async def revoke(self, *, id: str, project: str | None = None, person: str | None = None) -> KeyList:
        """End a key at once, and what it runs. Ending it twice is ending it. Raises ``NotFound``."""
        if project is not None or person is not None:
            await self._require_theirs(id, project, person)
        self.refuse(id)
        return self._listed([await self._keys.revoke(id, self._clock.now_ms())])

    def refuse(self, key_id: str) -> None:
        """Recognize a key no more, and end what it runs. Whoever calls writes down that it is revoked."""
        if self.ring.drop(key_id):
            for listener in self._listeners:
                listener(key_id)

    async def _require_theirs(self, key_id: str, project: str | None, person: str | None) -> None:
        for key in await self._keys.all(project):
            if key.id == key_id and person in {None, key.person_id}:
                return
        raise NotFound(NO_KEY, param="id")

    def _listed(self, keys: Sequence[ApiKey]) -> KeyList:
        return KeyList(keys=tuple(key_summary(key, expired=self.ring.expired(key)) for key in keys))
