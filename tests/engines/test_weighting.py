"""Bias and penalties on a part of a row do what they do on all of it."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.engines.logits.weighting import Weighting
from tests.engines.driving import GREEDY

TOKENS = st.integers(0, 29)
SAMPLINGS = st.builds(
    lambda **changes: replace(GREEDY, **changes),
    logit_bias=st.lists(st.tuples(TOKENS, st.floats(-5, 5)), max_size=4).map(tuple),
    presence_penalty=st.floats(0.5, 2),
    frequency_penalty=st.floats(-2, 2),
    repeat_penalty=st.floats(0.5, 2),
)


@given(SAMPLINGS, st.lists(TOKENS, max_size=6), st.sets(TOKENS, max_size=10))
def test_a_part_with_all_that_is_touched_is_weighted_as_the_whole(sampling, answer, others):
    weighting = Weighting.of(sampling)
    for token in answer:
        weighting.draw(token)
        weighting.go_on()
    row = np.linspace(-3, 3, 30, dtype=np.float32)
    tokens = np.union1d(weighting.touched(), np.array(sorted(others), np.intp))

    part = weighting.applied_to(tokens, row[tokens])

    assert part.tolist() == weighting.applied(row)[tokens].tolist()


@given(SAMPLINGS, st.lists(TOKENS, max_size=6))
def test_what_is_not_touched_stays_as_it_is(sampling, answer):
    weighting = Weighting.of(sampling)
    for token in answer:
        weighting.draw(token)
        weighting.go_on()
    row = np.linspace(-3, 3, 30, dtype=np.float32)
    untouched = np.setdiff1d(np.arange(30), weighting.touched())

    assert weighting.applied(row)[untouched].tolist() == row[untouched].tolist()
