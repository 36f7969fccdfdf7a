"""Closed and open loops against a server that answers at once."""

import pytest

from appliance.bench.chat import Sampling
from appliance.bench.driving import Asking, Driver
from appliance.bench.goodput import Limits
from appliance.bench.measures import Load
from appliance.bench.sending import sender_to
from appliance.errors import BadRequest
from tests.bench.fake_server import HEAD, FakeServer, event, framed, text


def driver(server: FakeServer, timeout_s: float = 30, **more) -> Driver:
    asking = {"model": "m", "workload": "shared-prefix", "max_tokens": 4, **more}
    return Driver(sender_to(server.url, timeout_s), Asking(**asking))


async def test_a_closed_loop_keeps_so_many_requests_open_and_no_more():
    async with FakeServer(gate=3).serving() as server:
        run = await driver(server).run(Load(concurrency=3), 9)
    assert (run.completed, run.errors, run.output_tokens, run.prompt_tokens) == (9, 0, 36, 63)
    assert server.most_together == 3
    assert run.concurrency == 3
    assert run.output_tokens_per_s == pytest.approx(36 / run.duration_s, rel=0.01)
    assert run.ttft_ms.p50 <= run.e2el_ms.p50


async def test_an_open_loop_does_not_wait_for_answers():
    async with FakeServer(gate=10).serving() as server:
        run = await driver(server).run(Load(rate_per_s=1000), 10)
    assert (run.completed, run.rate_per_s, run.concurrency) == (10, 1000, None)
    assert server.most_together == 10


async def test_requests_are_the_same_for_a_seed_and_never_the_same_twice():
    async with FakeServer().serving() as server:
        for seed in (1, 1, 2):
            await driver(server, seed=seed).run(Load(concurrency=1), 3)
    asked = [body for _, body in server.requests]
    assert asked[0:3] == asked[3:6]
    assert asked[0:3] != asked[6:9]
    assert len({body["messages"][1]["content"] for body in asked[0:3]}) == 3
    assert len({body["messages"][0]["content"] for body in asked}) == 1


async def test_sampling_is_sent_only_where_it_is_set():
    async with FakeServer().serving() as server:
        await driver(server).run(Load(concurrency=1), 1)
        await driver(server, sampling=Sampling(temperature=0.5, top_k=40)).run(Load(concurrency=1), 1)
    (_, plain), (_, sampled) = server.requests
    assert not {"temperature", "top_k", "top_p", "min_p"} & plain.keys()
    assert (sampled["temperature"], sampled["top_k"]) == (0.5, 40)
    assert plain["stream_options"] == {"include_usage": True}


async def test_keys_are_taken_in_turn():
    async with FakeServer().serving() as server:
        await driver(server, keys=("a", "b")).run(Load(concurrency=1), 4)
        await driver(server).run(Load(concurrency=1), 1)
    sent = [headers.get("authorization") for headers, _ in server.requests]
    assert sent == ["Bearer a", "Bearer b", "Bearer a", "Bearer b", None]
    assert {headers[":path"] for headers, _ in server.requests} == {"/v1/chat/completions"}


async def test_what_is_warmed_up_with_is_not_measured():
    async with FakeServer().serving() as server:
        one = driver(server)
        await one.warm_up(2)
        assert (await one.run(Load(concurrency=1), 3)).requests == 3
    assert len(server.requests) == 5


async def test_failures_are_counted_and_told_and_not_part_of_the_times():
    turns = iter([b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", b"", HEAD + framed(event(text("x")))])
    async with FakeServer(reply=lambda body: next(turns)).serving() as server:
        run = await driver(server).run(Load(concurrency=1), 3)
    assert (run.completed, run.errors, run.output_tokens, run.first_error) == (0, 3, 0, "HTTP 503")
    assert (run.ttft_ms, run.tpot_ms, run.goodput) == (None, None, None)


async def test_an_answer_that_does_not_end_is_given_up():
    async with FakeServer(reply=lambda body: None).serving() as server:
        run = await driver(server, timeout_s=0.05).run(Load(concurrency=1), 1)
    assert run.first_error == "no full answer in 0.05 s"


async def test_an_address_where_nobody_listens_is_an_error_of_each_request():
    async with FakeServer().serving() as server:
        pass
    assert (await driver(server).run(Load(concurrency=2), 2)).errors == 2


async def test_goodput_counts_what_kept_the_limits():
    async with FakeServer().serving() as server:
        slow = await driver(server, limits=Limits(ttft_ms=0.0001)).run(Load(concurrency=1), 2)
        fast = await driver(server, limits=Limits(ttft_ms=60_000)).run(Load(concurrency=1), 2)
    assert slow.goodput == 0
    assert fast.goodput == fast.request_throughput


@pytest.mark.parametrize("url", ["nonsense", "ftp://x/v1", "http://", "http://box:port/v1"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(BadRequest, match="address"):
        sender_to(url, 1)
