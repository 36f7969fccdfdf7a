"""Files that a lab shares over a real socket: pieces of them, and nothing to who may not have them."""

import secrets
from dataclasses import dataclass, replace

import httpx
import pytest

from appliance.api.openai.batch_lines import BatchEndpoints
from appliance.api.openai.routes import ApiLimits
from appliance.api.overnight import Overnight
from appliance.api.public import public_app
from appliance.domain.download import Fetched, FetchOrder
from appliance.domain.source import WeightSource
from appliance.edge.listening import Listener
from appliance.edge.sockets import TcpBind
from appliance.edge.uploads import UploadLimits
from appliance.errors import NotAllowed
from appliance.services.sharing.passes import PassMaker
from appliance.weights.fetching.process import FetchProcess
from tests.api.fakes import (
    FakeAuthenticator,
    FakeClock,
    FakeDirectory,
    FakeGenerations,
    FakeReadiness,
    FakeTokenizing,
    RecordingLog,
    manners,
)
from tests.no_certificates import NO_CERTIFICATES
from tests.raw_connection import connected
from tests.services.overnight_fakes import OvernightBox
from tests.sharing.labs import Lab

pytestmark = pytest.mark.slow

WEIGHTS = bytes(range(256)) * 3000
PREFIX = "/v1/shared/weights"


@dataclass
class Serving:
    """The lab's public API, which gives one file."""

    lab: Lab
    http: httpx.AsyncClient
    port: int
    sha256: str = ""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def ask(self, token, path="", method="GET", **headers) -> httpx.Response:
        shown = {"carrel-pass": token} if token else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, f"{PREFIX}/{path or self.sha256}", headers={**shown, **named})


@pytest.fixture
async def serving(lab):
    nights = OvernightBox(endpoints=BatchEndpoints(10_000))
    log = RecordingLog()
    app = public_app(
        authenticator=FakeAuthenticator(),
        generations=FakeGenerations(),
        tokenizing=FakeTokenizing(),
        directory=FakeDirectory(),
        readiness=FakeReadiness(),
        limits=ApiLimits(),
        log=log,
        manners=replace(manners(), weights=lab.giving),
        overnight=Overnight(nights.file_service, nights.service, UploadLimits(2**20, 5.0)),
    )
    listener = Listener(app, bind=TcpBind("127.0.0.1", 0), clock=FakeClock(), log=log)
    await listener.start()
    address = f"http://127.0.0.1:{listener.port}"
    async with httpx.AsyncClient(base_url=address, verify=NO_CERTIFICATES) as http:
        one = Serving(lab, http, listener.port)
        one.sha256 = await lab.shares(WEIGHTS, address=address)
        yield one
    await listener.stop(grace_s=1)
    await nights.service.close()


async def test_the_whole_file_comes_with_its_hash_as_its_tag(serving, box):
    answer = await serving.ask(box.shows(host=serving.host))
    assert (answer.status_code, answer.content) == (200, WEIGHTS)
    assert answer.headers["etag"] == f'"{serving.sha256}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["cache-control"] == "no-store"


PIECES = [
    ("bytes=0-0", 0, 1),
    ("bytes=5-9", 5, 10),
    ("bytes=700000-", 700_000, 768_000),
    ("bytes=-10", 767_990, 768_000),
    ("bytes=767999-999999999", 767_999, 768_000),
    ("bytes=-999999999", 0, 768_000),
]
"""In one test: a server for each would take longer than all of them."""


async def test_a_piece_comes_as_it_was_asked_for(serving, box):
    token = box.shows(host=serving.host)
    for asked, begin, end in PIECES:
        answer = await serving.ask(token, range=asked)
        assert (asked, answer.status_code, answer.content) == (asked, 206, WEIGHTS[begin:end])
        assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/768000"
        assert answer.headers["content-length"] == str(end - begin)


async def test_a_piece_that_is_not_there_is_a_416(serving, box):
    token = box.shows(host=serving.host)
    for asked in ("bytes=768000-", "bytes=9999999-10000000", "bytes=-0"):
        answer = await serving.ask(token, range=asked)
        assert (asked, answer.status_code, answer.content) == (asked, 416, b"")
        assert answer.headers["content-range"] == "bytes */768000"


