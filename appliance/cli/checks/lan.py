"""The local network: whether the box is where it should be, is found by its name, and is believed."""

import asyncio
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from appliance.cli.checks.verdicts import fail, ok, warn
from appliance.cli.desk import Desk
from appliance.cli.listening import is_port_taken
from appliance.config import Settings
from appliance.domain.results import Check, DoorLine
from appliance.errors import CarrelError, ConfigInvalid
from appliance.lan.interfaces import Interface, candidates, interfaces, is_own
from appliance.trust.certificates import WARNED_DAYS, Certificate, describe, read_certificate, read_pair

_SERVER_FILE: Final = "server.pem"


def address(lan_host: str, found: Sequence[Interface]) -> Check:
    """An address of this machine, on an interface that is up."""
    there = ", ".join(f"{one.address} ({one.name})" for one in candidates(found)) or "none on a network"
    if not is_own(lan_host, found):
        reason = f"this machine has no address {lan_host}; it has {there}"
        return fail("lan_address", reason, "carrel config set lan_host ADDRESS")
    down = [one.name for one in found if one.address == lan_host and not one.is_up]
    if down:
        return fail("lan_address", f"{lan_host} is on {down[0]}, which is down", f"ip link set {down[0]} up")
    return ok("lan_address", f"{lan_host} is this machine's")


def port(id: str, setting: str, at: str, number: int, *, taken: bool, ours: bool) -> Check:
    """A port that is ours, or free."""
    if ours:
        return ok(id, f"the gateway has {number} of {at}")
    if taken:
        reason = f"another program has port {number} of {at}"
        return fail(id, reason, f"carrel config set {setting} NUMBER")
    return ok(id, f"{number} of {at} is free")


def reached(line: DoorLine | None, *, answers: bool) -> Check:
    """A box that runs answers where it says it does."""
    if line is None:
        return warn("lan", "the box runs without its address on the network", "carrel down, then carrel up")
    if not answers:
        return fail("lan", f"nobody answers at {line.url}", "carrel logs --level warning")
    return ok("lan", f"answers at {line.url}")


def certificate(found: Certificate | ConfigInvalid | None, now_ms: int) -> Check:
    """One that clients accept for some time to come; None where the box makes it when it starts."""
    if found is None:
        return ok("lan_certificate", "the box makes one of its own when it starts")
    if isinstance(found, ConfigInvalid):
        return fail(
            "lan_certificate", found.message, "carrel config get tls_cert_file, and mend what it names"
        )
    left = found.days_left(now_ms)
    if now_ms < found.begins_ms:
        reason = "it is not valid yet: the clock of this machine is behind"
        return fail("lan_certificate", reason, "timedatectl set-ntp true")
    if left < 0:
        return fail("lan_certificate", "the certificate is over", "put a new one there, or restart the box")
    if left < WARNED_DAYS:
        reason = f"the certificate is over in {left} days"
        return warn("lan_certificate", reason, "put a new one into the files of tls_cert_file")
    return ok("lan_certificate", f"good for {left} more days")


def name(label: str, lan_host: str, answered: Collection[str] | CarrelError, trouble: str) -> Check:
    """What clients hear who ask for the name. ``trouble`` is what the gateway says of it."""
    why = answered.message if isinstance(answered, CarrelError) else trouble
    if why:
        return warn("lan_name", why, "allow UDP port 5353 here, or carrel config set mdns LABEL")
    if not answered:
        reason = f"nobody answers to {label}.local; use the address in numbers"
        return warn("lan_name", reason, "allow UDP port 5353 on this network")
    if isinstance(answered, CarrelError) or lan_host not in answered:
        reason = f"another machine answers to {label}.local; use the address in numbers"
        return warn("lan_name", reason, "carrel config set mdns LABEL")
    return ok("lan_name", f"{label}.local is {lan_host}")


def look(desk: Desk) -> list[Check]:
    """All of them, for this desk's box."""
    try:
        settings = desk.settings()
    except ConfigInvalid:
        return []
    if not settings.lan_host:
        return [ok("lan", "the box is on no network; `carrel up --lan` puts it there")]
    doors = _doors(desk)
    found = interfaces()
    checks = [
        address(settings.lan_host, found),
        certificate(_certificate(settings, _now_ms()), _now_ms()),
        _tls_port(settings, running=doors is not None),
        _class_port(settings, doors or ()),
    ]
    if doors is None:
        return checks
    line = next((one for one in doors if one.kind == "lan"), None)
    answers = is_port_taken(settings.lan_host, settings.lan_port)
    return [*checks, reached(line, answers=answers), *_named(settings, line)]


def _named(settings: Settings, line: DoorLine | None) -> list[Check]:
    """Nothing where no name is to be published."""
    if line is None or not settings.mdns:
        return []
    from appliance.lan.asking import who_has  # noqa: PLC0415 - zeroconf is slow to import

    host = line.name_url.removeprefix("https://").removeprefix("http://").rsplit(":", 1)[0]
    label = host.removesuffix(".local") if host.endswith(".local") else settings.mdns
    answered: Collection[str] | CarrelError
    try:
        answered = asyncio.run(who_has(label, settings.lan_host))
    except CarrelError as error:
        answered = error
    return [name(label, settings.lan_host, answered, line.trouble)]


def _tls_port(settings: Settings, *, running: bool) -> Check:
    taken = not running and is_port_taken(settings.lan_host, settings.lan_port)
    at, number = settings.lan_host, settings.lan_port
    return port("lan_port", "lan_port", at, number, taken=taken, ours=running)


def _class_port(settings: Settings, doors: Sequence[DoorLine]) -> Check:
    ours = any(one.kind == "class" for one in doors)
    taken = not ours and is_port_taken(settings.lan_host, settings.class_port)
    at, number = settings.lan_host, settings.class_port
    return port("class_port", "class_port", at, number, taken=taken, ours=ours)


def _certificate(settings: Settings, now_ms: int) -> Certificate | ConfigInvalid | None:
    own = settings.places.tls_dir / _SERVER_FILE
    try:
        if settings.tls_cert_file or settings.tls_key_file:
            return read_pair(Path(settings.tls_cert_file), Path(settings.tls_key_file), now_ms)
        return describe(read_certificate(own)) if own.exists() else None
    except ConfigInvalid as error:
        return error


def _doors(desk: Desk) -> Sequence[DoorLine] | None:
    """Those that are open; None while the box is down."""
    try:
        return desk.status().doors
    except CarrelError:
        return None


def _now_ms() -> int:
    return int(time.time() * 1000)
