"""Answers that have to keep to a grammar, over any Runner; the grammars here are lists of whole answers."""

from dataclasses import dataclass, replace

import pytest

from appliance.domain.generation import FinishReason
from appliance.engines.base import Free
from appliance.engines.scheduler import Scheduler
from appliance.errors import BadRequest
from tests.engines.driving import GREEDY, WatchedRunner, run, warm, work


@dataclass
class ListMatcher:
    """Admits what may still become one of ``answers``, bytes; the end where one is complete, unless ``ends``
    is False: then the longest answer is simply finished.
    """

    answers: list[bytes]
    ends_with: frozenset[int]
    refuses_after: int | None = None
    taken: bytes = b""
    ended: bool = False
    masks: int = 0

    @property
    def finished(self) -> bool:
        return self.ended or (not self.ends_with and self.taken in self.answers)

    def take(self, token: int) -> bool:
        if self.refuses_after is not None and len(self.taken) >= self.refuses_after:
            return False
        if token in self.ends_with and self.taken in self.answers:
            self.ended = True
            return True
        grown = self.taken + bytes([token]) if token < 256 else b"\xff\xff"
        if any(answer.startswith(grown) for answer in self.answers):
            self.taken = grown
            return True
        return False

    def allowed(self) -> bytes:
        self.masks += 1
        if self.refuses_after == -1:
            raise BadRequest("The grammar has too many ways to go on.")
        here = len(self.taken)
        tokens = {one[here] for one in self.answers if one.startswith(self.taken) and len(one) > here}
        if self.taken in self.answers:
            tokens |= self.ends_with
        return sum(1 << token for token in tokens).to_bytes(40, "little")


@dataclass
class ListConstraints:
    """Grammars are answers with ``|`` between them. ``?`` does not compile, ``!`` breaks at its first mask,
    ``#N`` admits nothing after so many tokens, ``-`` nothing at all.
    """

    ends_with: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.made: list[ListMatcher] = []

    def matcher(self, grammar: str) -> ListMatcher:
        if grammar == "?":
            raise BadRequest("This grammar cannot be read.")
        if grammar == "!":
            made = ListMatcher([b"x" * 99], self.ends_with, refuses_after=-1)
        elif grammar == "-":
            made = ListMatcher([], self.ends_with)
        elif grammar.startswith("#"):
            made = ListMatcher([b"x" * 99], self.ends_with, refuses_after=int(grammar[1:]))
        else:
            made = ListMatcher([one.encode() for one in grammar.split("|")], self.ends_with)
        self.made.append(made)
        return made


GRAMMAR = '{"city": "Paris"}|{"city": "Rome"}|{"city": null}'
CHOICES = set(GRAMMAR.split("|"))


@pytest.fixture(params=[True, False], ids=["ended by a token", "ended by the grammar"])
def opened(request, open_runner):
    """A scheduler, its runner and its constraints."""

    def opening(**changes):
        runner = open_runner(**changes)
        constraints = ListConstraints(runner.end_tokens if request.param else frozenset())
        return Scheduler(runner, constraints), constraints

    return opening


def text(answer) -> str:
    return bytes(token for token in answer.ids if token < 256).decode()


@pytest.mark.parametrize("sampling", [GREEDY, warm(3), replace(warm(4), presence_penalty=1.0)])
def test_an_answer_keeps_to_its_grammar_and_ends_when_it_is_complete(opened, sampling):
    engine, constraints = opened()

    answer = run(engine, work(max_tokens=60, constraint=GRAMMAR, sampling=sampling))[1, 0]

    assert answer.text in CHOICES
    assert answer.finished.reason is FinishReason.STOP
    ends = 1 if constraints.ends_with else 0
    assert answer.finished.completion_tokens == len(answer.ids) == len(answer.text) + ends
    assert engine.free == Free(512, 8)


def test_the_most_probable_answer_is_taken_token_by_token(open_fake):
    plain = run(open_fake(), work(max_tokens=10))[1, 0].text
    runner = open_fake()._runner
    engine = Scheduler(runner, ListConstraints())

    answer = run(engine, work(max_tokens=60, constraint=f"xyz|{plain}|zzz"))[1, 0]

    # What the model would have said anyhow is said, and no mask was needed for it.
    assert answer.text == plain
    assert [matcher.masks for matcher in engine._constraints.made] == [0]


def test_each_choice_goes_its_own_way(opened):
    engine, constraints = opened()

    answers = run(engine, work(max_tokens=60, constraint="north|south|east|west", sampling=warm(5), n=6))

    assert len(constraints.made) == 6
    texts = {answer.text for answer in answers.values()}
    assert texts <= {"north", "south", "east", "west"}
    assert len(texts) > 1
    assert [answers[1, one].text for one in range(6)] == [
        matcher.taken.decode() for matcher in constraints.made
    ]


