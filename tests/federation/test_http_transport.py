"""A message on its way to a registry, over real sockets: what counts as an answer, what is tried again, and
how everything else is called.
"""

import socket
import ssl
import threading

import msgspec
import pytest

from appliance.errors import NotFound, Offline, OutboundFailed
from appliance.federation.exchange.again import Patience, wait_before_again
from appliance.federation.exchange.http import HttpTransport
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import Sync
from appliance.federation.protocol.replies import Refused
from appliance.outbound.address import Address
from appliance.outbound.client import Outbound
from appliance.outbound.failures import DNS, failed
from appliance.outbound.limits import Limits
from appliance.outbound.switch import Switch
from tests.federation.http_registry import JSON, HttpRegistry
from tests.federation.made import NOW_S, new_id, new_key
from tests.federation.simulated_transport import as_http
from tests.federation.simulator import SimulatedRegistry
from tests.outbound.mail_servers import certificate

HTML = {"content-type": "text/html; charset=utf-8"}
SECRET = "words of the server"


class Box:
    """One key, and a way to the registry."""

    def __init__(self):
        self.key = new_key()
        self.open: list[HttpTransport] = []

    def to(self, url, *, outbound=None, limits=None, attempts=1):
        made = HttpTransport(
            outbound or Outbound(switch=Switch()),
            Address.parse(url, plain_http=True),
            lambda key, kind, value: self.key.sign(kind, value),
            limits=limits or Limits(connect_s=2, silence_s=2, total_s=4, body_bytes=2**20),
            patience=Patience(attempts=attempts, wait_s=0, most_s=0),
        )
        self.open.append(made)
        return made

    def sync(self):
        return self.key.sign(kinds.SYNC, Sync(box=self.key.public.id, jti=new_id("msg"), iat=NOW_S))


@pytest.fixture
async def box():
    made = Box()
    yield made
    for one in made.open:
        await one.aclose()


@pytest.fixture
def simulated(box):
    registry = SimulatedRegistry()
    registry.add_box(box.key.public.id)
    return registry


@pytest.fixture
def registry(simulated):
    with HttpRegistry(lambda path, token: as_http(simulated, path, token)).serving() as made:
        yield made


async def trouble_of(transport, token):
    with pytest.raises(OutboundFailed) as failure:
        await transport.post("v1/sync", token)
    assert SECRET not in failure.value.message
    return failure.value.trouble


async def test_an_answer_brings_statements_and_the_next_nonce(box, registry):
    transport = box.to(registry.url)
    first, second = box.sync(), box.sync()
    reply = await transport.post("v1/sync", first)
    await transport.post("v1/sync", second)
    assert len(reply.items) == 1
    assert [asked[:2] for asked in registry.asked] == [
        ("GET", "v1/nonce"), ("POST", "v1/sync"), ("POST", "v1/sync"),
    ]  # fmt: skip
    assert registry.tokens == [first, second]


async def test_nonce_reuse_is_never_done_by_a_box(box, registry):
    transport = box.to(registry.url)
    for _ in range(3):
        await transport.post("v1/sync", box.sync())
    registry.instead = [(307, {"location": "/elsewhere"}, b"")]
    await trouble_of(transport, box.sync())
    await transport.post("v1/sync", box.sync())
    used = [nonce for method, _, nonce in registry.asked if method == "POST"]
    assert len(used) == len(set(used)) == 5


async def test_nonce_reuse_refused_by_the_registry_is_mended_once_with_a_new_one(box, registry):
    transport = box.to(registry.url)
    await transport.post("v1/sync", box.sync())
    registry.nonces.clear()
    reply = await transport.post("v1/sync", box.sync())
    assert reply.items
    assert [asked[1] for asked in registry.asked].count("v1/sync") == 3


async def test_a_registry_that_refuses_each_nonce_is_not_asked_for_ever(box, simulated):
    def answer(path, token):
        raise Refused("bad-nonce", "No.")

    with HttpRegistry(answer).serving() as registry:
        with pytest.raises(Refused) as refused:
            await box.to(registry.url, attempts=3).post("v1/sync", box.sync())
        assert refused.value.name == "bad-nonce"
        assert len(registry.tokens) == 2


