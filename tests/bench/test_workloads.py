import itertools

import pytest

from appliance.bench.workloads import WORKLOADS, questions


def first(count, workload, seed=3, max_tokens=64):
    return list(itertools.islice(questions(workload, seed=seed, max_tokens=max_tokens), count))


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_seed_gives_the_same_questions_and_no_two_are_alike(workload):
    asked = first(200, workload)
    assert asked == first(200, workload)
    assert asked != first(200, workload, seed=4)
    assert len({one.messages[-1].content for one in asked}) == 200
    assert all(1 <= one.max_tokens <= 64 for one in asked)


def test_a_class_shares_its_system_prompt_and_nothing_after_it():
    asked = first(50, "shared-prefix")
    assert len({one.messages[0] for one in asked}) == 1
    assert {one.max_tokens for one in asked} == {64}
    assert len({one.messages[1].content.split(".")[0] for one in asked}) == 50


def test_chats_are_short_and_long():
    lengths = sorted(len(one.messages[0].content) for one in first(300, "chat"))
    assert lengths[-1] > 5 * lengths[0]
    assert len({one.max_tokens for one in first(300, "chat")}) > 20
