"""What is made of vLLM's answers: events, exact counts, room, and nothing shared between owners."""

import pytest

from appliance.domain.generation import FinishReason, Sampling
from appliance.engines.base import Failed, Finished, Free, Tokens
from appliance.engines.vllm.engine import VllmEngine
from tests.engines.driving import GREEDY, Answers, run, warm, work
from tests.engines.vllm_stand_in import (
    END,
    FACTS,
    ByteVocabulary,
    LLMEngine,
    Refused,
    engine_over,
    library,
)


def answered(script: bytes, *works, **more) -> Answers:
    return run(engine_over(LLMEngine(script, **more)), *works)


@pytest.mark.parametrize("burst", [1, 3])
def test_an_answer_is_told_token_by_token_and_counted(burst):
    answer = answered(b"Hello", work(max_tokens=20), burst=burst)[1, 0]
    assert answer.text == "Hello"
    assert answer.ids == [*b"Hello", END]
    assert answer.finished.reason is FinishReason.STOP
    assert (answer.finished.prompt_tokens, answer.finished.completion_tokens) == (16, 6)
    assert answer.finished.compute_ms > 0


def test_a_token_that_ends_a_text_is_not_shown_whatever_it_says():
    vocabulary = ByteVocabulary()
    vocabulary.end_tokens = frozenset({ord("!")})
    answer = run(VllmEngine(LLMEngine(b"Hello!"), library(), vocabulary, FACTS), work(max_tokens=20))[1, 0]
    assert answer.text == "Hello"
    assert answer.finished.completion_tokens == 6


def test_an_answer_cut_by_length_says_so():
    assert answered(b"Hello", work(max_tokens=3))[1, 0].finished.reason is FinishReason.LENGTH


@pytest.mark.parametrize("burst", [1, 3, 50])
def test_a_stop_string_across_deltas_ends_the_answer_before_it(burst):
    native = LLMEngine(b"One. STOP Two.", burst=burst)
    answer = run(engine_over(native), work(max_tokens=50, stop=["STOP"]))[1, 0]
    assert answer.text == "One. "
    assert answer.finished.stop == "STOP"
    assert answer.finished.completion_tokens == len("One. STOP")
    assert not native.running


def test_characters_of_several_tokens_are_told_whole():
    engine = engine_over(LLMEngine("Grüße".encode()))
    engine.submit(work(max_tokens=20))
    told = []
    while not engine.idle:
        told += [event.text for event in engine.step().events]
    assert "".join(told) == "Grüße"
    assert "�" not in "".join(told)


def test_each_choice_is_a_request_with_a_seed_of_its_own():
    native = LLMEngine()
    answers = run(engine_over(native), work(max_tokens=4, n=3, sampling=warm(7)))
    assert [one.params.seed for one in native.asked] == [7, 8, 9]
    assert {one.params.n for one in native.asked} == {1}
    assert len({answers[1, choice].text for choice in range(3)}) == 3


def test_a_seed_beyond_vllms_is_taken():
    native = LLMEngine()
    run(engine_over(native), work(max_tokens=1, n=2, sampling=warm(2**63 - 1)))
    assert [one.params.seed for one in native.asked] == [2**63 - 1, 0]


def test_choices_stop_each_on_its_own():
    native = LLMEngine()
    answers = run(engine_over(native), work(1, "a", max_tokens=9, n=2, stop=["x"]))
    assert [answers[1, choice].finished.reason for choice in (0, 1)] == [FinishReason.STOP] * 2
    assert [answers[1, choice].text for choice in (0, 1)] == ["tuvw", "uvw"]
    assert native.aborted == ["1-1", "1-0"]


def test_vllm_is_asked_for_tokens_and_nothing_else():
    native = LLMEngine()
    sampling = Sampling(0.7, 0.9, 5, 0.05, 3, 0.5, -0.5, 1.0, ((5, -100.0), (7, 3.5)))
    run(engine_over(native), work(max_tokens=4, sampling=sampling, stop=["z"]))
    params = native.asked[0].params
    assert (params.temperature, params.top_p, params.top_k, params.min_p) == (0.7, 0.9, 5, 0.05)
    assert (params.frequency_penalty, params.presence_penalty, params.repetition_penalty) == (0.5, -0.5, 1.0)
    assert params.logit_bias == {5: -100.0, 7: 3.5}
    assert params.stop_token_ids == [END]
    assert params.ignore_eos
    assert not params.detokenize
    assert params.output_kind == "delta"
    assert params.structured_outputs is None


def test_a_grammar_is_given_to_vllm():
    native = LLMEngine(b"{}")
    run(engine_over(native), work(max_tokens=4, constraint="start: /x/"))
    assert native.asked[0].params.structured_outputs.grammar == "start: /x/"


def test_work_that_yields_goes_behind_others():
    native = LLMEngine()
    run(engine_over(native), work(1, max_tokens=2, yields=True), work(2, max_tokens=2))
    assert [one.priority for one in native.asked] == [1, 0]


def test_one_owner_has_one_salt_and_nobody_shares_with_another():
    native = LLMEngine()
    owners = ["a", "a", "b", "", "", "work 4"]
    run(
        engine_over(native), *[work(number, max_tokens=1, owner=owner) for number, owner in enumerate(owners)]
    )
    salts = [one.prompt["cache_salt"] for one in native.asked]
    assert salts[0] == salts[1]
    assert len(set(salts)) == 5


def test_choices_of_one_request_without_an_owner_share_its_prompt():
    native = LLMEngine()
    run(engine_over(native), work(max_tokens=1, n=2))
    assert len({one.prompt["cache_salt"] for one in native.asked}) == 1


