"""Doors of plain HTTP: open while a class that wants one is, at its address, shared, closed at the end."""

import asyncio
import socket

import httpx
import pytest

from appliance.errors import BadRequest, Conflict
from tests.edge.tiny_apps import RecordingLog
from tests.lan.lan_box import (
    HERE,
    HOUR_MS,
    LOOPBACK,
    NOW_MS,
    ONE,
    THERE,
    TWO,
    SetClock,
    get,
    lesson,
    on_network,
    settings_at,
)

pytestmark = pytest.mark.allow_hosts([HERE, THERE])


async def is_refused(url: str) -> bool:
    try:
        await get(url)
    except httpx.ConnectError:
        return True
    return False


async def test_a_class_opens_its_door_and_closes_it(tmp_path):
    async with on_network(settings_at(tmp_path)) as lan:
        monday = lesson(address=HERE)
        assert lan.doors.plain_address(monday) == ""
        url = await lan.doors.open(monday)
        assert url == f"http://{HERE}:{lan.reach().class_port}"
        assert lan.doors.plain_address(monday) == url
        assert (await get(f"{url}/")).text == f"http {HERE}"
        await lan.doors.close(monday)
        assert await is_refused(url)
        assert lan.doors.plain_address(monday) == ""


async def test_a_class_without_plain_http_has_no_door(tmp_path):
    async with on_network(settings_at(tmp_path)) as lan:
        assert await lan.doors.open(lesson(address=HERE, plain=False)) == ""
        assert lan.doors.opened == []


async def test_two_classes_on_one_address_share_it_until_the_last_is_over(tmp_path):
    async with on_network(settings_at(tmp_path)) as lan:
        one, two = lesson("one", address=HERE), lesson("two", address=HERE)
        url = await lan.doors.open(one)
        assert await lan.doors.open(two) == url
        await lan.doors.open(one)
        assert lan.doors.opened == [(url, ("one", "two"))]
        await lan.doors.close(one)
        assert (await get(url)).status_code == 200
        await lan.doors.close(two)
        await lan.doors.close(two)
        assert await is_refused(url)


async def test_two_networks_have_a_door_each(tmp_path):
    async with on_network(settings_at(tmp_path)) as lan:
        here = await lan.doors.open(lesson("one", address=HERE))
        there = await lan.doors.open(lesson("two", address=THERE))
        assert (await get(here)).text == f"http {HERE}"
        assert (await get(there)).text == f"http {THERE}"


async def test_a_class_that_is_opened_again_elsewhere_leaves_where_it_was(tmp_path):
    async with on_network(settings_at(tmp_path)) as lan:
        before = await lan.doors.open(lesson(address=HERE))
        after = await lan.doors.open(lesson(address=THERE))
        assert await is_refused(before)
        assert (await get(after)).status_code == 200
        await lan.doors.open(lesson(address=THERE, plain=False))
        assert await is_refused(after)


async def test_a_closed_door_opens_again_while_old_requests_end(tmp_path):
    async with on_network(settings_at(tmp_path)) as lan:
        for _ in range(3):
            url = await lan.doors.open(lesson(address=HERE))
            assert (await get(url)).status_code == 200
            await lan.doors.close(lesson(address=HERE))


async def test_a_taken_port_is_a_conflict_that_names_the_setting(tmp_path):
    settings = settings_at(tmp_path)
    with socket.socket() as other:
        other.bind((HERE, settings.class_port))
        other.listen()
        async with on_network(settings) as lan:
            with pytest.raises(Conflict, match=r"is taken: .* `carrel config set class_port PORT`"):
                await lan.doors.open(lesson(address=HERE))
            assert lan.doors.opened == []


async def test_an_address_of_another_machine_is_refused_with_those_there_are(tmp_path):
    async with on_network(settings_at(tmp_path)) as lan:
        with pytest.raises(BadRequest, match=r"no address 10\.99\.0\.1; it has 10\.20\.0\.5 \(eth0\)"):
            await lan.doors.open(lesson(address="10.99.0.1"))


