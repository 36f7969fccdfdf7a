"""Which address a class is on, and the URLs that students of it may type."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.domain.classes import SchoolClass
from appliance.errors import BadRequest, Conflict
from appliance.lan.interfaces import Interface, candidates, is_own


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the box is reached now. ``origins`` are URLs of the listener that is always there, without paths.

    ``lan_host`` is empty for a box on no network. ``tls_hosts`` are the names and addresses that its
    certificate is for, the best first; ``name`` is the one of multicast DNS, ``lab-01.local``, or empty.
    """

    origins: tuple[str, ...]
    lan_host: str
    lan_port: int
    class_port: int
    tls_hosts: tuple[str, ...] = ()
    name: str = ""


def address_of(lesson: SchoolClass, lan_host: str, found: Sequence[Interface]) -> str:
    """The class's own, else the box's, else the only one that this machine has.

    Raises ``BadRequest`` for an address that is not this machine's, ``Conflict`` where nobody can tell.
    """
    if lesson.address:
        if not is_own(lesson.address, found):
            raise BadRequest(
                f"This machine has no address {lesson.address}; {_there(found)}.", param="address"
            )
        return lesson.address
    if lan_host:
        return lan_host
    likely = candidates(found)
    if len(likely) == 1:
        return likely[0].address
    raise Conflict(
        f"Which network the class is on is not known: {_there(found)}. Say it with `carrel class open "
        f"{lesson.id} --plain --address ADDRESS`."
    )


def likely_address(lesson: SchoolClass, lan_host: str, found: Sequence[Interface]) -> str:
    """As ``address_of``, with the likeliest where nobody can tell; empty where there is none."""
    likely = candidates(found)
    return lesson.address or lan_host or (likely[0].address if likely else "")


def urls(lesson: SchoolClass, reach: Reach, plain_host: str) -> tuple[str, ...]:
    """What students may type, the best first. ``plain_host``: where the class is on plain HTTP, or empty."""
    plain = [] if not (lesson.plain and plain_host) else [url("http", plain_host, reach.class_port)]
    tls = [url("https", host, reach.lan_port) for host in reach.tls_hosts] if reach.lan_host else []
    named = name_url(lesson, reach, plain_host)
    found = [*plain, *([named] if named.startswith("http:") else []), *tls] or list(reach.origins)
    return tuple(dict.fromkeys(found))


def name_url(lesson: SchoolClass | None, reach: Reach, plain_host: str) -> str:
    """By name: of plain HTTP for a class that is there on the box's own address, else of TLS."""
    if not reach.lan_host:
        return ""
    if reach.name and lesson is not None and lesson.plain and plain_host == reach.lan_host:
        return url("http", reach.name, reach.class_port)
    names = [host for host in reach.tls_hosts if not _is_address(host)]
    if reach.name in names:
        return url("https", reach.name, reach.lan_port)
    return url("https", names[0], reach.lan_port) if names else ""


def url(scheme: str, host: str, port: int) -> str:
    """Without a path; an IPv6 address in brackets."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def said(found: Sequence[Interface]) -> str:
    """``10.20.0.5 (eth0), 10.30.0.5 (wlan0)``, the likeliest first."""
    return ", ".join(f"{one.address} ({one.name})" for one in candidates(found))


def _there(found: Sequence[Interface]) -> str:
    return f"it has {said(found)}" if candidates(found) else "it is on no network"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
