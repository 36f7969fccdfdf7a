"""Binding, refusing to bind, and stopping."""

import asyncio
import signal
import socket
import stat

import httpx
import pytest

from appliance.edge.listening import Listener
from appliance.edge.sockets import TcpBind, UnixBind, bound_socket
from appliance.errors import ConfigInvalid, Conflict
from tests.edge.tiny_apps import FakeClock, RecordingLog, Waits, listening, says_ok
from tests.raw_connection import connected


def over_unix(path) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path)), base_url="http://box")


async def test_tcp_and_unix_listeners_serve_side_by_side(tmp_path):
    bind = UnixBind(tmp_path / "admin.sock")
    async with listening(says_ok) as public, listening(says_ok, bind=bind) as admin:
        assert admin.port == 0
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"http://127.0.0.1:{public.port}/")).text == "ok"
        async with over_unix(bind.path) as http:
            assert (await http.get("/")).text == "ok"


async def test_answers_carry_date_and_request_id_and_no_server_name():
    async with listening(says_ok) as listener, httpx.AsyncClient() as http:
        headers = (await http.get(f"http://127.0.0.1:{listener.port}/")).headers
        assert headers["date"] == "Tue, 14 Nov 2023 22:13:20 GMT"
        assert headers["x-request-id"].startswith("req_")
        assert "server" not in headers


async def test_taken_port_is_a_conflict_that_names_it():
    async with listening(says_ok) as listener:
        second = Listener(
            says_ok, bind=TcpBind("127.0.0.1", listener.port), clock=FakeClock(), log=RecordingLog()
        )
        with pytest.raises(Conflict, match=f"Port {listener.port} of 127.0.0.1 is taken"):
            await second.start()


async def test_foreign_address_is_a_wrong_setting():
    listener = Listener(says_ok, bind=TcpBind("192.0.2.1", 0), clock=FakeClock(), log=RecordingLog())
    with pytest.raises(ConfigInvalid, match=r"no address 192\.0\.2\.1"):
        await listener.start()


async def test_unix_socket_is_for_its_owner_and_group_only_and_goes_away(tmp_path):
    path = tmp_path / "admin.sock"
    async with listening(says_ok, bind=UnixBind(path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert not path.exists()


async def test_socket_left_by_a_killed_gateway_is_replaced(tmp_path):
    path = tmp_path / "admin.sock"
    bound_socket(UnixBind(path)).close()
    assert path.is_socket()
    async with listening(says_ok, bind=UnixBind(path)), over_unix(path) as http:
        assert (await http.get("/")).text == "ok"


async def test_socket_of_a_living_gateway_is_a_conflict(tmp_path):
    path = tmp_path / "admin.sock"
    async with listening(says_ok, bind=UnixBind(path)), over_unix(path) as http:
        with pytest.raises(Conflict, match="already listens"):
            bound_socket(UnixBind(path))
        assert (await http.get("/")).text == "ok"


def test_file_in_the_place_of_the_socket_is_not_removed(tmp_path):
    path = tmp_path / "admin.sock"
    path.write_text("precious")
    with pytest.raises(Conflict):
        bound_socket(UnixBind(path))
    assert path.read_text() == "precious"


def test_path_too_long_for_a_socket_is_a_wrong_setting(tmp_path):
    with pytest.raises(ConfigInvalid, match="too long"):
        bound_socket(UnixBind(tmp_path / ("x" * 120)))


async def test_signal_handlers_are_left_alone():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with listening(says_ok):
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_stop_lets_a_running_request_end():
    app = Waits()
    async with listening(app) as listener, httpx.AsyncClient() as http:
        asking = asyncio.create_task(http.get(f"http://127.0.0.1:{listener.port}/"))
        await app.entered.wait()
        stopping = asyncio.create_task(listener.stop(grace_s=10))
        await asyncio.sleep(0)
        app.may_go.set()
        assert (await asking).text == "ok"
        await asyncio.wait_for(stopping, 10)


async def test_stop_cuts_what_outlives_its_grace_with_a_503():
    app, log = Waits(), RecordingLog()
    async with listening(app, log=log) as listener, httpx.AsyncClient() as http:
        asking = asyncio.create_task(http.get(f"http://127.0.0.1:{listener.port}/"))
        await app.entered.wait()
        await asyncio.wait_for(listener.stop(grace_s=0.05), 10)
        response = await asking
        assert response.status_code == 503
        assert response.json()["error"]["code"] == "not_ready"


async def test_stopped_listener_takes_no_connection_and_stops_twice():
    async with listening(says_ok) as listener:
        port = listener.port
        async with connected(port):
            await asyncio.wait_for(listener.stop(grace_s=1), 10)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await listener.stop(grace_s=1)


async def test_port_is_free_again_after_stop():
    async with listening(says_ok) as listener:
        port = listener.port
    async with listening(says_ok, bind=TcpBind("127.0.0.1", port)) as again:
        assert again.port == port


async def test_ipv6_loopback_can_be_listened_on():
    if not socket.has_ipv6:
        return
    async with listening(says_ok, bind=TcpBind("::1", 0)) as listener, httpx.AsyncClient() as http:
        assert (await http.get(f"http://[::1]:{listener.port}/")).text == "ok"
