"""How a box comes to belong to a registry: by a one-time code, which also says which registry that is.

The root of the registry's catalog is compared with the code first; then the catalog says with which keys the
registry signs, and with one of them the enrollment has to be signed. Every step can be the last: the message
is kept before it is sent, and the same one again is answered as the first time.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from appliance.domain.catalogs import RefreshOutcome
from appliance.domain.clock import Clock
from appliance.domain.federation import BelievedKey, Joining, Membership
from appliance.errors import CarrelError, Conflict, IntegrityFailed, NotFound, OutboundFailed
from appliance.federation.exchange.ports import Transport
from appliance.federation.protocol import kinds
from appliance.federation.protocol.checking import Own, believed
from appliance.federation.protocol.enroll_code import EnrollCode, read_code
from appliance.federation.protocol.limits import SKEW_S
from appliance.federation.protocol.messages import Enroll
from appliance.federation.protocol.replies import Refused, Reply
from appliance.federation.protocol.statements import Enrollment, RegistryKey
from appliance.outbound.switch import Switch
from appliance.services.federation.first_root import root_in, root_there
from appliance.services.federation.ids import new_message_id
from appliance.services.federation.refusing import as_error
from appliance.trust.signed import kind_of, signer_of


class Who(Protocol):
    """Who the box is."""

    @property
    def membership(self) -> Membership | None:
        """Where it belongs."""
        ...

    @property
    def box_id(self) -> str:
        """Of the key that it has. Blocks at first."""
        ...

    async def load(self) -> None:
        """Learn it from the disk."""
        ...

    def sign(self, kind: str, value: msgspec.Struct) -> str:
        """Blocks at first."""
        ...


class Remembered(Protocol):
    """What the disk knows."""

    async def joining(self) -> Joining | None:
        """What was begun."""
        ...

    async def begin(self, joining: Joining) -> None:
        """An enrollment begins."""
        ...

    async def join(self, membership: Membership) -> None:
        """The box belongs to a registry from now on."""
        ...


class Catalogs(Protocol):
    """The registry's catalog."""

    async def fetch(self, registry: str, mirror: Path | None = None) -> RefreshOutcome:
        """From a folder, if one is given."""
        ...

    async def keys_of(self, registry: str) -> tuple[RegistryKey, ...]:
        """As it lists them."""
        ...


class Believing(Protocol):
    """Whom the box believes."""

    async def load(self) -> None:
        """Learn it from the disk."""
        ...


Trust = Callable[[str, bytes, str, bool], None]
"""Trust a catalog under a name, by its root, at an address, with ``plain_http`` or not; the same again
changes nothing. Blocks. Raises ``Conflict`` where another has the name, ``ConfigInvalid``."""
Connect = Callable[[EnrollCode], Transport]


