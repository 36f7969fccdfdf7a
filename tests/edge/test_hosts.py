"""Only hosts that mean this box are answered."""

import pytest

from appliance.edge.hosts import Hosts
from tests.edge.tiny_apps import listening, says_ok, whole_answer
from tests.raw_connection import connected

LOOPBACK = Hosts(bound_to="127.0.0.1", names=["gpu1.lab.example", "BOX"])
EVERYWHERE = Hosts(bound_to="0.0.0.0", names=["gpu1.lab.example"])
ONE_ADDRESS = Hosts(bound_to="10.0.0.7")


@pytest.mark.parametrize(
    ("hosts", "header"),
    [
        (LOOPBACK, b"127.0.0.1"), (LOOPBACK, b"127.0.0.1:7411"), (LOOPBACK, b"localhost:1"),
        (LOOPBACK, b"[::1]:7411"),
        (LOOPBACK, b"gpu1.lab.example"), (LOOPBACK, b"GPU1.lab.example.:80"), (LOOPBACK, b"box"),
        (EVERYWHERE, b"10.1.2.3:7411"), (EVERYWHERE, b"[fe80::1]"), (EVERYWHERE, b"localhost"),
        (ONE_ADDRESS, b"10.0.0.7:7411"), (Hosts(bound_to="box.example"), b"box.example"),
        (Hosts(bound_to="::"), b"192.168.0.1"), (Hosts(bound_to="::1"), b"[0:0:0:0:0:0:0:1]"),
    ],
)  # fmt: skip
def test_own_name_or_address_is_admitted(hosts, header):
    assert hosts.admit(header)


@pytest.mark.parametrize(
    ("hosts", "header"),
    [
        (LOOPBACK, b"evil.example"), (LOOPBACK, b"127.0.0.1.evil.example"), (LOOPBACK, b"10.0.0.7"),
        (LOOPBACK, b"evil.example:127.0.0.1"), (LOOPBACK, b"user@127.0.0.1"), (LOOPBACK, b""),
        (LOOPBACK, b":7411"),
        (LOOPBACK, b"127.0.0.1\n"), (LOOPBACK, b"127.0.0.1 "), (LOOPBACK, b"2130706433"),
        (LOOPBACK, b"127.1"),
        (LOOPBACK, b"[::1"), (LOOPBACK, b"\xff"), (LOOPBACK, b"127.0.0.1:999999"),
        (LOOPBACK, b"localhost.evil.example"),
        (LOOPBACK, b"[127.0.0.1"), (LOOPBACK, b"evil.example, 127.0.0.1"), (EVERYWHERE, b"evil.example"),
        (ONE_ADDRESS, b"10.0.0.8"), (ONE_ADDRESS, b"localhost"),
        (Hosts(bound_to="box.example"), b"evil.example"),
    ],
)  # fmt: skip
def test_foreign_or_malformed_host_is_not(hosts, header):
    assert not hosts.admit(header)


@pytest.mark.parametrize(
    "hosts", [b"", b"Host: evil.example\r\n", b"Host: 127.0.0.1\r\nHost: evil.example\r\n", b"Host:\r\n"]
)
async def test_wrong_missing_or_doubled_host_is_a_400(hosts):
    async with listening(says_ok) as listener, connected(listener.port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\n" + hosts + b"\r\n")
        assert (await whole_answer(reader)).startswith(b"HTTP/1.1 400 ")


async def test_passed_in_name_is_answered():
    async with (
        listening(says_ok, host_names=("gpu1.lab.example",)) as listener,
        connected(listener.port) as (reader, writer),
    ):
        writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\nHost: gpu1.lab.example:7411\r\n\r\n")
        assert (await whole_answer(reader)).startswith(b"HTTP/1.1 200 ")


def test_names_of_the_moment_are_admitted_while_they_are_the_box_s():
    names = {"lab-01.local"}
    hosts = Hosts(bound_to="10.0.0.7", names_now=lambda: names)
    assert hosts.admit(b"LAB-01.local:7443")
    names.clear()
    assert not hosts.admit(b"lab-01.local:7443")
