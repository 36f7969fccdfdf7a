"""What the embedding engine makes of any embedder."""

import pytest

from appliance.domain.generation import FinishReason
from appliance.engines.base import Embed, Embedding, Failed, Finished, Free
from appliance.engines.embedding import EmbeddingEngine
from appliance.engines.embedding.engine import MOST_BYTES
from appliance.engines.plugins import find_plugin
from appliance.errors import BadRequest, Conflict, ContextLengthExceeded, DoesNotFit, NotReady
from tests.engines.driving import PLUGINS, work


class WatchedEmbedder:
    """An embedder that keeps what it was given, and may have vectors of another size."""

    def __init__(self, embedder) -> None:
        self._embedder = embedder
        self.facts = embedder.facts
        self.passes: list[list[tuple[int, ...]]] = []
        self.closed = False

    def embed(self, inputs):
        self.passes.append([tuple(one) for one in inputs])
        return self._embedder.embed(inputs)

    def close(self) -> None:
        self.closed = True
        self._embedder.close()


@pytest.fixture
def open_embedder(spec_of):
    """Watched, over the tiny model; closed after the test."""
    opened = []

    def opening(engine: str, **changes) -> WatchedEmbedder:
        sizes = {"context_tokens": 64, "kv_tokens": 512, "max_sequences": 4, "batch_tokens": 64, **changes}
        spec = spec_of(engine, pooling="mean", **sizes)
        opened.append(WatchedEmbedder(find_plugin(engine).open_embedder(spec)))
        return opened[-1]

    yield opening
    for one in opened:
        if not one.closed:
            one.close()


@pytest.fixture(params=PLUGINS)
def embedder(request, open_embedder) -> WatchedEmbedder:
    return open_embedder(request.param)


@pytest.fixture
def engine(embedder) -> EmbeddingEngine:
    return EmbeddingEngine(embedder)


@pytest.fixture
def fake(open_embedder) -> WatchedEmbedder:
    return open_embedder("fake")


def texts(number: int, *sizes: int) -> Embed:
    """Inputs of those sizes; the tokens say which request and which input they are of."""
    return Embed(number, tuple((number, index, *[65] * (size - 2)) for index, size in enumerate(sizes)))


def run(engine: EmbeddingEngine, *works) -> list:
    for one in works:
        engine.submit(one)
    events = []
    while not engine.idle:
        events += engine.step().events
    return events


def vectors_of(events, number: int) -> list[bytes]:
    """Of one request, after checking that they came in order and before the end."""
    mine = [event for event in events if event.id == number]
    assert [event.index for event in mine[:-1]] == list(range(len(mine) - 1))
    assert isinstance(mine[-1], Finished)
    return [event.vector for event in mine[:-1]]


def test_each_input_has_its_vector_and_then_comes_the_end(engine, embedder):
    asked = texts(1, 3, 7, 2)

    events = run(engine, asked)

    assert len(vectors_of(events, 1)) == 3
    end = events[-1]
    assert (end.choice, end.reason, end.text) == (0, FinishReason.STOP, "")
    assert (end.prompt_tokens, end.cached_tokens, end.completion_tokens) == (12, 0, 0)


def test_vectors_are_those_of_the_embedder(engine, embedder):
    asked = texts(1, 3, 7, 2)

    events = run(engine, asked)

    assert vectors_of(events, 1) == list(embedder.embed(asked.inputs))


def test_more_inputs_than_one_pass_holds_take_several(engine, embedder):
    events = run(engine, texts(1, *[10] * 11))

    assert len(vectors_of(events, 1)) == 11
    assert [len(one) for one in embedder.passes] == [4, 4, 3]


def test_no_pass_is_over_its_tokens(engine, embedder):
    run(engine, texts(1, 30, 30, 30, 64, 3, 3))

    assert [[len(one) for one in inputs] for inputs in embedder.passes] == [[30, 30], [30], [64], [3, 3]]


def test_a_request_of_many_inputs_does_not_hold_up_a_small_one(engine, embedder):
    engine.submit(texts(1, *[10] * 40))
    engine.step()
    engine.submit(texts(2, 10))

    events = engine.step().events

    assert Embedding in {type(event) for event in events if event.id == 2}
    assert Finished in {type(event) for event in events if event.id == 2}


def test_requests_take_turns_input_by_input(fake):
    engine = EmbeddingEngine(fake)

    run(engine, texts(1, *[2] * 6), texts(2, *[2] * 6), texts(3, *[2] * 6))

    order = [tokens[0] for inputs in fake.passes for tokens in inputs]
    assert order == [1, 2, 3] * 6


