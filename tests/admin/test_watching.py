"""Looking on over the admin socket: what arrives, and what ends a stream."""

import asyncio
import json
from contextlib import aclosing

import httpx
import msgspec
import pytest

from appliance.client.admin import AdminClient
from appliance.client.operator import OperatorClient, Seen
from appliance.domain.action import Action, Argument, Kind
from appliance.domain.watching import MOST_TOPICS, Topic, Value, is_watchable
from appliance.edge.connections import ConnectionLimits
from appliance.errors import BadRequest, ConfigInvalid, GatewayNotRunning, NotAllowed
from tests.admin.fake_box import GATEWAY_ACTIONS, FakeBox, sample, status
from tests.admin.watched_box import WatchedBox
from tests.no_certificates import NO_CERTIFICATES

STATUS = Topic("status")
WATCHABLE = [one for one in GATEWAY_ACTIONS if is_watchable(one)]
HOSTILE = "[/foo] \x1b]0;x\x07 \u202e \u2028 \x85 \r\n\n data: {}"


@pytest.fixture
async def box(tmp_path):
    async with WatchedBox(tmp_path / "s") as box:
        yield box


@pytest.fixture
async def client(box):
    client = OperatorClient(box.path)
    yield client
    await client.close()


def asked(action: Action) -> tuple[tuple[str, Value], ...]:
    """The least arguments that an action takes."""
    return tuple((one.name, _value(one)) for one in action.arguments if one.required)


def _value(argument: Argument) -> Value:
    plain = {Kind.INTEGER: argument.least, Kind.DECIMAL: "1", Kind.FLAG: True}
    return argument.choices[0] if argument.choices else plain.get(argument.kind, "text")


async def test_what_is_seen_is_what_the_action_answers(box, client):
    for start in range(0, len(WATCHABLE), MOST_TOPICS):
        some = WATCHABLE[start : start + MOST_TOPICS]
        for one in some:
            box.handlers.answers[one.name] = sample(one.result, HOSTILE)
        topics = [Topic(one.name, asked(one)) for one in some]
        seen: dict[Topic, Seen] = {}
        async with aclosing(client.watch(topics)) as events:
            async for one in events:
                seen[one.topic] = one
                if len(seen) == len(topics):
                    break
        assert seen == {topic: Seen(topic, box.handlers.answers[topic.action], None) for topic in topics}


async def test_a_change_arrives_put_together(box, client):
    async with aclosing(client.watch([Topic("model.list"), STATUS])) as events:
        await anext(events)
        await anext(events)
        box.handlers.answers["status"] = status(state="stopping")
        assert await anext(events) == Seen(STATUS, status(state="stopping"), None)


async def test_an_error_arrives_as_the_class_it_left_as_and_the_answer_comes_back(box, client):
    async with aclosing(client.watch([STATUS])) as events:
        first = await anext(events)
        box.handlers.answers["status"] = ConfigInvalid("Do this next.")
        told = await anext(events)
        assert told.result is None
        assert type(told.error) is ConfigInvalid
        assert told.error.message == "Do this next."
        box.handlers.answers["status"] = status()
        assert await anext(events) == first


async def test_many_look_on_at_once(box):
    async def look() -> tuple[Seen, Seen]:
        client = OperatorClient(box.path)
        async with aclosing(client.watch([STATUS])) as events:
            first = await anext(events)
            arrived.release()
            found = first, await anext(events)
        await client.close()
        return found

    arrived = asyncio.Semaphore(0)
    viewers = [asyncio.create_task(look()) for _ in range(30)]
    for _ in viewers:
        await arrived.acquire()
    box.handlers.answers["status"] = status(state="stopping")
    seen = await asyncio.gather(*viewers)
    assert {(first.result.state, then.result.state) for first, then in seen} == {("ready", "stopping")}


async def test_the_stream_ends_with_its_viewer(box, client):
    async with aclosing(client.watch([STATUS])) as events:
        await anext(events)
        assert box.watching.count == 1
    await box.watching.nobody.wait()
    assert box.watching.count == 0


async def test_a_box_that_stops_ends_streams_and_waits_for_none(box, client):
    async with aclosing(client.watch([STATUS])) as events:
        await anext(events)
        box.watching.close()
        async with asyncio.timeout(5):
            await box.listener.stop(60)
        with pytest.raises(GatewayNotRunning):
            await anext(events)
    assert [level for level, *_ in box.log.records] == []


async def test_a_gateway_that_dies_is_noticed(box, client):
    async with aclosing(client.watch([STATUS])) as events:
        await anext(events)
        await box.listener.stop(0)
        with pytest.raises(GatewayNotRunning):
            await anext(events)