class Enrolling:
    """``latest_s``: what is signed later is not believed; ``learn`` is told when something was signed."""

    def __init__(
        self,
        *,
        who: Who,
        remembered: Remembered,
        catalogs: Catalogs,
        believing: Believing,
        trust: Trust,
        connect: Connect,
        sealing_key: Callable[[], str],
        latest_s: Callable[[], int],
        learn: Callable[[int], Awaitable[None]],
        switch: Switch,
        software: str,
        clock: Clock,
    ) -> None:
        self._who = who
        self._remembered = remembered
        self._catalogs = catalogs
        self._believing = believing
        self._trust = trust
        self._connect = connect
        self._sealing_key = sealing_key
        self._latest_s = latest_s
        self._learn = learn
        self._switch = switch
        self._software = software
        self._clock = clock
        self._alone = asyncio.Lock()

    async def request(self, code: str, name: str, replaces: str) -> tuple[EnrollCode, str]:
        """The message that asks to be enrolled, kept before it leaves. Raises ``BadRequest`` for no code,
        ``Conflict`` for a box that belongs to a registry already, ``StorageUnavailable``.
        """
        wanted = read_code(code)
        if self._who.membership is not None:
            raise Conflict(
                f"This box belongs to {self._who.membership.registry} already; `carrel fed leave` ends that."
            )
        begun = await self._remembered.joining()
        if begun is not None and read_code(begun.code) == wanted and await self._is_ours(begun.message):
            return wanted, begun.message
        message = await asyncio.to_thread(self._message, wanted, name, replaces)
        await self._remembered.begin(Joining(code, message))
        return wanted, message

    async def enroll(self, code: str, name: str, replaces: str) -> tuple[Membership, Reply]:
        """Over the network. Raises what ``request`` raises, ``Offline``, ``OutboundFailed``,
        ``IntegrityFailed`` where it is another registry than the code says, ``NotAllowed`` for a code that is
        spent.
        """
        async with self._alone:
            wanted, message = await self.request(code, name, replaces)
            self._switch.check("it asks by a stick: `carrel fed enroll CODE --request FOLDER`")
            transport = self._connect(wanted)
            try:
                await self._pin(wanted, await root_there(transport, wanted))
                keys = await self._keys(wanted, None)
                reply = await transport.post(kinds.PATHS[kinds.ENROLL], message)
            except Refused as refused:
                raise as_error(refused) from refused
            finally:
                await transport.aclose()
            return await self._join(wanted, keys, reply), reply

    async def complete(self, reply: Reply, mirror: Path) -> Membership:
        """By what a stick has brought; ``mirror`` is the registry's catalog. Raises as ``enroll`` does."""
        async with self._alone:
            begun = await self._remembered.joining()
            if begun is None:
                raise NotFound(
                    "This box has not asked to be enrolled: `carrel fed enroll CODE --request FILE`."
                )
            wanted = read_code(begun.code)
            await self._pin(wanted, await asyncio.to_thread(root_in, mirror))
            keys = await self._keys(wanted, mirror)
            return await self._join(wanted, keys, reply)

    async def _is_ours(self, message: str) -> bool:
        """The key may have been lost since."""
        return signer_of(message).id == await asyncio.to_thread(lambda: self._who.box_id)

    def _message(self, wanted: EnrollCode, name: str, replaces: str) -> str:
        box = self._who.box_id
        message = Enroll(
            box=box,
            jti=new_message_id(),
            iat=self._clock.now_ms() // 1000,
            code=wanted.code,
            name=name or f"box-{box[:8]}",
            software=self._software,
            sealing_key=self._sealing_key(),
            replaces=replaces,
        )
        return self._who.sign(kinds.ENROLL, message)

    async def _pin(self, wanted: EnrollCode, root: bytes) -> None:
        if not secrets.compare_digest(hashlib.sha256(root).hexdigest(), wanted.root_sha256):
            raise IntegrityFailed(
                "What answers there is not the registry that the code names: its root is another one. Ask "
                "whoever keeps the registry, on another way."
            )
        address = f"{wanted.address.rstrip('/')}/{kinds.TUF}"
        await asyncio.to_thread(self._trust, wanted.registry, root, address, wanted.plain_http)

    async def _keys(self, wanted: EnrollCode, mirror: Path | None) -> Sequence[RegistryKey]:
        outcome = await self._catalogs.fetch(wanted.registry, mirror)
        if outcome.outcome == "offline":
            raise OutboundFailed(outcome.reason)
        if outcome.outcome != "refreshed":
            raise IntegrityFailed(outcome.reason)
        return await self._catalogs.keys_of(wanted.registry)

    async def _join(self, wanted: EnrollCode, keys: Sequence[RegistryKey], reply: Reply) -> Membership:
        token, said = await asyncio.to_thread(self._enrollment, keys, reply)
        if said.registry != wanted.registry or said.root_sha256 != wanted.root_sha256:
            raise IntegrityFailed("The registry's answer is for another registry than the code names.")
        membership = Membership(
            box=said.sub,
            present_key=said.cnf.jkt,
            registry=wanted.registry,
            address=wanted.address,
            plain_http=wanted.plain_http,
            root_sha256=wanted.root_sha256,
            institution=said.institution,
            organization=said.organization,
            enrollment=token,
            enrolled_ms=self._clock.now_ms(),
            keys=tuple(BelievedKey(one.x, one.uses) for one in keys),
        )
        await self._remembered.join(membership)
        await self._who.load()
        await self._believing.load()
        await self._learn(said.iat)
        return membership

    def _enrollment(self, keys: Sequence[RegistryKey], reply: Reply) -> tuple[str, Enrollment]:
        own = self._who.box_id
        for token in reply.items:
            if _kind(token) == kinds.ENROLLMENT:
                found = believed(
                    token,
                    keys=keys,
                    own=Own(frozenset({own}), frozenset({own})),
                    now_s=self._latest_s() - SKEW_S,
                    wanted=kinds.ENROLLMENT,
                )
                said: Enrollment = found.statement
                return token, said
        raise IntegrityFailed("The registry's answer holds no enrollment.")


def _kind(token: str) -> str:
    try:
        return kind_of(token)
    except CarrelError:
        return ""