def test_a_long_input_goes_first_in_the_pass_after_it_did_not_fit(fake):
    engine = EmbeddingEngine(fake)

    run(engine, texts(1, *[20] * 9), texts(2, 60))

    assert [[tokens[0] for tokens in inputs] for inputs in fake.passes[:3]] == [[1, 1, 1], [2], [1, 1, 1]]


def test_the_vectors_of_a_step_fit_a_frame(fake):
    import msgspec

    wide = MOST_BYTES // 4 // 2
    fake.facts = msgspec.structs.replace(fake.facts, embedding_size=wide)
    engine = EmbeddingEngine(fake)

    run(engine, texts(1, *[2] * 5))

    assert [len(one) for one in fake.passes] == [2, 2, 1]


def test_free_is_what_is_not_reserved_and_all_of_it_at_the_end(engine):
    engine.submit(texts(1, *[10] * 8))
    assert engine.free == Free(512 - 80, 3)
    assert not engine.idle

    assert engine.step().free == Free(512 - 80, 3)
    assert engine.step().free == Free(512, 4)
    assert engine.idle


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (work(9, "Hello"), BadRequest),
        (texts(9, 3, 65), ContextLengthExceeded),
        (texts(9, *[60] * 9), DoesNotFit),
        (Embed(9, ((1, 2), (3, 10**6))), BadRequest),
    ],
    ids=["a prompt to answer", "longer than the context", "more than may wait", "unknown token"],
)
def test_work_that_can_never_be_done_fails_at_the_next_step(engine, asked, error):
    events = run(engine, texts(1, 3), asked, texts(2, 3))

    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert (failed.id, failed.code) == (9, error.code)
    assert len(vectors_of(events, 1)) == len(vectors_of(events, 2)) == 1
    assert engine.free == Free(512, 4)


def test_a_refusal_says_which_endpoint_to_use(engine):
    (failed,) = run(engine, work(1, "Hello"))

    assert "/v1/embeddings" in failed.message


@pytest.mark.parametrize("taken", [[texts(1, *[60] * 8)], [texts(number, 3) for number in range(1, 5)]])
def test_work_over_what_is_free_fails_now_and_fits_later(engine, taken):
    asked = texts(9, 20, 20)

    events = run(engine, *taken, asked)

    assert [event.code for event in events if isinstance(event, Failed)] == [NotReady.code]
    assert len(vectors_of(run(engine, asked), 9)) == 2


def test_cancelled_work_ends_at_the_next_step_and_counts_what_was_done(engine, embedder):
    engine.submit(texts(1, *[10] * 40))
    engine.submit(texts(2, *[10] * 8))
    engine.step()

    engine.cancel(1)
    engine.cancel(77)
    first, *rest = engine.step().events

    assert (first.id, first.reason) == (1, FinishReason.CANCELLED)
    assert first.prompt_tokens == 20
    assert first.compute_ms > 0
    assert {event.id for event in rest} == {2}
    assert [tokens[0] for tokens in embedder.passes[1]] == [2] * 4


def test_work_can_be_cancelled_before_its_first_step(engine, embedder):
    engine.submit(texts(1, 3))
    engine.cancel(1)

    (event,) = engine.step().events

    assert (event.reason, event.prompt_tokens) == (FinishReason.CANCELLED, 0)
    assert embedder.passes == []
    assert engine.idle


def test_an_id_that_runs_is_refused_out_loud(engine):
    engine.submit(texts(1, 3))

    with pytest.raises(Conflict):
        engine.submit(texts(1, 3))


def test_the_time_of_a_pass_is_shared_by_tokens(engine):
    events = run(engine, texts(1, 30), texts(2, 10))

    ends = {event.id: event.compute_ms for event in events if isinstance(event, Finished)}
    assert ends[1] == pytest.approx(3 * ends[2])
    assert ends[2] > 0


def test_more_is_expected_of_a_pass_with_more_tokens(open_embedder):
    engine = EmbeddingEngine(open_embedder("fake", options={"step_delay_ms": "1"}))
    assert engine.expected_step_ms == 1.0
    engine.submit(texts(1, 60))

    engine.step()

    assert engine.expected_step_ms == 60.0


def test_closing_the_engine_closes_the_embedder(fake):
    EmbeddingEngine(fake).close()

    assert fake.closed
