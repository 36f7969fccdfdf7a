"""Codes to join with: read aloud and typed by thirty people, guessed by nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import RateLimited
from appliance.services.classes.attempts import FROM_ONE_ADDRESS, IN_ALL, Attempts
from appliance.services.classes.codes import ALPHABET, JoinCodes, typed

HERE = "10.0.4.20"
MINUTE_MS = 60_000
FAR_MS = 10**15


@pytest.fixture
def codes(clock):
    return JoinCodes(clock)


@pytest.fixture
def attempts(clock):
    return Attempts(clock)


def test_no_character_is_taken_for_another_one():
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set(ALPHABET) & set("0O1IL")


def test_a_code_is_shown_with_a_dash_and_compared_without(codes, clock):
    made = codes.make("monday", 15, FAR_MS)
    assert len(made.text) == 8
    assert made.shown == f"{made.text[:4]}-{made.text[4:]}"
    assert made.ends_ms == clock.now_ms() + 15 * MINUTE_MS
    assert codes.of("monday") == codes.find(made.shown) == made


@pytest.mark.parametrize(
    "text", ["K7QM2F9X", "k7qm-2f9x", " K7qM 2f9X ", "K7QM\u20132F9X", "k 7 q m 2 f 9 x", "K7QM-2F9X."]
)
def test_however_it_is_typed_it_is_the_same(text):
    assert typed(text) == "K7QM2F9X"


@pytest.mark.parametrize(
    "text", ["", "K7QM2F9", "K7QM2F9XX", "K7QM2F90", "K7QM_2F9", "K7QM2F9\u0130", "-" * 8, "K7QM2F9X" * 9]
)
def test_what_has_another_form_is_no_code(text):
    assert typed(text) is None


@given(st.text(max_size=60))
def test_any_text_may_be_typed(text):
    code = typed(text)
    assert code is None or (len(code) == 8 and set(code) <= set(ALPHABET))


def test_a_code_ends_with_its_minutes_or_its_class(codes, clock):
    made = codes.make("monday", 15, FAR_MS)
    assert codes.make("tuesday", 15, clock.now_ms() + 5).ends_ms == clock.now_ms() + 5
    clock.time_ms += 15 * MINUTE_MS - 1
    assert codes.find(made.text) == made
    clock.time_ms += 1
    assert codes.find(made.text) is None
    assert codes.of("monday") is None


def test_a_new_code_ends_the_one_before_and_no_other_class_s(codes):
    first, other = codes.make("monday", 15, FAR_MS), codes.make("tuesday", 15, FAR_MS)
    second = codes.make("monday", 15, FAR_MS)
    assert codes.find(first.text) is None
    assert codes.find(second.text) == second
    codes.end("monday")
    codes.end("monday")
    assert codes.find(second.text) is None
    assert codes.find(other.text) == other


def test_two_classes_never_have_the_same_code(clock):
    drawn = iter(("A" * 8) + ("A" * 8) + ("B" * 8))
    codes = JoinCodes(clock, lambda _alphabet: next(drawn))
    assert codes.make("monday", 15, FAR_MS).text == "A" * 8
    assert codes.make("tuesday", 15, FAR_MS).text == "B" * 8


def test_codes_do_not_repeat(codes):
    assert len({codes.make("monday", 15, FAR_MS).text for _ in range(500)}) == 500


def test_an_address_has_some_wrong_codes_a_minute_and_others_are_not_touched(attempts, clock):
    for _ in range(FROM_ONE_ADDRESS):
        attempts.check(HERE)
        attempts.missed(HERE)
    with pytest.raises(RateLimited) as refused:
        attempts.check(HERE)
    assert 1 <= refused.value.retry_after_s <= 61
    attempts.check("10.0.4.21")
    clock.time_ms += MINUTE_MS
    attempts.check(HERE)


def test_all_addresses_together_have_some_more(attempts, clock):
    for number in range(IN_ALL):
        attempts.check(f"10.0.{number // 200}.{number % 200}")
        attempts.missed(f"10.0.{number // 200}.{number % 200}")
    with pytest.raises(RateLimited):
        attempts.check("10.9.9.9")
    clock.time_ms += MINUTE_MS
    attempts.check("10.9.9.9")


def test_asking_leaves_nothing_behind(attempts):
    for number in range(1000):
        attempts.check(f"10.0.{number // 200}.{number % 200}")
    assert len(attempts._by_address) == 0