def test_free_answers_beside_one_with_a_grammar_are_undisturbed(opened):
    engine, _ = opened()
    plain = run(engine, work(1, max_tokens=30), work(2, max_tokens=30, sampling=warm(2)))

    answers = run(
        engine,
        work(1, max_tokens=30),
        work(3, max_tokens=60, constraint=GRAMMAR),
        work(2, max_tokens=30, sampling=warm(2)),
        work(4, max_tokens=60, constraint=GRAMMAR, sampling=warm(8)),
    )

    assert [answers[n, 0].ids for n in (1, 2)] == [plain[n, 0].ids for n in (1, 2)]
    assert {answers[n, 0].text for n in (3, 4)} <= CHOICES


def test_an_answer_cut_by_length_is_the_beginning_of_one_that_fits(opened):
    engine, _ = opened()

    answer = run(engine, work(max_tokens=5, constraint=GRAMMAR))[1, 0]

    assert answer.text == '{"cit'
    assert answer.finished.reason is FinishReason.LENGTH


def test_a_stop_string_ends_it_earlier(opened):
    engine, _ = opened()

    answer = run(engine, work(max_tokens=60, constraint=GRAMMAR, stop=["ity"]))[1, 0]

    assert (answer.text, answer.finished.reason) == ('{"c', FinishReason.STOP)


def test_log_probabilities_are_those_of_what_stands_in_the_answer(opened):
    engine, _ = opened()

    answers = run(engine, work(max_tokens=60, constraint=GRAMMAR, logprobs=2))

    answer = answers[1, 0]
    assert [one.token for one in answer.told] == answer.ids
    assert all(one.logprob <= one.top[0].logprob for one in answer.told)
    # They are the model's own, of tokens that it would never have said.
    assert min(one.logprob for one in answer.told) < -3


def test_the_next_request_goes_on_from_a_constrained_answer(opened):
    engine, _ = opened()
    prompt = "What is the capital of France? "
    first = run(engine, work(1, prompt, max_tokens=60, constraint=GRAMMAR, owner="ada"))[1, 0]
    history = [*prompt.encode(), *first.ids]

    again = run(engine, work(2, [*history, 63], max_tokens=5, owner="ada"))[2, 0]

    fresh = run(engine, work(3, [*history, 63], max_tokens=5, owner="bob"))[3, 0]
    assert again.finished.cached_tokens == len(history) - 1
    assert again.ids == fresh.ids


@pytest.mark.parametrize("grammar", ["?", "!", "-", "#0", "#7"])
@pytest.mark.parametrize("n", [1, 3])
def test_a_grammar_that_fails_fails_its_own_request_only(opened, grammar, n):
    engine, _ = opened()
    alone = run(engine, work(1, max_tokens=20))[1, 0].ids

    answers = run(
        engine,
        work(1, max_tokens=20),
        work(2, max_tokens=60, constraint=grammar, n=n),
        work(3, max_tokens=60, constraint=GRAMMAR, n=2),
    )

    assert answers.failed[2].code == BadRequest.code
    assert set(answers.failed) == {2}
    assert answers[1, 0].ids == alone
    assert {answers[3, 0].text, answers[3, 1].text} <= CHOICES
    assert engine.free == Free(512, 8)
    assert engine.idle


def test_a_failed_request_says_what_it_has_used(opened):
    engine, _ = opened()

    failed = run(engine, work(2, max_tokens=60, constraint="#7")).failed[2]

    assert failed.completion_tokens == 7
    assert failed.compute_ms > 0


def test_nothing_is_kept_of_a_failed_request(open_any_runner):
    runner = WatchedRunner(open_any_runner("fake"))
    engine = Scheduler(runner, ListConstraints())

    run(engine, work(1, max_tokens=60, constraint="#7", n=3, owner="ada"))

    assert runner.used_kv_tokens == 0


def test_a_grammar_is_refused_where_nothing_can_keep_to_it(open_engine):
    engine = open_engine()

    answers = run(engine, work(1, constraint=GRAMMAR), work(2))

    assert answers.failed[1].code == BadRequest.code
    assert set(answers) == {(2, 0)}


def test_a_refused_grammar_reserves_nothing(opened):
    engine, _ = opened()

    engine.submit(work(1, constraint="?"))

    assert engine.free == Free(512, 8)


@pytest.mark.parametrize(
    "sampling",
    [
        replace(GREEDY, logit_bias=((10**6, 1.0),)),
        replace(GREEDY, logit_bias=((65, 1.0), (-1, 1.0))),
        replace(GREEDY, repeat_penalty=0.0),
    ],
    ids=["unknown token", "negative token", "penalty of nothing"],
)
def test_sampling_that_makes_no_sense_is_refused(open_engine, sampling):
    answers = run(open_engine(), work(1, sampling=sampling), work(2))

    assert answers.failed[1].code == BadRequest.code
    assert set(answers) == {(2, 0)}
