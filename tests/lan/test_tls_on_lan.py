"""TLS on the box's network: who accepts its certificate, for how long, and which names it answers to."""

import asyncio
import ssl
import time

import httpx
import pytest

from appliance.errors import ConfigInvalid, Conflict
from appliance.trust.certificates import DAY_MS
from tests.edge.tiny_apps import RecordingLog
from tests.lan.given_certificates import University
from tests.lan.lan_box import (
    HERE,
    LOOPBACK,
    NOW_MS,
    ONE,
    THERE,
    SetClock,
    get,
    lesson,
    on_network,
    settings_at,
    trusting,
)

pytestmark = pytest.mark.allow_hosts([HERE, THERE])


def now() -> SetClock:
    """As the clients' clocks have it."""
    return SetClock(int(time.time() * 1000))


def at(lan, host: str = HERE) -> str:
    return f"https://{host}:{lan.reach().lan_port}/"


async def test_a_client_that_trusts_the_box_s_authority_is_answered_over_tls(tmp_path):
    async with on_network(settings_at(tmp_path, lan_host=HERE), clock=now()) as lan:
        assert (await get(at(lan), verify=trusting(lan))).text == f"https {HERE}"


async def test_a_client_that_trusts_another_authority_is_not(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    async with (
        on_network(settings_at(tmp_path / "one", lan_host=HERE), clock=now()) as lan,
        on_network(settings_at(tmp_path / "two", lan_host=HERE), clock=now()) as other,
    ):
        for verify in (trusting(other), ssl.create_default_context()):
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await get(at(lan), verify=verify)


async def test_a_host_that_the_certificate_is_not_for_is_refused_by_the_client(tmp_path):
    async with on_network(settings_at(tmp_path, lan_host=HERE), clock=now()) as lan:
        with pytest.raises(httpx.ConnectError, match="mismatch"):
            await get(at(lan), verify=trusting(lan), asked_as="other.local")
        assert (await get(at(lan), verify=trusting(lan), asked_as="localhost")).status_code == 200


async def handshake(lan, context: ssl.SSLContext) -> str:
    _, writer = await asyncio.open_connection(HERE, lan.reach().lan_port, ssl=context, server_hostname=HERE)
    version = writer.get_extra_info("ssl_object").version()
    writer.close()
    return version


async def test_old_versions_of_tls_are_not_spoken(tmp_path):
    async with on_network(settings_at(tmp_path, lan_host=HERE), clock=now()) as lan:
        assert await handshake(lan, trusting(lan)) == "TLSv1.3"
        older = trusting(lan)
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        assert await handshake(lan, older) == "TLSv1.2"
        # Beside its ciphers, of which versions before that have none.
        assert lan._certificate._context.minimum_version is ssl.TLSVersion.TLSv1_2
        oldest = trusting(lan)
        oldest.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="deprecated"):
            oldest.minimum_version = ssl.TLSVersion.TLSv1
        with pytest.warns(DeprecationWarning, match="deprecated"):
            oldest.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await handshake(lan, oldest)


async def test_ciphers_without_forward_secrecy_are_refused(tmp_path):
    async with on_network(settings_at(tmp_path, lan_host=HERE), clock=now()) as lan:
        weak = trusting(lan)
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("AES128-SHA:AES256-SHA256:ECDHE-ECDSA-AES128-SHA")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await handshake(lan, weak)


async def test_a_client_that_connects_and_says_nothing_is_let_go(tmp_path):
    async with on_network(settings_at(tmp_path, lan_host=HERE, header_timeout_s=0.1), clock=now()) as lan:
        reader, writer = await asyncio.open_connection(HERE, lan.reach().lan_port)
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()


async def test_plain_http_to_the_port_of_tls_is_not_answered(tmp_path):
    async with on_network(settings_at(tmp_path, lan_host=HERE), clock=now()) as lan:
        with pytest.raises(httpx.RemoteProtocolError):
            await get(at(lan).replace("https", "http"))


async def test_the_box_answers_to_its_address_and_names_and_to_no_other_host(tmp_path):
    settings = settings_at(tmp_path, lan_host=THERE, allowed_hosts="box.lab.example")
    async with on_network(settings, clock=now()) as lan:
        for host, expected in {
            THERE: 200,
            "box.lab.example": 200,
            "evil.example": 400,
            "10.20.0.5": 400,
            "other.local": 400,
        }.items():
            answer = await get(at(lan, THERE), verify=trusting(lan), headers={"host": host})
            assert answer.status_code == expected, host


async def test_a_box_without_an_address_on_the_network_listens_nowhere(tmp_path):
    async with on_network(settings_at(tmp_path)) as lan:
        assert [one.kind for one in lan.lines()] == ["api"]
        assert lan.authority_pem() is None
        assert lan.doors.fingerprint() == ""
    assert not (tmp_path / "data" / "tls").exists()