async def test_silence_is_broken_by_comments(tmp_path):
    async with WatchedBox(tmp_path / "s", ping_s=0.02) as box:
        transport = httpx.AsyncHTTPTransport(uds=str(box.path), verify=NO_CERTIFICATES)
        body = {"topics": [{"action": "status"}]}
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://carrel") as http,
            http.stream("POST", "/admin/v1/watch", json=body) as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            chunks = answer.aiter_bytes()
            assert (await anext(chunks)).startswith(b"data: ")
            assert [await anext(chunks) for _ in range(2)] == [b": ping\n\n"] * 2


async def test_a_gateway_that_says_nothing_for_long_counts_as_gone(box):
    client = OperatorClient(box.path, silence_s=0.1)
    async with aclosing(client.watch([STATUS])) as events:
        await anext(events)
        with pytest.raises(GatewayNotRunning):
            await anext(events)
    await client.close()


@pytest.mark.parametrize(
    "topics",
    [
        [],
        [{"action": "status"}] * (MOST_TOPICS + 1),
        [{"action": "status", "every_ms": 199}],
        [{"action": "status", "every_ms": 60_001}],
        [{"action": "status", "other": 1}],
        [{"action": "status", "arguments": {"nonsense": 1}}],
        [{"action": "usage", "arguments": {"days": [1]}}],
        [{"action": "key.new", "arguments": {"name": "x"}}],
        [{"action": "no.such"}],
        "status",
    ],
)
async def test_what_cannot_be_looked_on_at_is_refused(box, topics):
    transport = httpx.AsyncHTTPTransport(uds=str(box.path), verify=NO_CERTIFICATES)
    async with httpx.AsyncClient(transport=transport, base_url="http://carrel") as http:
        answer = await http.post("/admin/v1/watch", json={"topics": topics})
    assert answer.status_code == 400
    assert json.loads(answer.content)["error"]["code"] == BadRequest.code
    assert box.handlers.calls == []
    assert box.watching.count == 0


async def test_the_client_says_why_it_was_refused(client):
    with pytest.raises(BadRequest, match="cannot be looked on at"):
        await anext(client.watch([Topic("down")]))


async def test_no_gateway_and_a_closed_socket_are_told_apart(tmp_path, box):
    nowhere = OperatorClient(tmp_path / "none")
    with pytest.raises(GatewayNotRunning, match="carrel up"):
        await anext(nowhere.watch([STATUS]))
    with pytest.raises(GatewayNotRunning, match="carrel up"):
        await nowhere.run("status")
    await nowhere.close()


async def test_a_viewer_who_does_not_read_holds_up_nobody_and_is_cut_off(tmp_path):
    limits = ConnectionLimits(write_s=0.2)
    async with WatchedBox(tmp_path / "s", limits=limits) as box:
        _, stuck = await _looking_without_reading(box)
        client = OperatorClient(box.path)
        async with aclosing(client.watch([Topic("model.list")])) as events:
            await anext(events)
            for turn in range(3):
                box.handlers.answers["model.list"] = sample(action_result("model.list"), f"turn {turn}")
                async with asyncio.timeout(5):
                    assert (await anext(events)).result == box.handlers.answers["model.list"]
        async with asyncio.timeout(10):
            await box.watching.nobody.wait()
        stuck.close()
        await client.close()


def action_result(name: str) -> type[msgspec.Struct]:
    return next(one.result for one in GATEWAY_ACTIONS if one.name == name)


async def _looking_without_reading(box: WatchedBox):
    """A viewer whose first answer is more than all buffers on its way take."""
    box.handlers.answers["status"] = status(state="x" * 4_000_000)
    body = b'{"topics": [{"action": "status"}]}'
    reader, writer = await asyncio.open_unix_connection(str(box.path), limit=1024)
    writer.write(b"POST /admin/v1/watch HTTP/1.1\r\nhost: carrel\r\ncontent-length: %d\r\n\r\n" % len(body))
    writer.write(body)
    await writer.drain()
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def test_the_app_of_the_box_has_the_stream(tmp_path):
    with FakeBox(tmp_path / "s") as box:

        async def first() -> Seen:
            client = OperatorClient(box.path)
            async with aclosing(client.watch([STATUS])) as events:
                seen = await anext(events)
            await client.close()
            return seen

        assert asyncio.run(first()).result == status()


async def test_several_actions_run_at_once_and_answer_as_the_other_client_does(tmp_path):
    with FakeBox(tmp_path / "s") as box:
        client = OperatorClient(box.path)
        found = await asyncio.gather(*(client.run("model.show", {"model": "m"}) for _ in range(20)))
        with AdminClient(box.path) as other:
            assert set(map(msgspec.json.encode, found)) == {
                msgspec.json.encode(other.run("model.show", {"model": "m"}))
            }
        box.handlers.answers["status"] = NotAllowed("Ask first.")
        with pytest.raises(NotAllowed, match="Ask first"):
            await client.run("status")
        await client.close()