async def test_wrong_url_is_refused_by_the_registry_and_named(box, registry):
    registry.hosts.clear()
    registry.hosts.add("registry.example")
    with pytest.raises(Refused) as refused:
        await box.to(registry.url, attempts=3).post("v1/sync", box.sync())
    assert refused.value.name == "wrong-url"
    assert registry.tokens == []


async def test_a_message_sent_to_another_path_is_refused(box, registry):
    with pytest.raises(Refused) as refused:
        await box.to(registry.url).post("v1/usage", box.sync())
    assert refused.value.name == "wrong-url"


async def test_redirect_is_not_followed(box, registry):
    transport = box.to(registry.url)
    await transport.post("v1/sync", box.sync())
    registry.instead = [(307, {"location": "http://127.0.0.1:1/steal"}, b"")]
    assert await trouble_of(transport, box.sync()) == "redirect"
    assert len(registry.tokens) == 1


async def test_captive_portal_is_named_when_a_nonce_is_asked_for(box, registry):
    registry.instead = [(200, HTML, b"<html>" + SECRET.encode())]
    assert await trouble_of(box.to(registry.url), box.sync()) == "captive_portal"


async def test_captive_portal_is_named_when_it_takes_a_message(box, registry):
    transport = box.to(registry.url)
    await transport.post("v1/sync", box.sync())
    registry.instead = [(200, HTML, b"<html>" + SECRET.encode())]
    assert await trouble_of(transport, box.sync()) == "captive_portal"


@pytest.mark.parametrize(("status", "trouble"), [(511, "captive_portal"), (407, "proxy_password")])
async def test_a_network_that_wants_to_know_who_asks_is_named(box, registry, status, trouble):
    registry.instead = [(status, HTML, SECRET.encode())]
    assert await trouble_of(box.to(registry.url), box.sync()) == trouble


async def test_what_is_no_registry_is_named(box, registry):
    registry.instead = [(404, {"content-type": "text/plain"}, SECRET.encode())]
    assert await trouble_of(box.to(registry.url), box.sync()) == "not_a_registry"


async def test_an_unknown_field_in_a_reply_is_refused(box, registry):
    registry.answer = lambda path, token: (200, JSON, b'{"v":1,"re":"msg_1","items":[],"send_names":true}')
    assert await trouble_of(box.to(registry.url), box.sync()) == "unknown_answer"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"v":2,"re":"x"}', b"[" * 100_000])
async def test_a_reply_that_is_none_is_refused(box, registry, body):
    registry.answer = lambda path, token: (200, JSON, body)
    assert await trouble_of(box.to(registry.url), box.sync()) == "unknown_answer"


async def test_huge_body_is_cut_off(box, registry):
    registry.answer = lambda path, token: (200, JSON, b" " * (2**20 + 1))
    assert await trouble_of(box.to(registry.url), box.sync()) == "too_large"


async def test_slow_body_ends_at_its_deadline(box, registry):
    transport = box.to(registry.url, limits=Limits(connect_s=2, silence_s=0.2, total_s=0.4))
    await transport.post("v1/sync", box.sync())
    registry.stalls = True
    assert await trouble_of(transport, box.sync()) == "timeout"


async def test_a_registry_s_no_comes_with_its_hints_and_without_its_controls(box, registry):
    def answer(path, token):
        raise Refused("gap", "Send \x1b[2J\u202e from\nthere", expected=7, head="a" * 64)

    registry.answer = answer
    with pytest.raises(Refused) as refused:
        await box.to(registry.url).post("v1/sync", box.sync())
    assert refused.value.members == {"expected": 7, "head": "a" * 64}
    assert refused.value.title == "Send [2J from there"


async def test_a_no_that_the_protocol_does_not_have_is_no_no(box, registry):
    problem = {"type": "urn:carrel:delete-everything", "title": SECRET, "status": 418}
    body = msgspec.json.encode(problem)
    registry.answer = lambda path, token: (418, "application/problem+json", body)
    assert await trouble_of(box.to(registry.url), box.sync()) == "status"


async def test_what_may_pass_is_tried_again_with_the_same_message(box, registry):
    transport = box.to(registry.url, attempts=3)
    await transport.post("v1/sync", box.sync())
    registry.instead = [(503, {"content-type": "text/plain"}, b""), (408, {}, b"")]
    again = box.sync()
    assert (await transport.post("v1/sync", again)).items
    assert registry.tokens[-1] == again


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 422])
async def test_a_refusal_for_good_is_not_tried_again(box, registry, status):
    transport = box.to(registry.url, attempts=3)
    await transport.post("v1/sync", box.sync())
    registry.instead = [(status, {"content-type": "text/plain"}, b"")]
    assert await trouble_of(transport, box.sync()) == "status"
    assert registry.instead == []
    assert len(registry.tokens) == 1