async def test_with_several_networks_somebody_has_to_say_which_one(tmp_path):
    async with on_network(settings_at(tmp_path), found=(LOOPBACK, ONE, TWO)) as lan:
        with pytest.raises(Conflict, match=r"10\.20\.0\.5 \(eth0\), 10\.30\.0\.5 \(wlan0\).*--address"):
            await lan.doors.open(lesson())
        # Pages and cards have to show something before it is open.
        assert lan.doors.addresses(lesson())[0].startswith("http://10.20.0.5:")
    async with on_network(settings_at(tmp_path), found=(LOOPBACK,)) as lan:
        with pytest.raises(Conflict, match="it is on no network"):
            await lan.doors.open(lesson())


async def test_the_box_s_own_address_is_the_class_s_where_it_has_none(tmp_path):
    async with on_network(settings_at(tmp_path, lan_host=THERE), found=(LOOPBACK, ONE, TWO)) as lan:
        assert (await lan.doors.open(lesson())).startswith(f"http://{THERE}:")


async def test_doors_open_again_after_a_restart_and_close_when_the_class_is_over(tmp_path):
    clock, monday = SetClock(), lesson(address=HERE)
    planned = lesson("planned", address=THERE, opened_ms=None)
    over = lesson("over", address=THERE, over_ms=NOW_MS)
    async with on_network(settings_at(tmp_path), clock=clock) as lan:
        everything = [monday, planned, over]
        await lan.doors.follow(everything)
        url = lan.doors.plain_address(monday)
        assert lan.doors.opened == [(url, ("monday",))]
        clock.now += HOUR_MS
        await lan.doors.follow(everything)
        assert await is_refused(url)


async def test_a_door_that_cannot_open_is_told_once_and_opens_when_it_can(tmp_path):
    settings, log = settings_at(tmp_path), RecordingLog()
    monday = lesson(address=HERE)
    async with on_network(settings, log=log) as lan:
        with socket.socket() as other:
            other.bind((HERE, settings.class_port))
            other.listen()
            await lan.doors.follow([monday])
            await lan.doors.follow([monday])
            assert len(lan.doors.troubles) == 1
            assert len([line for line in log.lines if "door_not_opened" in line]) == 1
        await lan.doors.follow([monday])
        assert lan.doors.troubles == ()
        assert (await get(lan.doors.plain_address(monday))).status_code == 200


async def test_a_trouble_is_forgotten_with_its_class(tmp_path):
    settings = settings_at(tmp_path)
    with socket.socket() as other:
        other.bind((HERE, settings.class_port))
        other.listen()
        async with on_network(settings) as lan:
            await lan.doors.follow([lesson(address=HERE)])
            assert lan.doors.troubles
            await lan.doors.follow([])
            assert lan.doors.troubles == ()


async def test_classes_that_are_open_already_have_their_doors_when_the_box_starts(tmp_path):
    monday = lesson(address=HERE)
    log = RecordingLog()
    async with on_network(settings_at(tmp_path), classes=[monday], log=log) as lan:
        async with asyncio.timeout(10):
            while not lan.doors.plain_address(monday):
                await asyncio.sleep(0)
        assert (await get(lan.doors.plain_address(monday))).status_code == 200
    assert any("door_opened" in line for line in log.lines)


async def test_another_host_s_name_is_refused_at_the_door(tmp_path):
    async with on_network(settings_at(tmp_path, allowed_hosts="box.lab.example")) as lan:
        url = await lan.doors.open(lesson(address=THERE))
        for host, expected in {
            THERE: 200,
            f"{THERE}:7480": 200,
            "box.lab.example": 200,
            "evil.example": 400,
            "lab-01.local": 400,
            "10.20.0.5": 400,
        }.items():
            assert (await get(url, headers={"host": host})).status_code == expected, host
