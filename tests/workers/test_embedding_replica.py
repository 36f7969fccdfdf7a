"""A worker that makes vectors, and its streams as the gateway sees them."""

import asyncio

import pytest

from appliance.domain.generation import FinishReason
from appliance.domain.model import ModelState
from appliance.domain.prompts import TextPrompt, TokenPrompt
from appliance.engines.base import Embed, Embedding, Failed, Finished, Free
from appliance.errors import ContextLengthExceeded


def texts(id: int = 1, *sizes: int) -> Embed:
    return Embed(id, tuple((index % 200, *[65] * (size - 1)) for index, size in enumerate(sizes)))


@pytest.fixture
def embedding_spec(spec):
    return lambda **options: spec(pooling="mean", chat_template=None, **options)


async def test_a_stream_has_a_vector_of_each_input_and_then_the_end(start_replica, embedding_spec, read_all):
    replica = await start_replica(embedding_spec())

    events = await read_all(replica.open(texts(1, 3, 7, 2)))

    assert [event.index for event in events[:-1]] == [0, 1, 2]
    assert {len(event.vector) for event in events[:-1]} == {4 * replica.facts.embedding_size}
    assert isinstance(events[-1], Finished)
    assert events[-1].prompt_tokens == 12


async def test_a_worker_for_vectors_refuses_a_prompt_and_goes_on(
    start_replica, embedding_spec, work, read_all
):
    replica = await start_replica(embedding_spec())

    (failed,) = await read_all(replica.open(work()))

    assert (failed.code, replica.state) == ("invalid_request", ModelState.READY)
    assert len(await read_all(replica.open(texts(2, 3)))) == 2


async def test_a_worker_for_answers_refuses_texts_and_goes_on(start_replica, spec, work, read_all):
    replica = await start_replica(spec())

    (failed,) = await read_all(replica.open(texts(1, 3)))

    assert (failed.code, replica.state) == ("invalid_request", ModelState.READY)
    assert isinstance((await read_all(replica.open(work(2))))[-1], Finished)


async def test_all_tokens_of_a_request_are_held_until_it_ends(start_replica, embedding_spec, read_all):
    replica = await start_replica(embedding_spec(kv_tokens=100, max_sequences=4))

    stream = replica.open(texts(1, 30, 30))

    assert replica.free == Free(40, 3)
    await read_all(stream)
    assert replica.free == Free(100, 4)


async def test_more_vectors_than_may_be_unread_of_an_answer_can_wait_for_their_reader(
    start_replica, embedding_spec, read_all, changes
):
    replica = await start_replica(embedding_spec(), most_unread=8)

    stream = replica.open(texts(1, *[2] * 300))
    await changes.until(lambda: replica.running == 0)

    events = await read_all(stream)
    assert len(events) == 301
    assert isinstance(events[-1], Finished)


async def test_a_request_of_a_frames_size_is_told_to_shrink(start_replica, embedding_spec, read_all):
    replica = await start_replica(embedding_spec())
    huge = Embed(1, ((2**20,) * 2**22,))

    (failed,) = await read_all(replica.open(huge))

    assert failed.code == ContextLengthExceeded.code
    assert replica.state is ModelState.READY


async def test_cancelling_in_the_middle_ends_it(start_replica, embedding_spec, read_all):
    replica = await start_replica(embedding_spec(step_delay_ms=2))
    stream = replica.open(texts(1, *[4] * 2000))
    assert isinstance(await anext(stream), Embedding)

    stream.cancel()

    events = await read_all(stream)
    assert events[-1].reason is FinishReason.CANCELLED
    assert len(events) < 2000


async def test_a_dying_worker_fails_its_streams_and_comes_back(
    start_replica, embedding_spec, read_all, changes
):
    import os
    import signal

    replica = await start_replica(embedding_spec(step_delay_ms=20))
    stream = replica.open(texts(1, *[4] * 2000))
    assert isinstance(await anext(stream), Embedding)

    os.kill(replica.pid, signal.SIGKILL)

    events = await read_all(stream)
    assert isinstance(events[-1], Failed)
    await changes.until(lambda: replica.state is ModelState.READY)
    assert len(await read_all(replica.open(texts(2, 3)))) == 2


async def test_streams_of_one_worker_have_their_own_vectors(start_replica, embedding_spec, read_all):
    replica = await start_replica(embedding_spec(step_delay_ms=1))
    small = [Embed(number, ((number, 66),)) for number in range(1, 9)]

    ends = await asyncio.gather(*(read_all(replica.open(one)) for one in small))

    assert len({events[0].vector for events in ends}) == 8


async def test_a_preparer_puts_the_files_tokens_around_a_text_and_around_no_tokens(
    start_preparer, embedding_spec
):
    preparer = await start_preparer(embedding_spec(add_bos=True, add_eos=True))

    text = await preparer.prepare(TextPrompt("Hi"))
    tokens = await preparer.prepare(TokenPrompt((72, 105)))

    assert text.tokens == (259, 72, 105, 256)
    assert tokens.tokens == (72, 105)


async def test_a_preparer_adds_no_end_where_the_recipe_does_not_say_so(start_preparer, embedding_spec):
    preparer = await start_preparer(embedding_spec())

    assert (await preparer.prepare(TextPrompt("Hi"))).tokens == (72, 105)