async def test_429_with_retry_after_says_for_how_long(box, registry):
    registry.instead = [(429, {"retry-after": "3600"}, b"")]
    with pytest.raises(OutboundFailed) as failure:
        await box.to(registry.url, attempts=3).post("v1/sync", box.sync())
    assert (failure.value.trouble, failure.value.retry_after_s) == ("busy", 3600)
    assert len(registry.asked) == 1


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (Refused("rate", "", retry_after_s=20), 20.0),
        (Refused("rate", "", retry_after_s=31), False),
        (Refused("maintenance", ""), True),
        (Refused("token-spent", ""), False),
        (Refused("bad-nonce", ""), False),
        (failed("there", DNS), True),
        (failed("there", "tls"), False),
        (failed("there", "captive_portal"), False),
        (failed("there", "redirect"), False),
        (failed("there", "proxy_password"), False),
        (ValueError(), False),
    ],
)
def test_how_long_is_waited_within_a_sync(error, wait):
    assert wait_before_again(error) == wait


async def test_unreachable_is_named(box, registry):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert await trouble_of(box.to(f"http://127.0.0.1:{port}"), box.sync()) == "unreachable"


async def test_a_proxy_that_cannot_be_reached_is_named(box):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    outbound = Outbound(switch=Switch(), proxy=f"http://127.0.0.1:{port}")
    assert await trouble_of(box.to("https://registry.example", outbound=outbound), box.sync()) == "proxy"


async def test_a_proxy_that_asks_for_a_password_is_named(box):
    with one_answer(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n") as port:
        outbound = Outbound(switch=Switch(), proxy=f"http://127.0.0.1:{port}")
        transport = box.to("https://registry.example", outbound=outbound)
        assert await trouble_of(transport, box.sync()) == "proxy_password"


async def test_tls_failure_is_named_and_not_called_unreachable(box, tmp_path):
    server, _ = certificate(tmp_path)
    with tls_server(server) as port:
        transport = box.to(f"https://127.0.0.1:{port}")
        assert await trouble_of(transport, box.sync()) == "tls"


async def test_a_certificate_of_ca_file_is_trusted(box, tmp_path):
    server, _ = certificate(tmp_path)
    with tls_server(server) as port:
        outbound = Outbound(switch=Switch(), ca_file=str(tmp_path / "server.pem"))
        transport = box.to(f"https://127.0.0.1:{port}", outbound=outbound)
        # Past TLS: what answers there is no registry.
        assert await trouble_of(transport, box.sync()) == "not_a_registry"


async def test_an_offline_box_opens_no_socket(box, registry):
    with pytest.raises(Offline):
        await box.to(registry.url, outbound=Outbound(switch=Switch(setting=True))).post("v1/sync", box.sync())
    assert registry.asked == []


async def test_a_public_file_is_read_within_its_cap(box, registry):
    transport = box.to(registry.url)
    registry.instead = [(200, {"content-type": "application/json"}, b"12345")] * 2
    assert await transport.read("tuf/metadata/1.root.json", 5) == b"12345"
    with pytest.raises(OutboundFailed, match="more than is read"):
        await transport.read("tuf/metadata/1.root.json", 4)
    with pytest.raises(NotFound):
        await transport.read("tuf/metadata/1.root.json", 4)


def one_answer(raw):
    return _Listening(lambda sock: (sock.recv(4096), sock.sendall(raw)))


def tls_server(context):
    def answer(sock):
        try:
            with context.wrap_socket(sock, server_side=True) as spoken:
                spoken.recv(4096)
                spoken.sendall(b"HTTP/1.1 404 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        except ssl.SSLError:
            pass

    return _Listening(answer)


class _Listening:
    """Answers one connection."""

    def __init__(self, answer):
        self._answer = answer

    def __enter__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self._server.getsockname()[1]

    def _serve(self):
        sock, _ = self._server.accept()
        with sock:
            self._answer(sock)

    def __exit__(self, *_):
        self._thread.join()
        self._server.close()