def test_what_was_cached_is_told_as_the_first_choice_found_it():
    answers = answered(b"x", work(max_tokens=4, n=2), cached=16)
    assert [answers[1, choice].finished.cached_tokens for choice in (0, 1)] == [16, 16]


def test_cancelled_work_ends_at_the_next_step_and_frees_its_room():
    native = LLMEngine()
    engine = engine_over(native)
    engine.submit(work(1, max_tokens=100, n=2))
    engine.step()
    engine.cancel(1)
    events = engine.step().events
    assert [(event.choice, event.reason) for event in events] == [
        (choice, FinishReason.CANCELLED) for choice in (0, 1)
    ]
    assert [event.completion_tokens for event in events] == [1, 1]
    assert native.aborted == ["1-0", "1-1"]
    assert engine.free == Free(512, 8)
    assert engine.idle


def test_cancelled_before_its_first_pass_it_has_used_nothing():
    engine = engine_over(LLMEngine())
    engine.submit(work())
    engine.cancel(1)
    (event,) = engine.step().events
    assert (event.reason, event.completion_tokens) == (FinishReason.CANCELLED, 0)


@pytest.mark.parametrize("reason", ["error", "abort", "repetition"])
def test_what_vllm_breaks_off_fails_whole_with_its_counts(reason):
    native = LLMEngine()
    engine = engine_over(native)
    engine.submit(work(1, max_tokens=50, n=2))
    engine.submit(work(2, max_tokens=3))
    engine.step()
    native.failing["1-1"] = reason
    answers = Answers(engine.step().events)
    assert answers.failed[1].code == "replica_failed"
    assert answers.failed[1].completion_tokens == 3
    assert "1-0" in native.aborted
    while not engine.idle:
        answers.update_with(engine.step().events)
    assert answers[2, 0].finished.reason is FinishReason.LENGTH
    assert (1, 0) not in {key for key, answer in answers.items() if answer.finished}
    assert engine.free == Free(512, 8)


def test_what_vllm_refuses_is_refused_without_a_word_of_it():
    native = LLMEngine()
    native.refusing = "-1"
    engine = engine_over(native)
    engine.submit(work(1, "secret", n=2))
    (event,) = engine.step().events
    assert isinstance(event, Failed)
    assert event.code == "invalid_request"
    assert "secret" not in event.message
    assert not native.running
    assert engine.free == Free(512, 8)
    assert engine.idle


def test_what_vllm_would_do_otherwise_is_refused():
    engine = engine_over(LLMEngine())
    repeating = Sampling(1.0, 1.0, 0, 0.0, 1, repeat_penalty=1.2)
    answers = run(engine, work(1, sampling=repeating), work(2, "x" * 128, max_tokens=0, prompt_logprobs=0))
    assert answers.failed[1].code == "not_available"
    assert answers.failed[2].code == "context_length_exceeded"


def test_work_beyond_what_is_free_is_told_to_come_again():
    native = LLMEngine()
    engine = engine_over(native)
    for number in range(1, 6):
        engine.submit(work(number, "x" * 28, max_tokens=100))
    assert engine.free == Free(0, 4)
    answers = Answers(engine.step().events)
    assert [failed.code for failed in answers.failed.values()] == ["not_ready"]
    assert len(native.asked) == 4


def test_a_choice_that_ends_early_frees_its_share():
    engine = engine_over(LLMEngine())
    engine.submit(work(1, "abcd", max_tokens=30))
    engine.submit(work(2, "abcd", max_tokens=1))
    engine.step()
    assert engine.free == Free(512 - 34, 7)


def test_the_time_of_a_pass_is_shared_by_tokens():
    answers = answered(b"", work(1, "a" * 30, max_tokens=1), work(2, "x", max_tokens=1))
    assert answers[1, 0].finished.compute_ms == pytest.approx(30 * answers[2, 0].finished.compute_ms)


def test_a_step_is_expected_to_last_by_the_tokens_in_it():
    native = LLMEngine(reading=9)
    engine = engine_over(native)
    engine.submit(work(1, "x" * 100, max_tokens=2))
    before = engine.expected_step_ms
    engine.step()
    assert engine.expected_step_ms == pytest.approx(32 * before)


def test_a_prompt_out_of_the_cache_is_not_taken_for_unread_once_it_is_answered():
    native = LLMEngine()
    engine = engine_over(native)
    engine.submit(work(1, "x" * 100, max_tokens=9))
    engine.step()
    engine.step()
    assert engine.expected_step_ms == FACTS.token_ms


def test_whatever_else_vllm_raises_ends_the_process():
    class Broken(LLMEngine):
        def step(self):
            raise RuntimeError("CUDA error")

    engine = engine_over(Broken())
    engine.submit(work())
    with pytest.raises(RuntimeError):
        engine.step()


def test_refusals_are_not_value_errors_in_vllm():
    assert not issubclass(Refused, ValueError)


def test_greedy_work_of_several_choices_is_no_trouble():
    """vLLM itself refuses ``n`` above 1 without a temperature."""
    answers = answered(b"same", work(max_tokens=9, n=2, sampling=GREEDY))
    assert answers[1, 0].ids == answers[1, 1].ids


def test_events_are_of_the_kinds_that_there_are():
    engine = engine_over(LLMEngine(b"x"))
    engine.submit(work(max_tokens=9))
    events = [*engine.step().events, *engine.step().events]
    assert [type(event) for event in events] == [Tokens, Tokens, Finished]
