"""A box's sides on the network over an app of a few lines; addresses of loopback stand in for networks."""

import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from litestar.types import Receive, Scope, Send

from appliance.config import Settings, Surroundings, UserFolders, load_settings
from appliance.domain.classes import SchoolClass, SeatCaps
from appliance.lan.interfaces import Interface
from appliance.wiring.lan import Lan
from tests.edge.tiny_apps import RecordingLog, reply

HERE, THERE = "127.0.0.1", "127.0.0.2"
NOW_MS = 1_790_000_000_000
HOUR_MS = 3_600_000
ONE = Interface("eth0", "10.20.0.5", "10.20.0.0/16", has_default_route=True)
TWO = Interface("wlan0", "10.30.0.5", "10.30.0.0/16")
LOOPBACK = Interface("lo", HERE, "127.0.0.0/8")


class SetClock:
    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now = now_ms

    def now_ms(self) -> int:
        return self.now

    def monotonic_s(self) -> float:
        return 0.0


async def says_way(scope: Scope, receive: Receive, send: Send) -> None:
    """By which way the request came."""
    await reply(send, f"{scope['scheme']} {scope['server'][0]}".encode())


def free_port(*hosts: str) -> int:
    """Free on all of them."""
    with socket.socket() as probe:
        probe.bind((hosts[0] if hosts else HERE, 0))
        return probe.getsockname()[1]


def settings_at(home: Path, **flags: object) -> Settings:
    folders = UserFolders(home, home, home, home)
    around = Surroundings({"CARREL_HOME": str(home)}, 1000, 2, folders, host_name="lab-01")
    return load_settings(around, {"mdns": "", "class_port": free_port(), "lan_port": free_port(), **flags})


def lesson(name: str = "monday", **changes: object) -> SchoolClass:
    made = SchoolClass(
        id=name,
        project_id="nlp",
        title=name,
        mode="open",
        models=("handbook-tiny@q8",),
        caps=SeatCaps(),
        ends_ms=NOW_MS + HOUR_MS,
        created_ms=NOW_MS,
        created_by="prof",
        plain=True,
        opened_ms=NOW_MS,
    )
    return replace(made, **changes)


@asynccontextmanager
async def on_network(
    settings: Settings,
    *,
    classes: Iterable[SchoolClass] = (),
    found: Iterable[Interface] = (LOOPBACK, ONE),
    clock: SetClock | None = None,
    log: RecordingLog | None = None,
) -> AsyncIterator[Lan]:
    lan = Lan(
        settings,
        lambda: says_way,
        clock=clock or SetClock(),
        log=log or RecordingLog(),
        found=lambda: tuple(found),
    )
    async with lan.open(lambda: tuple(classes)):
        yield lan


def trusting(lan: Lan) -> ssl.SSLContext:
    """As a laptop that has loaded the box's authority, and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=(lan.authority_pem() or b"").decode())
    return context


async def get(
    url: str, *, headers: dict[str, str] | None = None, asked_as: str = "", verify: object = True
) -> httpx.Response:
    """``asked_as`` is the name that the certificate has to be for, where it is not the URL's."""
    more = {"sni_hostname": asked_as} if asked_as else {}
    async with httpx.AsyncClient(trust_env=False, verify=verify) as http:
        return await http.get(url, headers=headers, extensions=more)
