"""Work that does not fit is answered, and disturbs nobody."""

import pytest

from appliance.engines.base import Free
from appliance.errors import BadRequest, Conflict, ContextLengthExceeded, DoesNotFit, NotReady
from tests.engines.driving import run, work


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (work(9, [65] * 100, max_tokens=29), ContextLengthExceeded),
        (work(9, [65] * 28, max_tokens=100, n=5), DoesNotFit),
        (work(9, [65], max_tokens=1, n=9), DoesNotFit),
        (work(9, [10**6], max_tokens=1), BadRequest),
    ],
    ids=["longer than the context", "more cells than there are", "more choices", "unknown token"],
)
def test_work_that_can_never_fit_fails_at_the_next_step(open_engine, asked, error):
    engine = open_engine()

    answers = run(engine, work(1), asked, work(2))

    assert answers.failed[9].code == error.code
    assert {number for number, _ in answers} == {1, 2}


def test_work_at_the_edge_of_the_context_fits(open_engine):
    answers = run(open_engine(), work(1, [65] * 100, max_tokens=28))

    assert len(answers[1, 0].ids) == 28


@pytest.mark.parametrize("taken", [work(1, max_tokens=100, n=4), work(1, max_tokens=1, n=7)])
def test_work_over_what_is_free_fails_now_and_fits_later(open_engine, taken):
    engine = open_engine()
    asked = work(2, [65] * 28, max_tokens=100, n=2)

    refused = run(engine, taken, asked)

    assert refused.failed[2].code == NotReady.code
    assert not run(engine, asked).failed


def test_refused_work_reserves_nothing(open_engine):
    engine = open_engine()

    engine.submit(work(1, [65] * 100, max_tokens=100))

    assert engine.free == Free(512, 8)
    assert not engine.idle
    engine.step()
    assert engine.idle


def test_an_id_that_runs_is_refused_out_loud(open_engine):
    engine = open_engine()
    engine.submit(work(1))

    with pytest.raises(Conflict):
        engine.submit(work(1))
