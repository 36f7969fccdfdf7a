"""The box's name on its local network, ``NAME.local``, published by multicast DNS (RFC 6762, RFC 6763).

Only the address where the box listens is published, and that there is no other is said too (NSEC): macOS
waits five seconds for an IPv6 address that nobody denies. Another machine that has the name keeps it.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Literal

from zeroconf import Error, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from appliance.domain.log import Log
from appliance.errors import CarrelError
from appliance.lan.asking import ANSWER_MS, addresses_of, responder, unavailable

Service = Literal["http", "https"]

_MOST_NAMES: Final = 9
_RETRY_S: Final = 60.0


class NameOnLan:
    """One label on the interface of one address. ``own`` are all addresses of this machine: another program
    of it may publish the same name, and does not contradict. ``on_name`` hears of the label once it is sure.
    """

    def __init__(
        self,
        label: str,
        address: str,
        *,
        own: frozenset[str],
        log: Log,
        on_name: Callable[[str], Awaitable[None]] | None = None,
        answer_ms: float = ANSWER_MS,
        speak: Callable[[str], AsyncZeroconf] = responder,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._wanted_label = label
        self._address = address
        self._own = own | {address}
        self._log = log
        self._on_name = on_name
        self._answer_ms = answer_ms
        self._speak = speak
        self._sleep = sleep
        self._label = ""
        self._trouble = ""
        self._wanted: dict[Service, int] = {}
        self._published: dict[Service, ServiceInfo] = {}
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()

    @property
    def label(self) -> str:
        """The label that is published, which may be ``NAME-2``; empty while there is none."""
        return self._label

    @property
    def address(self) -> str:
        """The one that it leads to."""
        return self._address

    @property
    def trouble(self) -> str:
        """Why nothing is published, as a sentence, or empty."""
        return self._trouble

    def offer(self, service: Service, port: int) -> None:
        """Publish that the box takes this there. Goes out soon."""
        self._wanted[service] = port
        self._settled.clear()
        self._changed.set()

    def withdraw(self, service: Service) -> None:
        """Publish it no more."""
        self._wanted.pop(service, None)
        self._settled.clear()
        self._changed.set()

    async def settled(self) -> None:
        """Wait until everything that was offered is published, or cannot be."""
        await self._settled.wait()

    async def run(self) -> None:
        """Publish until cancelled, then take everything back. Trouble is told and tried again."""
        while True:
            try:
                await self._publish()
            except CarrelError as error:
                self._label, self._trouble = "", error.message
                self._log.warning("name_not_published", label=self._wanted_label, reason=error.message)
            self._settled.set()
            await self._sleep(_RETRY_S)

    async def _publish(self) -> None:
        """Until cancelled. Raises ``CarrelError``."""
        answering = self._speak(self._address)
        try:
            self._label = await self._free_label(answering)
            self._trouble = ""
            if self._on_name is not None:
                await self._on_name(self._label)
            self._log.info("name_published", name=f"{self._label}.local", address=self._address)
            while True:
                self._changed.clear()
                await self._follow(answering)
                if not self._changed.is_set():
                    self._settled.set()
                await self._changed.wait()
        except (OSError, Error) as error:
            raise unavailable() from error
        finally:
            self._label = ""
            self._published.clear()
            with suppress(OSError, Error):
                await answering.async_close()

    async def _free_label(self, answering: AsyncZeroconf) -> str:
        for number in range(1, _MOST_NAMES + 1):
            label = self._wanted_label if number == 1 else f"{self._wanted_label}-{number}"
            found = await addresses_of(answering.zeroconf, label, answer_ms=self._answer_ms)
            if found <= self._own:
                return label
            self._log.warning("name_taken", name=f"{label}.local")
        raise CarrelError(
            f"Other machines have the name {self._wanted_label}.local and those after it: choose another "
            "with `carrel config set mdns LABEL`."
        )

    async def _follow(self, answering: AsyncZeroconf) -> None:
        for service in [one for one in self._published if one not in self._wanted]:
            await (await answering.async_unregister_service(self._published.pop(service)))
        for service, port in list(self._wanted.items()):
            if service not in self._published:
                info = self._info(service, port)
                await (await answering.async_register_service(info, allow_name_change=True))
                self._published[service] = info

    def _info(self, service: Service, port: int) -> ServiceInfo:
        kind = f"_{service}._tcp.local."
        return ServiceInfo(
            kind,
            f"Carrel on {self._label}.{kind}",
            port=port,
            addresses=[ipaddress.ip_address(self._address).packed],
            server=f"{self._label}.local.",
            properties={"path": "/"},
        )
