"""Whatever a host does, a request ends with exact events or one clear error."""

import asyncio

import pytest

from appliance.domain.generation import FinishReason
from appliance.domain.model import ModelState
from appliance.engines.base import Failed, Finished
from appliance.errors import ModelNotRunning, UpstreamFailed
from appliance.outbound.limits import Limits
from appliance.outbound.switch import Switch
from tests.system.box import free_port
from tests.upstreams.conftest import SECRET, all_of, question
from tests.upstreams.hostile_host import SECRET_TALK, HostileHost


async def test_an_honest_host_is_told_as_an_engine_is(bench, words):
    told = await bench.ask("honest", counter=words)
    end = told.last
    assert told.text == "Carrel listens on port 7411."
    assert isinstance(end, Finished)
    assert (end.reason, end.prompt_tokens, end.cached_tokens, end.completion_tokens) == (
        FinishReason.STOP, 20, 4, 7,
    )  # fmt: skip
    assert bench.alarms.differed.total() == 0
    assert bench.alarms.answers["honest"] == 1


@pytest.mark.parametrize("lie", ["lies-more", "lies-less"])
async def test_counts_that_are_not_ours_are_an_alarm(bench, words, lie):
    await bench.ask(lie, question(max_tokens=100), counter=words)
    assert bench.alarms.differed[lie] == 1
    (alarm,) = bench.log.events("upstream_usage_differs")
    assert alarm["model"] == lie


async def test_more_than_was_asked_for_is_never_charged(bench, words):
    work = question(max_tokens=50)
    end = (await bench.ask("lies-more", work, counter=words)).last
    assert end.completion_tokens == 50
    assert end.prompt_tokens == work.counted.bound


async def test_fewer_than_we_counted_are_charged_as_we_counted(bench, words):
    end = (await bench.ask("lies-less", question(max_tokens=100), counter=words)).last
    assert end.completion_tokens == 60


async def test_a_host_that_reports_nothing_is_charged_by_our_own_count(bench, words):
    work = question()
    end = (await bench.ask("silent", work, counter=words)).last
    assert (end.prompt_tokens, end.completion_tokens) == (work.prompt_tokens, 5)
    assert bench.alarms.unreported["silent"] == 1


async def test_a_host_that_goes_on_is_cut_at_the_last_token_and_left(bench, words):
    told = await bench.ask("overruns", question(max_tokens=12), counter=words)
    assert told.text == " and on" * 6
    assert (told.last.reason, told.last.completion_tokens) == (FinishReason.LENGTH, 12)
    assert await asyncio.to_thread(bench.host.left.wait, 10)
    assert bench.alarms.differed["overruns"] == 1


async def test_without_a_tokenizer_it_is_cut_where_no_vocabulary_could_go(bench):
    told = await bench.ask("overruns", question(max_tokens=4))
    assert told.last.reason is FinishReason.LENGTH
    assert len(told.text) == 4 * 16
    assert told.last.completion_tokens == 4


@pytest.mark.parametrize(
    ("model", "code", "used"),
    [
        ("breaks", "upstream_failed", True),
        ("cuts-short", "upstream_failed", True),
        ("errs", "upstream_failed", True),
        ("babbles", "upstream_failed", True),
        ("filters", "upstream_failed", True),
        ("redirects", "upstream_failed", False),
        ("compresses", "upstream_failed", False),
        ("too-busy", "upstream_busy", False),
        ("too-long", "context_length_exceeded", False),
        ("dislikes", "invalid_request", False),
        ("wants-another-key", "upstream_failed", False),
        ("breaks-down", "upstream_failed", False),
    ],
)
async def test_bad_manners_are_one_error_that_says_whether_anything_was_used(bench, words, model, code, used):
    told = await bench.ask(model, counter=words)
    end = told.last
    assert isinstance(end, Failed)
    assert (end.code, end.nothing_used) == (code, not used)
    assert end.completion_tokens == (5 if used else 0)
    assert SECRET_TALK not in end.message
    assert SECRET not in end.message


async def test_when_to_come_again_is_kept_and_bounded(bench):
    end = (await bench.ask("too-busy")).last
    assert end.retry_after_s == 3600


