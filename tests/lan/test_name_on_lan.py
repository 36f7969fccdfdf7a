"""The name that is published by multicast DNS, asked for by a second responder; all on loopback."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from zeroconf import AddressResolver, AddressResolverIPv6, DNSQuestionType, ServiceInfo
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from appliance.lan.asking import responder, unavailable, who_has
from appliance.lan.publishing import NameOnLan
from tests.edge.tiny_apps import RecordingLog
from tests.required import not_run

ME = "127.0.0.1"
ANSWER_MS = 1500.0
"""What was announced within the last second is answered after it (RFC 6762, section 6)."""
pytestmark = pytest.mark.slow


@asynccontextmanager
async def another() -> AsyncIterator[AsyncZeroconf]:
    """Somebody else on the network."""
    their = responder(ME)
    try:
        yield their
    finally:
        await their.async_close()


async def publish(their: AsyncZeroconf, label: str, address: bytes) -> None:
    kind = "_http._tcp.local."
    info = ServiceInfo(kind, f"{label}.{kind}", port=80, addresses=[address], server=f"{label}.local.")
    await (await their.async_register_service(info))


@pytest.fixture(scope="module", autouse=True)
def multicast():
    async def hears_itself() -> bool:
        async with another() as one, another() as two:
            label = f"probe-{secrets.token_hex(4)}"
            await publish(one, label, b"\x7f\x00\x00\x01")
            resolver = AddressResolver(f"{label}.local.")
            return await resolver.async_request(two.zeroconf, 3000, question_type=DNSQuestionType.QM)

    try:
        heard = asyncio.run(hears_itself())
    except Exception as error:
        not_run(f"multicast on loopback does not work here ({error})")
    if not heard:
        not_run("multicast on loopback does not work here: nobody hears what is published")


@pytest.fixture
def label() -> str:
    """Tests that run side by side share the loopback."""
    return f"lab-{secrets.token_hex(4)}"


@asynccontextmanager
async def named(label: str, *, own: frozenset[str] = frozenset({ME}), log=None) -> AsyncIterator[NameOnLan]:
    name = NameOnLan(label, ME, own=own, log=log or RecordingLog(), answer_ms=ANSWER_MS)
    name.offer("https", 7443)
    running = asyncio.create_task(name.run())
    try:
        await asyncio.wait_for(name.settled(), 20)
        yield name
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def asks(their: AsyncZeroconf, service: str, label: str) -> AsyncServiceInfo | None:
    kind = f"_{service}._tcp.local."
    return await their.async_get_service_info(kind, f"Carrel on {label}.{kind}", 1500, DNSQuestionType.QM)


async def test_the_name_leads_to_the_address_and_the_service_to_the_port(label):
    async with another() as their, named(label) as name:
        assert name.label == label
        assert name.trouble == ""
        resolver = AddressResolver(f"{label}.local.")
        assert await resolver.async_request(their.zeroconf, 3000, question_type=DNSQuestionType.QM)
        assert resolver.parsed_addresses() == [ME]
        found = await asks(their, "https", label)
        assert found is not None
        assert (found.port, found.server) == (7443, f"{label}.local.")
        assert await asks(their, "http", label) is None


async def test_an_address_of_version_six_is_denied_at_once_and_not_by_silence(label):
    async with named(label), another() as their:
        loop = asyncio.get_running_loop()
        began = loop.time()
        resolver = AddressResolverIPv6(f"{label}.local.")
        found = await resolver.async_request(their.zeroconf, 10_000, question_type=DNSQuestionType.QM)
        assert not found
        assert loop.time() - began < 5


async def test_the_service_of_a_class_comes_and_goes_and_the_name_stays(label):
    async with another() as their, named(label) as name:
        name.offer("http", 7480)
        await asyncio.wait_for(name.settled(), 20)
        found = await asks(their, "http", label)
        assert found is not None
        assert found.port == 7480
        name.withdraw("http")
        await asyncio.wait_for(name.settled(), 20)
    async with another() as their:
        assert await asks(their, "http", label) is None


async def test_a_name_that_another_machine_has_stays_theirs(label):
    log = RecordingLog()
    async with another() as their:
        await publish(their, label, b"\x0a\x00\x00\x63")
        async with named(label, log=log) as name:
            assert name.label == f"{label}-2"
            assert await who_has(f"{label}-2", ME) == {ME}
            assert await who_has(label, ME) == {"10.0.0.99"}
    assert "name_taken" in log.lines[0]


async def test_a_name_that_this_machine_publishes_already_is_not_taken(label):
    async with another() as their:
        await publish(their, label, b"\x7f\x00\x00\x01")
        async with named(label) as name:
            assert name.label == label


async def test_nobody_answers_to_the_name_once_it_is_taken_back(label):
    async with named(label):
        pass
    assert await who_has(label, ME, answer_ms=ANSWER_MS) == frozenset()


async def test_a_port_that_cannot_be_had_is_trouble_and_not_an_end(label):
    refused = [OSError(98, "Address already in use")]

    def sometimes(address: str) -> AsyncZeroconf:
        if refused:
            raise unavailable() from refused.pop()
        return responder(address)

    log, again = RecordingLog(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await again.wait()

    name = NameOnLan(label, ME, own=frozenset(), log=log, answer_ms=ANSWER_MS, speak=sometimes, sleep=sleep)
    name.offer("https", 7443)
    running = asyncio.create_task(name.run())
    await asyncio.wait_for(name.settled(), 20)
    assert name.label == ""
    assert "UDP port 5353" in name.trouble
    name.offer("https", 7443)
    again.set()
    await asyncio.wait_for(name.settled(), 20)
    assert (name.label, name.trouble) == (label, "")
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
