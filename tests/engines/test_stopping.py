"""How answers end: end tokens, stop strings, length."""

import pytest

from appliance.domain.generation import FinishReason
from tests.engines.driving import run, work


def test_an_end_token_is_counted_and_not_shown(open_fake):
    answer = run(open_fake(options={"answer": "Hi."}), work(max_tokens=9))[1, 0]

    assert answer.text == "Hi."
    assert answer.finished.reason is FinishReason.STOP
    assert answer.finished.completion_tokens == 4


def test_an_end_token_as_the_last_one_allowed_is_a_stop(open_fake):
    answer = run(open_fake(options={"answer": "Hi."}), work(max_tokens=4))[1, 0]

    assert answer.finished.reason is FinishReason.STOP


def test_an_answer_cut_by_length_says_so(open_fake):
    answer = run(open_fake(options={"answer": "Hi."}), work(max_tokens=3))[1, 0]

    assert (answer.text, answer.finished.reason) == ("Hi.", FinishReason.LENGTH)


def test_a_stop_string_across_tokens_ends_the_answer_before_it(open_fake):
    engine = open_fake(options={"answer": "One. Two. STOP Three."})

    answer = run(engine, work(max_tokens=50, stop=["never", " STOP"]))[1, 0]

    assert answer.text == "One. Two."
    assert answer.finished.reason is FinishReason.STOP
    assert answer.finished.completion_tokens == len("One. Two. STOP")


@pytest.mark.parametrize(
    ("answer", "max_tokens", "stop"),
    [("One. STOP Two.", 50, " STOP"), ("One. END Two.", 50, "END"), ("One.", 50, ""), ("One. STOP", 3, "")],
)
def test_an_answer_says_which_stop_string_ended_it(open_fake, answer, max_tokens, stop):
    engine = open_fake(options={"answer": answer})

    told = run(engine, work(max_tokens=max_tokens, stop=["END", " STOP"]))[1, 0]

    assert told.finished.stop == stop


def test_nothing_of_a_stop_string_is_ever_shown(open_fake):
    engine = open_fake(options={"answer": "abcabx"})
    engine.submit(work(max_tokens=9, stop=["abcd"]))

    shown = [event.text for _ in range(7) for event in engine.step().events]

    assert shown[:6] == ["", "", "", "abc", "", "abx"]


def test_a_stop_string_may_end_with_the_last_token_allowed(open_fake):
    answer = run(open_fake(options={"answer": "ab##cd"}), work(max_tokens=4, stop=["##"]))[1, 0]

    assert (answer.text, answer.finished.reason) == ("ab", FinishReason.STOP)


def test_characters_of_several_tokens_are_shown_whole(open_fake):
    engine = open_fake(options={"answer": "é日🜁"})
    engine.submit(work(max_tokens=20))

    shown = []
    while not engine.idle:
        shown += [event.text for event in engine.step().events]

    assert [text for text in shown if text] == ["é", "日", "🜁"]


def test_a_character_cut_by_length_becomes_a_replacement(open_fake):
    answer = run(open_fake(options={"answer": "日本"}), work(max_tokens=4))[1, 0]

    assert answer.text == "日\N{REPLACEMENT CHARACTER}"


def test_each_choice_stops_on_its_own(open_fake):
    engine = open_fake()
    plain = run(engine, work(1, max_tokens=30, n=2))
    assert plain[1, 0].ids == plain[1, 1].ids

    answers = run(engine, work(2, max_tokens=30, n=2, stop=[plain[1, 0].text[10:12]]))

    assert answers[2, 0].text == answers[2, 1].text == plain[1, 0].text[:10]


def test_a_real_model_stops_at_text_it_would_have_written(open_any_runner):
    from appliance.engines.scheduler import Scheduler

    engine = Scheduler(open_any_runner("llama_cpp"))
    plain = run(engine, work(1, max_tokens=30))[1, 0]
    stop = plain.text[8:11]

    answer = run(engine, work(2, max_tokens=30, stop=[stop]))[2, 0]

    assert answer.text == plain.text[: plain.text.index(stop)]
    assert answer.finished.reason is FinishReason.STOP
    assert answer.ids == plain.ids[: len(answer.ids)]


@pytest.mark.parametrize("ends", [1, 5])
def test_a_babbling_fake_ends_where_it_is_told(open_fake, ends):
    answer = run(open_fake(options={"end_after_tokens": str(ends)}), work(max_tokens=20))[1, 0]

    assert len(answer.ids) == ends + 1