async def test_an_address_that_this_machine_does_not_have_keeps_the_box_from_starting(tmp_path):
    with pytest.raises(ConfigInvalid, match=r"no address 10\.99\.0\.1 .*10\.20\.0\.5 \(eth0\)"):
        async with on_network(settings_at(tmp_path, lan_host="10.99.0.1")):
            pass


async def test_a_taken_port_keeps_the_box_from_starting_and_names_the_setting(tmp_path):
    settings = settings_at(tmp_path, lan_host=HERE)
    async with on_network(settings, clock=now()):
        with pytest.raises(Conflict, match="config set lan_port"):
            async with on_network(settings, clock=now()):
                pass


async def test_half_of_a_given_pair_keeps_the_box_from_starting(tmp_path):
    with pytest.raises(ConfigInvalid, match="both"):
        async with on_network(settings_at(tmp_path, lan_host=HERE, tls_cert_file="/a.pem")):
            pass


@pytest.fixture
def university(tmp_path):
    return University(now().now)


def with_given(tmp_path, university, *, names, addresses=frozenset({HERE}), **flags):
    cert, key = university.give(tmp_path, now().now, names=names, addresses=addresses)
    return settings_at(tmp_path, lan_host=HERE, tls_cert_file=str(cert), tls_key_file=str(key), **flags)


async def test_a_given_certificate_is_served_and_needs_no_trust_of_the_box_s_own(tmp_path, university):
    settings = with_given(tmp_path, university, names={"lab.uni.example"})
    context = ssl.create_default_context(cadata=university.pem)
    async with on_network(settings, clock=now()) as lan:
        assert (await get(at(lan), verify=context)).status_code == 200
        named = await get(at(lan), verify=context, headers={"host": "lab.uni.example"})
        assert named.status_code == 200
        assert lan.authority_pem() is None
        assert lan.doors.fingerprint() == ""
        assert lan.doors.addresses(lesson(plain=False))[0].startswith("https://lab.uni.example:")
    assert not (tmp_path / "data" / "tls").exists()


async def test_a_given_certificate_that_is_renewed_is_served_without_a_restart(tmp_path, university):
    log = RecordingLog()
    settings = with_given(tmp_path, university, names={"old.uni.example"})
    context = ssl.create_default_context(cadata=university.pem)
    async with on_network(settings, clock=now(), log=log) as lan:
        await get(at(lan), verify=context)
        university.give(tmp_path, now().now, names={"new.uni.example"}, addresses={HERE})
        await lan._certificate.refresh()
        _, writer = await asyncio.open_connection(
            HERE, lan.reach().lan_port, ssl=context, server_hostname="new.uni.example"
        )
        writer.close()
        assert "new.uni.example" in lan.names_now()
    assert any("certificate_changed" in line for line in log.lines)


async def test_half_of_a_renewal_is_told_once_and_not_served(tmp_path, university):
    log = RecordingLog()
    settings = with_given(tmp_path, university, names={"old.uni.example"})
    context = ssl.create_default_context(cadata=university.pem)
    async with on_network(settings, clock=now(), log=log) as lan:
        key = (tmp_path / "given.key").read_text()
        university.give(tmp_path, now().now, names={"new.uni.example"}, addresses={HERE})
        (tmp_path / "given.key").write_text(key)
        await lan._certificate.refresh()
        await lan._certificate.refresh()
        assert (await get(at(lan), verify=context)).status_code == 200
    assert len([line for line in log.lines if "certificate_not_taken" in line]) == 1


async def test_the_box_s_own_certificate_is_renewed_while_it_runs(tmp_path):
    clock, log = SetClock(), RecordingLog()
    async with on_network(settings_at(tmp_path, lan_host=HERE), clock=clock, log=log) as lan:
        before, authority = lan._certificate.described, lan.doors.fingerprint()
        clock.now += 366 * DAY_MS
        await lan._certificate.refresh()
        assert lan._certificate.described == before
        clock.now += DAY_MS
        await lan._certificate.refresh()
        after = lan._certificate.described
        assert after.ends_ms - before.ends_ms == 367 * DAY_MS
        assert lan.doors.fingerprint() == authority
    assert before.ends_ms == NOW_MS + 396 * DAY_MS


async def test_status_tells_the_doors_that_are_open(tmp_path):
    async with on_network(settings_at(tmp_path, lan_host=HERE), found=(LOOPBACK, ONE)) as lan:
        await lan.doors.open(lesson())
        api, tls, door = lan.lines()
        assert (api.kind, tls.kind, door.kind) == ("api", "lan", "class")
        assert tls.fingerprint == lan.doors.fingerprint() != ""
        assert tls.certificate_ends_ms == NOW_MS + 396 * DAY_MS
        assert door.url == f"http://{HERE}:{lan.reach().class_port}"
        assert door.classes == ("monday",)
