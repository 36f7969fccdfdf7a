"""Catalogs at an address: through the box's one client, within caps, and never further than asked."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.catalog.signed_catalogs import Box, Standing


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


class Server(SimpleHTTPRequestHandler):
    """A plain web server; ``answers`` are status, headers and body by the end of a path."""

    answers: dict = {}  # noqa: RUF012
    asked: list = []  # noqa: RUF012

    def do_GET(self):
        self.asked.append(self.path)
        for end, (status, headers, body) in self.answers.items():
            if self.path.endswith(end):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
        super().do_GET()

    def log_message(self, *args):
        pass


@contextmanager
def serving(folder):
    handler = type("Handler", (Server,), {"answers": {}, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(
        tmp_path_factory.mktemp("standing"),
        lambda keeper: keeper.add("tiny").delegate().add("uni.own", org="uni"),
    )


@pytest.fixture
def keeper(standing, tmp_path):
    return standing.copied_to(tmp_path / "copy")[0]


@pytest.fixture
def server(keeper):
    with serving(keeper.public) as server:
        yield server


def box_at(tmp_path, keeper, address, **more):
    return Box(tmp_path / "box", **more).trust(keeper, address=address, plain_http=True)


def test_a_plain_web_server_is_enough(tmp_path, keeper, server):
    box = box_at(tmp_path, keeper, server[0])
    assert set(box.refresh().came) == {"tiny 1", "uni.own 1"}
    keeper.sign("root", rotating=True).add("tiny", 2).publish()
    assert box.refresh().changed == ("tiny 2",)


def test_an_offline_box_asks_nobody(tmp_path, keeper, server):
    address, handler = server
    outcome = box_at(tmp_path, keeper, address, offline=True).refresh()
    assert outcome.outcome == "offline"
    assert "offline" in outcome.reason
    assert handler.asked == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            (200, {"content-type": "text/html"}, b"<html>Please log in to the campus network</html>"),
            "refused",
        ),
        slow((200, {}, b"{}"), "refused"),
        slow((200, {}, b"[" * 5000), "refused"),
        slow((200, {}, b" " * 20_000), "refused"),
        ((302, {"location": "http://127.0.0.1:9/"}, b""), "offline"),
        slow((404, {}, b""), "offline"),
        ((503, {}, b""), "offline"),
        slow((200, {"content-encoding": "gzip"}, b"xx"), "offline"),
    ],
    ids=["portal", "empty", "deep", "long", "redirect", "missing", "down", "packed"],
)
def test_what_is_no_catalog_changes_nothing(tmp_path, keeper, server, answer, outcome):
    address, handler = server
    box = box_at(tmp_path, keeper, address)
    box.refresh()
    before = box.state()
    handler.answers["/timestamp.json"] = answer
    assert box.refresh().outcome == outcome
    assert box.state() == before
    handler.answers.clear()
    assert box.refresh().outcome == "refreshed"


def test_a_file_without_end_is_read_no_further_than_its_cap(tmp_path, keeper, server):
    address, handler = server
    box = box_at(tmp_path, keeper, address)
    handler.answers[".1.toml"] = (200, {}, bytes(2 * 2**20))
    outcome = box.refresh()
    assert (outcome.outcome, "more than is read" in outcome.reason) == ("offline", True)


def test_an_organization_whose_list_the_server_lacks_is_left_out_alone(tmp_path, keeper, server):
    address, handler = server
    handler.answers[".org.uni.json"] = (404, {}, b"")
    box = box_at(tmp_path, keeper, address)
    assert box.refresh().came == ("tiny 1",)
    assert set(box.faults()) == {"org.uni"}
