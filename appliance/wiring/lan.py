"""The box on its local network: TLS at its address, doors for classes, and the name that it is found by."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from litestar.types import ASGIApp

from appliance.config import Settings
from appliance.domain.classes import SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import DoorLine
from appliance.edge.listening import Listener
from appliance.edge.sockets import TcpBind
from appliance.errors import ConfigInvalid
from appliance.lan.interfaces import Interface, candidates, interfaces, is_own
from appliance.lan.publishing import NameOnLan
from appliance.services.classes.doors import ClassDoors
from appliance.services.classes.reaching import Reach, said, url
from appliance.wiring.background import in_background
from appliance.wiring.certificates import ServedCertificate, certificate_source, own_host_names
from appliance.wiring.listening import listener_at

_ANYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 # nosec B104
_CLASS_GRACE_S: Final = 10.0
"""For what runs when the last class of a door is over; its requests are ended by the class itself."""


class Lan:
    """Made from the settings, closed until ``open``. ``app`` is what all listeners serve."""

    def __init__(
        self,
        settings: Settings,
        app: Callable[[], ASGIApp],
        *,
        clock: Clock,
        log: Log,
        found: Callable[[], Sequence[Interface]] = interfaces,
    ) -> None:
        self._settings = settings
        self._app = app
        self._clock = clock
        self._log = log
        self._found = found
        self._tls: Listener | None = None
        self._certificate: ServedCertificate | None = None
        self._name: NameOnLan | None = None
        self.doors = ClassDoors(
            reach=self.reach,
            found=found,
            listen=self._plain_listener,
            announce=self._announce,
            fingerprint=lambda: self._certificate.authority_fingerprint if self._certificate else "",
            clock=clock,
            log=log,
            grace_s=_CLASS_GRACE_S,
        )

    @asynccontextmanager
    async def open(self, classes: Callable[[], Iterable[SchoolClass]]) -> AsyncIterator[None]:
        """Listen on the network, if the box is on one, and keep the doors of ``classes``.

        Raises ``ConfigInvalid``, ``Conflict``, ``IntegrityFailed``.
        """
        async with AsyncExitStack() as parts:
            parts.push_async_callback(self.stop, 0)
            if self._settings.lan_host:
                await self._open_tls(parts)
            await parts.enter_async_context(in_background(self.doors.keep(classes), self._log))
            yield

    async def stop(self, grace_s: float) -> None:
        """Take nobody new, give running requests so many seconds. Safe twice."""
        stopping = [] if self._tls is None else [self._tls.stop(grace_s)]
        await asyncio.gather(self.doors.stop(grace_s), *stopping)

    def reach(self) -> Reach:
        """Where the box is reached now."""
        settings, certificate = self._settings, self._certificate
        name = self._local_name()
        hosts = (
            () if certificate is None else certificate.hosts(settings.lan_host, name, settings.allowed_hosts)
        )
        return Reach(
            origins=self._origins(),
            lan_host=settings.lan_host,
            lan_port=settings.lan_port,
            class_port=settings.class_port,
            tls_hosts=hosts,
            name=name,
        )

    def authority_pem(self) -> bytes | None:
        """The certificate of the box's own authority, which clients may trust; None where there is none."""
        return None if self._certificate is None else self._certificate.authority_pem

    def names_now(self) -> frozenset[str]:
        """Under which the box is asked for on its network, beside its address and what is allowed."""
        served = None if self._certificate is None else self._certificate.described
        given = served.names - {"localhost"} if served is not None else frozenset()
        own = own_host_names() if self._settings.lan_host else frozenset()
        return frozenset({*given, *own, *([self._local_name()] if self._local_name() else [])})

    @property
    def connections(self) -> int:
        """Of clients on the network's TLS."""
        return 0 if self._tls is None else self._tls.connections

    def lines(self) -> tuple[DoorLine, ...]:
        """What is open, for ``status``: the API, TLS on the network, doors of classes."""
        settings, served = self._settings, self._certificate
        found = [DoorLine(url=url("http", settings.host, settings.port), kind="api")]
        if self._tls is not None and served is not None:
            found.append(
                DoorLine(
                    url=url("https", settings.lan_host, settings.lan_port),
                    kind="lan",
                    name_url=self.doors.name_url(),
                    fingerprint=served.authority_fingerprint,
                    certificate_ends_ms=served.described.ends_ms if served.described else None,
                    trouble=self._name.trouble if self._name else "",
                )
            )
        found += [DoorLine(url=at, kind="class", classes=ids) for at, ids in self.doors.opened]
        return tuple(found)

    async def _open_tls(self, parts: AsyncExitStack) -> None:
        settings = self._settings
        found = await asyncio.to_thread(self._found)
        if not is_own(settings.lan_host, found):
            there = said(found) or "none on a network"
            raise ConfigInvalid(
                f"This machine has no address {settings.lan_host} (`lan_host`); it has {there}."
            )
        certificate = ServedCertificate(certificate_source(settings, found), self._clock, self._log)
        context = await certificate.ready()
        self._certificate = certificate
        listener = listener_at(
            self._app(),
            TcpBind(settings.lan_host, settings.lan_port, "lan_host", "lan_port"),
            settings,
            names_now=self.names_now,
            tls=context,
            clock=self._clock,
            log=self._log,
        )
        await listener.start()
        self._tls = listener
        self._log.info(
            "lan_opened",
            url=url("https", settings.lan_host, settings.lan_port),
            fingerprint=certificate.authority_fingerprint,
        )
        await parts.enter_async_context(in_background(certificate.keep(), self._log))
        if settings.mdns:
            await self._publish(parts, certificate, frozenset(one.address for one in found))

    async def _publish(
        self, parts: AsyncExitStack, certificate: ServedCertificate, own: frozenset[str]
    ) -> None:
        settings = self._settings
        name = NameOnLan(settings.mdns, settings.lan_host, own=own, log=self._log, on_name=certificate.named)
        name.offer("https", settings.lan_port)
        self._name = name
        await parts.enter_async_context(in_background(name.run(), self._log))

    def _plain_listener(self, address: str) -> Listener:
        return listener_at(
            self._app(),
            TcpBind(address, self._settings.class_port, "class_port", "class_port"),
            self._settings,
            names_now=self.names_now,
            clock=self._clock,
            log=self._log,
        )

    def _announce(self, is_open: bool) -> None:
        if self._name is not None and is_open:
            self._name.offer("http", self._settings.class_port)
        elif self._name is not None:
            self._name.withdraw("http")

    def _local_name(self) -> str:
        return f"{self._name.label}.local" if self._name is not None and self._name.label else ""

    def _origins(self) -> tuple[str, ...]:
        """Of the listener that is always there; one that listens everywhere has every address."""
        settings = self._settings
        if settings.host not in _ANYWHERE:
            return (url("http", settings.host, settings.port),)
        hosts = [one.address for one in candidates(self._found())] or [settings.reachable_host]
        return tuple(url("http", host, settings.port) for host in hosts)