async def test_silence_and_slowness_have_their_ends(bench):
    silent = (await bench.ask("hangs", limits=Limits(silence_s=0.2))).last
    slow = (await bench.ask("hangs", limits=Limits(total_s=0.2))).last
    assert silent.code == slow.code == "upstream_failed"
    assert "in time" in silent.message


async def test_a_line_without_end_is_not_read_to_its_end(bench):
    end = (await bench.ask("long-line", limits=Limits(line_bytes=100_000))).last
    assert "more than is read" in end.message
    assert await asyncio.to_thread(bench.host.left.wait, 10)


async def test_a_cancelled_request_leaves_its_host_and_still_finishes(bench, words):
    source = await bench.source("hangs", counter=words)
    stream = source.open(question())
    events = aiter(stream)
    first = await anext(events)
    stream.cancel()
    stream.cancel()
    rest = [event async for event in events]
    assert first.text == "Carrel"
    assert [one.reason for one in rest] == [FinishReason.CANCELLED]
    assert rest[0].completion_tokens == 1
    assert await asyncio.to_thread(bench.host.left.wait, 10)
    assert source.running == 0


async def test_its_cookies_are_not_kept_and_only_our_headers_are_sent(bench):
    source = await bench.source("sets-cookies")
    for number in (1, 2):
        await all_of(source.open(question(id=number)))
    path, headers, body = bench.host.asked[-1]
    named = {name.lower(): value for name, value in headers.items()}
    assert path == "/v1/chat/completions"
    assert named.keys() == {
        "host", "connection", "content-length", "content-type", "user-agent", "accept", "accept-encoding",
        "authorization",
    }  # fmt: skip
    assert (named["authorization"], named["accept-encoding"]) == (f"Bearer {SECRET}", "identity")
    assert body["stream_options"] == {"include_usage": True}


async def test_a_box_that_is_offline_connects_to_nobody_until_it_is_back(bench):
    switch = Switch()
    await switch.set(True, "ann", 1)
    source = await bench.source("honest", switch=switch)
    before = bench.host.connections
    assert source.state is ModelState.RESTARTING
    assert "offline" in source.reason

    await switch.set(False, "ann", 2)
    await bench.changes.until(lambda: source.state is ModelState.READY)
    assert bench.host.connections == before + 1


async def test_an_answer_under_way_ends_with_a_sentence_when_the_box_goes_offline(bench):
    switch = Switch()
    source = await bench.source("hangs", switch=switch)
    stream = source.open(question())
    events = aiter(stream)
    first = await anext(events)
    await switch.set(True, "ann", 1)
    *_, end = [first, *[event async for event in events]]
    assert isinstance(end, Failed)
    assert (end.code, end.nothing_used) == ("offline", False)
    assert "offline" in end.message
    assert await asyncio.to_thread(bench.host.left.wait, 10)


async def test_nothing_is_sent_that_the_box_objects_to(bench):
    source = await bench.source("honest", objection=lambda: ModelNotRunning("There is an exam."))
    before = bench.host.connections
    end = (await all_of(source.open(question()))).last
    assert (end.message, end.nothing_used) == ("There is an exam.", True)
    assert bench.host.connections == before


async def test_a_host_that_cannot_be_reached_is_asked_until_it_can(bench):
    later = HostileHost()
    port = free_port()
    source = await bench.source("honest", url=f"http://127.0.0.1:{port}/v1")
    assert source.state is ModelState.RESTARTING
    assert "cannot be reached" in source.reason
    assert source.free.sequences == 0
    with later.serving(port):
        await bench.changes.until(lambda: source.state is ModelState.READY)
        assert source.free.sequences == 4
        assert (await all_of(source.open(question()))).text == "Carrel listens on port 7411."


@pytest.mark.parametrize("model", ["wants-another-key", "redirects"])
async def test_a_host_that_will_not_have_us_fails_at_the_start(bench, model):
    later = HostileHost()
    later.models_answer = 401 if model == "wants-another-key" else 308
    with later.serving(), pytest.raises(UpstreamFailed) as refused:
        await bench.source(model, url=later.url)
    assert bench.sources[-1].state is ModelState.FAILED
    assert SECRET not in refused.value.message


async def test_room_is_taken_while_a_request_is_there(bench):
    source = await bench.source("hangs")
    stream = source.open(question(n=2))
    assert source.free.sequences == 2
    stream.cancel()
    await all_of(stream)
    assert source.free.sequences == 4
    assert bench.changes.count > 0
