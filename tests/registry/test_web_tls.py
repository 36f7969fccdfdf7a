"""A registry that speaks TLS itself, and one whose certificate cannot be used."""

import httpx
import pytest

from appliance.edge.listening import Listener
from appliance.edge.sockets import TcpBind
from appliance.errors import ConfigInvalid
from appliance.wiring.registry_serving import tls_of
from tests.edge.tiny_apps import FakeClock, RecordingLog, says_ok
from tests.outbound.mail_servers import certificate
from tests.raw_connection import connected
from tests.registry.registries import settings


async def test_it_speaks_tls_with_its_certificate(tmp_path):
    _, trusting = certificate(tmp_path)
    pem = str(tmp_path / "server.pem")
    tls = tls_of(settings(tls_cert=pem, tls_key=pem))
    bind = TcpBind("127.0.0.1", 0)
    listener = Listener(says_ok, bind=bind, clock=FakeClock(), log=RecordingLog(), tls=tls)
    await listener.start()
    try:
        async with httpx.AsyncClient(verify=trusting) as http:
            assert (await http.get(f"https://127.0.0.1:{listener.port}/")).text == "ok"
            big = {"x-large": "a" * 40_000}
            assert (await http.get(f"https://127.0.0.1:{listener.port}/", headers=big)).status_code == 431
        async with connected(listener.port) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            assert b"ok" not in await reader.read()
    finally:
        await listener.stop(1)


@pytest.mark.parametrize("key", ["missing.pem", "empty.pem"])
def test_a_certificate_that_cannot_be_used_is_told(tmp_path, key):
    (tmp_path / "empty.pem").touch()
    given = settings(tls_cert=str(tmp_path / key), tls_key=str(tmp_path / key))
    with pytest.raises(ConfigInvalid, match="tls_cert"):
        tls_of(given)


def test_without_files_it_speaks_none():
    assert tls_of(settings()) is None
