"""Sessions of browsers: begun with a key, recognized from memory, kept by a hash, ended with the key."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.domain.sessions import Session
from appliance.errors import NotAllowed, NotAuthenticated, NotReady, StorageUnavailable
from appliance.services.sessions.ports import Begun, Exclusive, Keys, PlainHttp, SeveralEach, StoredSessions
from appliance.services.sessions.shelf import SessionShelf

LASTS_MS: Final = 12 * 3_600_000
MOST_OF_A_KEY: Final = 10
MOST: Final = 20_000
COOKIE_BYTES: Final = 32
ID_BYTES: Final = 6

_OVER: Final = "This session is over. Sign in again with your key, or join the class again with its code."
_ELSEWHERE: Final = (
    "This session belongs to another machine. Go on at that one, or ask your teacher to release the seat."
)
_IN_THE_CLEAR: Final = (
    "This session began where nobody could read along and is not good here; open the address that begins"
    " with https."
)


class SessionService:
    """Bounded for each key, where the oldest ends, and in all. An exclusive one is neither replaced nor
    shared: the next for its key is refused until it ended.
    """

    def __init__(
        self,
        stored: StoredSessions,
        keys: Keys,
        plain: PlainHttp,
        clock: Clock,
        *,
        exclusive: Exclusive | None = None,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._stored = stored
        self._keys = keys
        self._plain = plain
        self._clock = clock
        self._exclusive = exclusive or SeveralEach()
        self._random_bytes = random_bytes
        self._shelf = SessionShelf()
        self._listeners: list[Callable[[Caller], None]] = []
        keys.on_revoked(self.end_of_key)

    def on_begun(self, listener: Callable[[Caller], None]) -> None:
        """Call ``listener`` with whoever signed in. It must not raise, and must not wait."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Learn the sessions that are on the disk and whose keys still work."""
        for digest, session in await self._stored.good(self._clock.now_ms()):
            if self._keys.caller_of(session.key_id) is not None:
                self._shelf.put(digest, session)

    async def begin(self, raw_key: str, *, secure: bool, address: str) -> Begun:
        """Exchange a key that somebody typed. ``secure``: nobody could read along.

        Raises ``NotAuthenticated``, ``NotAllowed``, ``NotReady``, ``StorageUnavailable``.
        """
        caller = await self._keys.authenticate(raw_key, address)
        return await self._begin(replace(caller, address=address), secure=secure)

    async def begin_for(self, key_id: str, *, secure: bool, address: str) -> Begun:
        """For a key that was made for this very browser. Raises as ``begin``."""
        caller = self._keys.caller_of(key_id)
        if caller is None:
            raise NotAuthenticated(_OVER)
        return await self._begin(replace(caller, address=address), secure=secure)

    async def caller(self, cookie: str, *, secure: bool, address: str) -> Caller:
        """Whose session it is. Raises ``NotAuthenticated``."""
        session = self._shelf.find(_digest(cookie))
        if session is None:
            raise NotAuthenticated(_OVER)
        caller = self._keys.caller_of(session.key_id)
        if caller is None or session.expires_ms <= self._clock.now_ms():
            raise NotAuthenticated(_OVER)
        if session.secure and not secure:
            raise NotAuthenticated(_IN_THE_CLEAR)
        if session.exclusive and session.address != address:
            raise NotAuthenticated(_ELSEWHERE)
        return replace(caller, address=address)

    async def end(self, cookie: str) -> None:
        """Sign out. Safe for one that is over or never was. Raises ``StorageUnavailable``: it ended, and
        would be good again after a restart of the box.
        """
        session = self._shelf.find(_digest(cookie))
        if session is not None:
            await self._end(session)

    def end_of_key(self, key_id: str) -> None:
        """All of a key's, at once; the disk follows."""
        for session in self._shelf.of_key(key_id):
            self._shelf.drop(session)
        # A box that is stopping: where the key itself ended, `load` leaves its sessions out.
        with suppress(StorageUnavailable):
            self._stored.end_of_key(key_id)

    async def _begin(self, caller: Caller, *, secure: bool) -> Begun:
        if not secure:
            self._plain.check(caller)
        oldest = self._make_room(caller.key_id)
        cookie = _cookie(self._random_bytes(COOKIE_BYTES))
        session = self._new(caller, secure=secure)
        # Before the disk, so that of two at the same moment the second one sees the first.
        self._shelf.put(_digest(cookie), session)
        try:
            if oldest is not None:
                await self._end(oldest)
            await self._stored.add(session, _digest(cookie))
        except BaseException:
            self._shelf.drop(session)
            raise
        for listener in self._listeners:
            listener(caller)
        return Begun(cookie, session, caller)

    def _make_room(self, key_id: str) -> Session | None:
        """The one that has to end for the next. Raises ``NotAllowed``, ``NotReady``."""
        now_ms = self._clock.now_ms()
        if len(self._shelf) >= MOST:
            for over in self._shelf.over(now_ms):
                self._shelf.drop(over)
        good = [one for one in self._shelf.of_key(key_id) if one.expires_ms > now_ms]
        refusal = self._exclusive.refusal(key_id)
        if good and (refusal or any(one.exclusive for one in good)):
            raise NotAllowed(refusal or _ELSEWHERE)
        if len(good) >= MOST_OF_A_KEY:
            return good[0]
        if len(self._shelf) >= MOST:
            raise NotReady("As many people are signed in as this box can remember; try again in a minute.")
        return None

    def _new(self, caller: Caller, *, secure: bool) -> Session:
        now_ms = self._clock.now_ms()
        key = self._keys.key(caller.key_id)
        key_ends_ms = now_ms + LASTS_MS if key is None or key.expires_ms is None else key.expires_ms
        exclusive = bool(self._exclusive.refusal(caller.key_id))
        return Session(
            id=f"ses_{self._random_bytes(ID_BYTES).hex()}",
            key_id=caller.key_id,
            created_ms=now_ms,
            expires_ms=min(now_ms + LASTS_MS, key_ends_ms),
            secure=secure,
            exclusive=exclusive,
            address=caller.address if exclusive else "",
        )

    async def _end(self, session: Session) -> None:
        if self._shelf.drop(session):
            await self._stored.end(session.id)


def _cookie(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()
