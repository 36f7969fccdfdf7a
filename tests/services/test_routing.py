"""A request goes to the replica with its prefix, unless that is much busier, else to the one with room."""

import pytest

from appliance.domain.generation import Sampling
from appliance.engines.base import Free, Generate
from appliance.policy.routing import BLOCK_TOKENS, MOST_BLOCKS, Candidate, pick, prefix_chain
from appliance.services.routing import Router

SAMPLING = Sampling(0.0, 1.0, 0, 0.0, 0)


class Source:
    """A token source of which only the room matters."""

    def __init__(self, sequences: int = 8, kv_tokens: int = 10_000) -> None:
        self.free = Free(kv_tokens=kv_tokens, sequences=sequences)
        self.incarnation = 0

    def open(self, work: Generate):
        raise NotImplementedError


def blocks(*numbers: int) -> tuple[int, ...]:
    return tuple(number for number in numbers for _ in range(BLOCK_TOKENS))


def work(prompt: tuple[int, ...], owner: str = "ada") -> Generate:
    return Generate(1, prompt, 4, SAMPLING, owner=owner)


@pytest.fixture
def two() -> list[Source]:
    return [Source(), Source()]


def test_the_prefix_decides(two: list[Source]):
    router = Router()
    first = router.choose(work(blocks(1, 2)), two)
    other = two[1 - two.index(first)]
    other.free = Free(20_000, 9)
    assert router.choose(work(blocks(1, 2, 3)), two) is first
    assert router.choose(work(blocks(9)), two) is other


def test_the_longest_prefix_decides(two: list[Source]):
    router = Router()
    for source, prompt in zip(two, (blocks(1, 2), blocks(1, 5, 6)), strict=True):
        assert router.choose(work(prompt), [source]) is source
    assert router.choose(work(blocks(1, 2, 3)), two) is two[0]
    assert router.choose(work(blocks(1, 5, 7)), two) is two[1]


def test_what_was_sent_last_decides_between_equals(two: list[Source]):
    router = Router()
    for source in (two[0], two[1], two[0], two[1]):
        router.choose(work(blocks(1)), [source])
    assert router.choose(work(blocks(1)), two) is two[1]


def test_a_beginning_in_the_middle_of_a_block_is_not_seen(two: list[Source]):
    router = Router()
    router.choose(work(blocks(1)[:-1]), [two[1]])
    assert router.choose(work(blocks(1)[:-1]), two) is two[0]


@pytest.mark.parametrize("owner", ["bob", ""])
def test_nobody_is_sent_after_the_prefix_of_another_owner(two: list[Source], owner: str):
    router = Router()
    router.choose(work(blocks(1, 2), owner=owner), [two[1]])
    assert router.choose(work(blocks(1, 2), owner="ada"), two) is two[0]
    assert router.choose(work(blocks(1, 2), owner=""), two) is two[0]


def test_a_process_that_was_started_again_holds_nothing(two: list[Source]):
    router = Router()
    router.choose(work(blocks(1)), [two[1]])
    two[1].incarnation += 1
    assert router.choose(work(blocks(1)), two) is two[0]


def test_a_full_source_gets_nothing_whatever_it_holds(two: list[Source]):
    router = Router()
    router.choose(work(blocks(1)), [two[1]])
    for full in (Free(10_000, 0), Free(10, 8)):
        two[1].free = full
        assert router.choose(work(blocks(1)), two) is two[0]
    assert router.choose(work(blocks(1)), [two[1]]) is None
    assert router.choose(work(blocks(1)), []) is None


def test_a_class_with_one_beginning_spreads_over_the_replicas(two: list[Source]):
    router, class_prompt = Router(), blocks(*range(20))
    for number in range(16):
        chosen = router.choose(work((*class_prompt, number)), two)
        chosen.free = Free(chosen.free.kv_tokens, chosen.free.sequences - 1)
    assert [source.free.sequences for source in two] == [0, 0]


def test_least_recently_sent_prefixes_are_forgotten_from_their_ends(two: list[Source]):
    router = Router(remembered_blocks=4)
    router.choose(work(blocks(1, 2, 3)), [two[1]])
    router.choose(work(blocks(7, 8)), [two[1]])
    router.choose(work(blocks(1, 2, 4)), [two[0]])
    # Of the first prompt the source remembers two blocks: as many as the other source holds.
    two[1].free = Free(10_000, 7)
    assert router.choose(work(blocks(1, 2, 3)), two) is two[0]


def test_a_source_that_is_gone_is_forgotten():
    router, source = Router(), Source()
    router.choose(work(blocks(1)), [source])
    assert len(router._sent) == 1
    del source
    assert len(router._sent) == 0


def test_the_pure_choice():
    assert pick([]) is None
    assert pick([Candidate(1, 10), Candidate(2, 5)]) == 1
    assert pick([Candidate(2, 5), Candidate(2, 10)]) == 1
    assert pick([Candidate(4, 5, held_blocks=1, sent=3), Candidate(8, 5)]) == 0
    assert pick([Candidate(3, 5, held_blocks=9, sent=3), Candidate(8, 5)]) == 1


def test_a_long_prompt_is_looked_at_as_far_as_it_decides():
    assert len(prefix_chain("ada", [1] * (MOST_BLOCKS + 5) * BLOCK_TOKENS)) == MOST_BLOCKS
    assert prefix_chain("ada", blocks(1, 2)) != prefix_chain("bob", blocks(1, 2))
