"""A webhook is told by one signed POST; nothing is followed, nothing long is waited for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from appliance.errors import ConfigInvalid, Offline, OutboundFailed
from appliance.outbound.client import Outbound
from appliance.outbound.limits import Limits
from appliance.outbound.switch import Switch
from appliance.outbound.webhook import SIGNATURE, Webhook, signature
from tests.services.conftest import NOON_MS, StillClock

BODY = b'{"object":"carrel.alert"}'


class Hook:
    """``answers`` are the statuses of the next answers; the last one stays."""

    def __init__(self):
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.answers = [200]
        self.drips = False
        self.large = 0
        self.left = threading.Event()

    @contextmanager
    def serving(self) -> Iterator[str]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.came.append((self.path, {name.lower(): one for name, one in self.headers.items()}, body))
                status = hook.answers.pop(0) if len(hook.answers) > 1 else hook.answers[0]
                self.send_response(status)
                if status == 307:
                    self.send_header("location", "http://127.0.0.1:1/elsewhere")
                size = hook.large or (1000 if hook.drips else 0)
                self.send_header("content-length", str(size))
                self.end_headers()
                self.drip() if hook.drips else self.wfile.write(b"x" * hook.large)

            def drip(self):
                while not hook.left.wait(0.02):
                    try:
                        self.wfile.write(b"x")
                    except OSError:
                        return

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/services/alerts"
        finally:
            hook.left.set()
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def hook():
    return Hook()


def webhook(address, *, secret_file="", offline=False, **limits):
    outbound = Outbound(switch=Switch(setting=offline))
    given = Limits(**{"total_s": 5.0, "body_bytes": 1000, **limits})
    return Webhook(outbound, address, secret_file=secret_file, clock=StillClock(), limits=given)


async def test_it_is_one_post_of_json_to_the_very_address(hook):
    with hook.serving() as address:
        await webhook(address).send(BODY)
    ((path, headers, body),) = hook.came
    assert (path, body, headers["content-type"]) == ("/services/alerts", BODY, "application/json")
    assert SIGNATURE not in headers


async def test_it_is_signed_with_time_and_body(hook, tmp_path):
    (tmp_path / "secret").write_text("between us\n")
    with hook.serving() as address:
        await webhook(address, secret_file=str(tmp_path / "secret")).send(BODY)
    assert hook.came[0][1][SIGNATURE] == signature("between us", NOON_MS // 1000, BODY)
    assert (
        signature("a", 5, b"b") == "t=5,v1=e8a2efb56ad0a6d5408b8d427a307bcfc4e9a0d06dc5265612177998bfc6b347"
    )
    assert len({signature("a", 5, b"b"), signature("a", 6, b"b"), signature("b", 5, b"b")}) == 3


async def test_a_redirect_is_not_followed(hook):
    hook.answers = [307]
    with hook.serving() as address, pytest.raises(OutboundFailed) as refused:
        await webhook(address).send(BODY)
    assert refused.value.trouble == "redirect"
    assert len(hook.came) == 1


async def test_an_answer_that_drips_is_cut(hook):
    hook.drips = True
    with hook.serving() as address, pytest.raises(OutboundFailed) as refused:
        await webhook(address, total_s=0.3).send(BODY)
    assert refused.value.trouble == "timeout"


async def test_an_answer_that_is_long_is_not_read(hook):
    hook.large = 5000
    with hook.serving() as address, pytest.raises(OutboundFailed) as refused:
        await webhook(address).send(BODY)
    assert refused.value.trouble == "too_large"


async def test_a_failure_is_told_and_the_next_try_can_work(hook):
    hook.answers = [500, 200]
    with hook.serving() as address:
        told = webhook(address)
        with pytest.raises(OutboundFailed) as refused:
            await told.send(BODY)
        await told.send(BODY)
    assert refused.value.trouble == "refused"
    assert len(hook.came) == 2


async def test_a_box_that_is_offline_tells_nobody(hook):
    with hook.serving() as address, pytest.raises(Offline):
        await webhook(address, offline=True).send(BODY)
    assert hook.came == []


@pytest.mark.parametrize("address", ["http://lab.example/hook", "ftp://127.0.0.1/hook", "https://u:p@lab/x"])
def test_an_address_that_leaves_the_lab_unencrypted_is_refused(address):
    with pytest.raises(ConfigInvalid):
        webhook(address)


async def test_an_address_without_a_path_is_told_at_its_root(hook):
    with hook.serving() as address:
        await webhook(address.removesuffix("/services/alerts")).send(BODY)
    assert hook.came[0][0] == "/"
