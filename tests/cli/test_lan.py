"""`carrel up --lan` and what the doctor makes of a box on a network."""

from types import SimpleNamespace

import click
import pytest

from appliance.cli.checks import lan
from appliance.cli.lan_choice import chosen_address
from appliance.client.presenting.doors import door_line
from appliance.domain.results import DoorLine
from appliance.errors import ConfigInvalid, GatewayNotRunning
from appliance.lan.interfaces import Interface
from appliance.trust.certificates import DAY_MS, Certificate

LO = Interface("lo", "127.0.0.1", "127.0.0.0/8")
ONE = Interface("eth0", "10.20.0.5", "10.20.0.0/16", has_default_route=True)
TWO = Interface("wlan0", "10.30.0.5", "10.30.0.0/16")
NOW_MS = 1_790_000_000_000


class DeskWith:
    """Somebody who types ``answer``, or nobody."""

    def __init__(self, *, asks: bool) -> None:
        self.asks = asks
        self.told: list[str] = []

    def progress(self, text: str) -> None:
        self.told.append(text)


def test_the_only_network_is_the_one():
    assert chosen_address(DeskWith(asks=False), None, (LO, ONE)) == "10.20.0.5"


def test_an_address_that_was_named_is_taken_if_it_is_this_machine_s():
    assert chosen_address(DeskWith(asks=False), "10.30.0.5", (LO, ONE, TWO)) == "10.30.0.5"
    for foreign in ("10.99.0.1", "not an address"):
        with pytest.raises(ConfigInvalid, match=r"it has 10\.20\.0\.5 \(eth0\), 10\.30\.0\.5 \(wlan0\)"):
            chosen_address(DeskWith(asks=True), foreign, (LO, ONE, TWO))


def test_several_networks_without_anybody_there_are_listed():
    with pytest.raises(ConfigInvalid, match=r"10\.20\.0\.5 \(eth0\), 10\.30\.0\.5 \(wlan0\); name the one"):
        chosen_address(DeskWith(asks=False), None, (LO, ONE, TWO))


def test_a_machine_on_no_network_says_so():
    with pytest.raises(ConfigInvalid, match="no address on a network"):
        chosen_address(DeskWith(asks=True), None, (LO,))


def test_somebody_who_is_there_chooses():
    desk = DeskWith(asks=True)

    @click.command()
    def asking() -> None:
        click.echo(chosen_address(desk, None, (LO, ONE, TWO)))

    from click.testing import CliRunner

    assert CliRunner().invoke(asking, input="2\n").stdout == "10.30.0.5\n"
    assert CliRunner().invoke(asking, input="\n").stdout == "10.20.0.5\n"
    assert [line.split() for line in desk.told[1:3]] == [
        ["1", "10.20.0.5", "eth0"],
        ["2", "10.30.0.5", "wlan0"],
    ]


def test_up_with_an_address_of_another_machine_starts_nothing(carrel):
    done = carrel("up", "--lan-host", "192.0.2.254")
    assert done.code != 0
    assert "192.0.2.254" in done.err


def certificate(days: float, begins_ms: int = NOW_MS - DAY_MS) -> Certificate:
    return Certificate(frozenset(), frozenset(), begins_ms, NOW_MS + int(days * DAY_MS), "AB")


LINE = DoorLine(url="https://10.20.0.5:7443", kind="lan", name_url="https://lab-01.local:7443")


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        (lan.address("10.20.0.5", (LO, ONE)), "ok"),
        (lan.address("10.99.0.1", (LO, ONE)), "fail"),
        (lan.address("10.40.0.5", (Interface("eth1", "10.40.0.5", "10.40.0.0/16", is_up=False),)), "fail"),
        (lan.certificate(None, NOW_MS), "ok"),
        (lan.certificate(certificate(31), NOW_MS), "ok"),
        (lan.certificate(certificate(29), NOW_MS), "warn"),
        (lan.certificate(certificate(-1), NOW_MS), "fail"),
        (lan.certificate(certificate(90, begins_ms=NOW_MS + DAY_MS), NOW_MS), "fail"),
        (lan.certificate(ConfigInvalid("The key is another's."), NOW_MS), "fail"),
        (lan.port("lan_port", "lan_port", "10.20.0.5", 7443, taken=False, ours=True), "ok"),
        (lan.port("lan_port", "lan_port", "10.20.0.5", 7443, taken=False, ours=False), "ok"),
        (lan.port("lan_port", "lan_port", "10.20.0.5", 7443, taken=True, ours=False), "fail"),
        (lan.reached(LINE, answers=True), "ok"),
        (lan.reached(LINE, answers=False), "fail"),
        (lan.reached(None, answers=False), "warn"),
        (lan.name("lab-01", "10.20.0.5", {"10.20.0.5"}, ""), "ok"),
        (lan.name("lab-01", "10.20.0.5", set(), ""), "warn"),
        (lan.name("lab-01", "10.20.0.5", {"10.20.0.9"}, ""), "warn"),
        (lan.name("lab-01", "10.20.0.5", {"10.20.0.5"}, "Port 5353 is not to be had."), "warn"),
        (lan.name("lab-01", "10.20.0.5", GatewayNotRunning("no"), ""), "warn"),
    ],
)
def test_a_check_decides_from_what_was_found(check, verdict):
    assert check.state == verdict
    assert check.reason
    assert bool(check.fix) == (verdict != "ok")


def test_a_box_on_no_network_has_nothing_to_check():
    desk = SimpleNamespace(settings=lambda: SimpleNamespace(lan_host=""))
    assert [one.state for one in lan.look(desk)] == ["ok"]


def test_a_door_is_one_line_for_a_person():
    assert door_line(LINE) == "https://10.20.0.5:7443; by name https://lab-01.local:7443"
    door = DoorLine(url="http://10.20.0.5:7480", kind="class", classes=("monday", "tuesday"))
    assert door_line(door) == "http://10.20.0.5:7480; plain HTTP for monday, tuesday"