async def test_what_nobody_understands_is_answered_with_the_whole(serving, box):
    token = box.shows(host=serving.host)
    for asked in ("bytes=0-1,5-6", "bytes=9-5", "lines=0-1", "bytes=", "bytes=-", "bytes=a-b"):
        answer = await serving.ask(token, range=asked)
        assert (asked, answer.status_code, len(answer.content)) == (asked, 200, len(WEIGHTS))


async def test_a_piece_of_another_file_is_not_mixed_in(serving, box):
    token = box.shows(host=serving.host)
    same = await serving.ask(token, range="bytes=0-9", if_range=f'"{serving.sha256}"')
    other = await serving.ask(token, range="bytes=0-9", if_range='"another"')
    assert (same.status_code, other.status_code) == (206, 200)


async def test_head_tells_the_length_and_reads_nothing(serving, box):
    answer = await serving.ask(box.shows(host=serving.host), method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(WEIGHTS))
    assert [row.size_bytes for row in serving.lab.fetches.rows] == [0]


PATHS = ["tiny", "0" * 63, "0" * 65, "A" * 64, "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "0" * 64, "%00" * 64]


async def test_a_path_that_is_no_shared_hash_is_a_404(serving, box):
    token = box.shows(host=serving.host)
    for path in PATHS:
        answer = await serving.ask(token, path)
        assert (path, answer.status_code) == (path, 404)
        assert b"root:" not in answer.content


async def test_a_path_that_leads_out_is_a_404(serving):
    async with connected(serving.port) as (reader, writer):
        writer.write(f"GET {PREFIX}/../../../etc/passwd HTTP/1.1\r\nHost: {serving.host}\r\n\r\n".encode())
        assert b" 40" in await reader.readline()


async def test_a_students_key_opens_nothing(serving):
    answer = await serving.ask("", authorization="Bearer crl_0123")
    assert answer.status_code == 401
    assert "Carrel-Pass" not in answer.text
    assert serving.lab.fetches.rows == []


async def test_a_pass_for_another_host_is_refused_with_the_reason(serving, box):
    answer = await serving.ask(box.shows(host="127.0.0.1:1"))
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == "The pass is for another host."


async def test_a_file_of_a_model_that_is_not_shared_is_a_404(serving, box):
    sha256 = serving.lab.has(secrets.token_bytes(100))
    assert (await serving.ask(box.shows(host=serving.host), sha256)).status_code == 404


async def test_a_client_that_leaves_frees_its_place(serving, box):
    token = box.shows(host=serving.host)
    for _ in range(40):
        async with connected(serving.port) as (reader, writer):
            head = f"GET {PREFIX}/{serving.sha256} HTTP/1.1\r\nHost: {serving.host}\r\n"
            writer.write(f"{head}Carrel-Pass: {token}\r\n\r\n".encode())
            assert b" 200 " in await reader.readline()
    assert (await serving.ask(token)).status_code == 200


class NoLease:
    async def token_of(self, model):
        return ""


async def fetched(serving, box, models_dir, home) -> bytes:
    """As a download does it: the pass is made here, the fetcher is a process of its own."""
    recipe = serving.lab.own.models[0].recipe
    sources = recipe.forms[0].sources
    passes = await PassMaker(box, NoLease(), serving.lab.registry.clock).of(recipe, sources)
    order = FetchOrder(recipe.forms[0].files, sources, str(models_dir), "https://hub.invalid", passes=passes)
    async with FetchProcess(home).fetch(order) as events:
        assert [one async for one in events][-1] == Fetched()
    return (models_dir / ".blobs" / serving.sha256).read_bytes()


async def test_the_fetcher_brings_a_file_with_its_pass_and_without_one_nothing(serving, box, tmp_path):
    for name in ("theirs", "strangers", "home"):
        (tmp_path / name).mkdir()
    assert await fetched(serving, box, tmp_path / "theirs", tmp_path / "home") == WEIGHTS
    recipe = serving.lab.own.models[0].recipe
    bare = WeightSource("mirror", address=f"http://{serving.host}{PREFIX}")
    order = FetchOrder(recipe.forms[0].files, (bare,), str(tmp_path / "strangers"), "https://hub.invalid")
    with pytest.raises(NotAllowed, match="does not give"):
        async with FetchProcess(tmp_path / "home").fetch(order) as events:
            assert [one async for one in events] == []
