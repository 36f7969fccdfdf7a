"""The certificate that the box serves on its local network: the university's, or one of its own authority."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from ssl import SSLContext
from typing import Final, Protocol

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.edge.tls import load, server_context
from appliance.errors import CarrelError, ConfigInvalid
from appliance.lan.interfaces import Interface
from appliance.trust.certificates import Certificate, covers, read_pair
from appliance.trust.issuing import Subjects
from appliance.trust.local_authority import LocalAuthority

LOOK_S: Final = 60.0
_DNS_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
_LABELS_IN_RESERVE: Final = range(2, 10)
"""What the box calls itself where another machine has its name."""


class CertificateSource(Protocol):
    """Where a certificate comes from. ``at`` is the moment; both block."""

    files: tuple[Path, Path | None]
    """What is served: certificates, and the key where that is a file of its own."""

    def look(self, label: str, at: int) -> Certificate:
        """As it is now, made or renewed where that is ours to do. ``label`` is the name of multicast DNS.
        Raises ``ConfigInvalid``, ``IntegrityFailed``.
        """
        ...

    @property
    def authority(self) -> LocalAuthority | None:
        """The box's own that has signed it, if one has."""
        ...


class GivenCertificate:
    """Files that somebody puts there, and renews."""

    authority = None

    def __init__(self, cert_file: str, key_file: str) -> None:
        self._pair = Path(cert_file), Path(key_file)
        self.files: tuple[Path, Path | None] = self._pair

    def look(self, label: str, at: int) -> Certificate:  # noqa: ARG002 - it has the names that it has
        """As ``CertificateSource``."""
        return read_pair(*self._pair, at)


class OwnCertificate:
    """Of an authority in the box's data folder, for the box's names and its network."""

    def __init__(self, folder: Path, lan_host: str, label: str, found: Sequence[Interface]) -> None:
        self._folder = folder
        self._lan_host = lan_host
        self._label = label
        self._networks = frozenset(
            {"127.0.0.1/32", "::1/128", *(one.network for one in found if one.address == lan_host)}
        )
        self.authority: LocalAuthority | None = None
        self.files: tuple[Path, Path | None] = (folder / "server.pem", None)

    def look(self, label: str, at: int) -> Certificate:
        """As ``CertificateSource``."""
        subjects = self._subjects(label)
        self.authority = LocalAuthority.at(self._folder, subjects, at)
        return self.authority.server(subjects, at)

    def _subjects(self, label: str) -> Subjects:
        local = {f"{one}.local" for one in (self._label, label) if one}
        reserve = {f"{self._label}-{number}.local" for number in _LABELS_IN_RESERVE if self._label}
        return Subjects(
            names=frozenset({*local, *own_host_names(), "localhost"}),
            addresses=frozenset({self._lan_host, "127.0.0.1", "::1"}),
            networks=self._networks,
            more_names=frozenset(reserve),
        )


class ServedCertificate:
    """One of a source, kept up to date while the box runs: new connections get the new one."""

    def __init__(self, source: CertificateSource, clock: Clock, log: Log) -> None:
        self._source = source
        self._clock = clock
        self._log = log
        self._label = ""
        self._context: SSLContext | None = None
        self._told = ""
        self.described: Certificate | None = None

    async def ready(self) -> SSLContext:
        """What a listener takes. Raises ``ConfigInvalid``, ``IntegrityFailed``."""
        self.described = await asyncio.to_thread(self._look)
        self._context = server_context(*self._source.files)
        return self._context

    async def keep(self, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """Until cancelled: serve what was renewed."""
        while True:
            await sleep(LOOK_S)
            await self.refresh()

    async def named(self, label: str) -> None:
        """The box has this name now."""
        self._label = label
        await self.refresh()

    async def refresh(self) -> None:
        """Look again. What cannot be served is told, and the one before goes on being served."""
        try:
            found = await asyncio.to_thread(self._look)
            if self._context is None or self.described is None:
                return
            if found.fingerprint != self.described.fingerprint:
                load(self._context, *self._source.files)
                self.described = found
                self._log.info("certificate_changed", fingerprint=found.fingerprint, ends_ms=found.ends_ms)
            self._told = ""
        except CarrelError as error:
            if error.message != self._told:
                self._log.warning("certificate_not_taken", reason=error.message)
            self._told = error.message

    @property
    def authority_pem(self) -> bytes | None:
        """The certificate of the box's own authority; None where there is none."""
        return None if self._source.authority is None else self._source.authority.pem

    @property
    def authority_fingerprint(self) -> str:
        """SHA-256 of it; empty where there is none."""
        return "" if self._source.authority is None else self._source.authority.fingerprint

    def hosts(self, lan_host: str, name: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Names and addresses that clients of this certificate accept, the best first; without one that is
        said to be the box's, the address.
        """
        said = self.described
        if said is None:
            return ()
        address = [lan_host] if covers(said, lan_host) else []
        if self._source.authority is not None:
            return (*address, *([name] if name and covers(said, name) else []))
        # Those that an operator has named before others; a wildcard stands for what is allowed alone.
        named = [one for one in allowed if one.lower() in said.names] or sorted(said.names) or list(allowed)
        return (*named, *address) or (lan_host,)

    def _look(self) -> Certificate:
        return self._source.look(self._label, self._clock.now_ms())


def certificate_source(settings: Settings, found: Sequence[Interface]) -> CertificateSource:
    """What the settings name, else the box's own. Raises ``ConfigInvalid`` for half of a pair."""
    given = settings.tls_cert_file, settings.tls_key_file
    if any(given) and not all(given):
        raise ConfigInvalid("Set both `tls_cert_file` and `tls_key_file`, or neither.")
    if all(given):
        return GivenCertificate(*given)
    return OwnCertificate(settings.places.tls_dir, settings.lan_host, settings.mdns, found)


def own_host_names() -> frozenset[str]:
    """What this machine calls itself, where that is a name of DNS."""
    name = socket.gethostname().lower()
    return frozenset({name} if _DNS_NAME.match(name) else ())
