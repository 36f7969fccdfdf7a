"""Log-probabilities of answers and prompts as vLLM tells them, in our order and our pieces."""

import pytest

from appliance.domain.generation import FinishReason
from appliance.engines.base import PromptLogprobs
from appliance.engines.scheduler import scoring
from tests.engines.driving import Answers, run, work
from tests.engines.vllm_stand_in import END, VOCABULARY, LLMEngine, engine_over, logprob


def answered(script: bytes, *works) -> Answers:
    return run(engine_over(LLMEngine(script)), *works)


def test_log_probabilities_are_those_of_vllm_the_most_probable_first():
    prompt = b"ab"
    answer = answered(b"xy", work(1, "ab", max_tokens=5, logprobs=2))[1, 0]
    assert [told.token for told in answer.told] == [*b"xy", END]
    first = answer.told[0]
    assert first.logprob == logprob(prompt, ord("x"))
    assert [one.token for one in first.top] == [sum(prompt) % VOCABULARY, (sum(prompt) + 1) % VOCABULARY]
    assert [one.logprob for one in first.top] == [logprob(prompt, one.token) for one in first.top]
    assert answer.told[-1].piece == b"<257>"


def test_a_token_that_is_most_probable_itself_is_among_them():
    token = sum(b"ab") % VOCABULARY
    answer = answered(bytes([token]), work(1, "ab", max_tokens=1, logprobs=2))[1, 0]
    assert [one.token for one in answer.told[0].top] == [token, (token + 1) % VOCABULARY]


@pytest.mark.parametrize("score_from", [0, 1, 3, 6])
@pytest.mark.parametrize("max_tokens", [0, 2])
def test_a_prompt_is_scored_from_the_wanted_position_on(score_from, max_tokens):
    prompt = b"abcdefg"
    scored = work(1, "abcdefg", max_tokens=max_tokens, prompt_logprobs=1, score_from=score_from)
    native = LLMEngine(b"xyz", reading=2)
    answers = run(engine_over(native), scored)
    assert answers.first_scored[1] == score_from
    assert [told.token for told in answers.scored[1]] == list(prompt[score_from:])
    expected = [logprob(prompt[:end], prompt[end]) if end else None for end in range(score_from, len(prompt))]
    assert [told.logprob for told in answers.scored[1]] == expected
    assert answers[1, 0].ids == list(b"xyz"[:max_tokens])
    assert answers[1, 0].finished.reason is FinishReason.LENGTH


def test_a_prompt_is_scored_once_for_all_choices_and_before_any_answer():
    native = LLMEngine(b"xyz")
    answers = run(engine_over(native), work(1, "abc", max_tokens=3, n=3, prompt_logprobs=0))
    assert [one.params.prompt_logprobs for one in native.asked] == [0, None, None]
    assert len(answers.scored[1]) == 3
    assert [answers[1, choice].text for choice in range(3)] == ["xyz"] * 3


def test_more_than_a_frame_holds_is_told_in_several_steps(monkeypatch):
    monkeypatch.setattr("appliance.engines.vllm.telling.PASS_TOKENS", 16)
    assert scoring.PASS_TOKENS > 16
    native = LLMEngine(b"xyz")
    engine = engine_over(native)
    engine.submit(work(1, "a" * 40, max_tokens=3, prompt_logprobs=3))
    reports = []
    while not engine.idle:
        reports.append(engine.step().events)
    told = [[len(event.logprobs) for event in one if isinstance(event, PromptLogprobs)] for one in reports]
    assert max(sum(sizes) for sizes in told) * 4 <= 16 + 4
    assert sum(map(sum, told)) == 40
    assert Answers([event for one in reports for event in one])[1, 0].text == "xyz"
