"""Patterns: found or not, bounded in what they cost, and broken ones told with their place."""

from time import perf_counter

import pytest

from appliance.errors import BadRequest
from appliance.policy.patterns import (
    MOST_CHARACTERS,
    MOST_PATTERNS,
    Pattern,
    PatternSet,
)


def _quickest_ms(pattern: Pattern | PatternSet, text: str) -> float:
    """Of three: a busy machine is not what is measured."""
    times = []
    for _ in range(3):
        began = perf_counter()
        pattern.found(text)
        times.append((perf_counter() - began) * 1000)
    return min(times)


def test_a_pattern_is_found_anywhere() -> None:
    pattern = Pattern.compile(r"(?i)\bpolling stations?\b")
    assert pattern.found("Where is my Polling Station?")
    assert not pattern.found("pollingstation")


def test_a_set_tells_which_are_found_in_order() -> None:
    patterns = PatternSet.compile(["gamma", "a.c", "x+", "é"])
    assert patterns.found("xx abc é") == (1, 2, 3)
    assert patterns.found("nothing") == ()
    assert patterns.found_in(["gam", "ma", "xabc"]) == (1, 2)


def test_each_text_begins_and_ends_by_itself() -> None:
    assert PatternSet.compile(["^two$"]).found_in(["one", "two"]) == (0,)


def test_an_empty_set_finds_nothing() -> None:
    assert not PatternSet.compile([])
    assert PatternSet.compile([]).found("anything") == ()


def test_a_lone_surrogate_in_a_text_is_read() -> None:
    assert PatternSet.compile(["after"]).found("\ud800 after") == (0,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(open", "place 1"),
        ("fine [z-a]", "place 7"),
        ("(?=ahead)", "look-around"),
        (r"(a)\1", "back-references"),
        ("", "1 to 500"),
        ("a" * (MOST_CHARACTERS + 1), "1 to 500"),
        ("bell\x07", "place 5"),
        (".{0,500}.{0,500}", "too large"),
    ],
)
def test_a_broken_pattern_is_refused_with_what_to_mend(text: str, told: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        Pattern.compile(text)
    assert told in refusal.value.message


def test_a_pattern_of_the_longest_length_is_taken() -> None:
    assert Pattern.compile("a" * MOST_CHARACTERS).found("a" * MOST_CHARACTERS)


def test_more_patterns_than_a_set_holds_are_refused() -> None:
    one = Pattern.compile("a")
    assert PatternSet([one] * MOST_PATTERNS)
    with pytest.raises(BadRequest, match="at most 1000"):
        PatternSet([one] * (MOST_PATTERNS + 1))


def test_patterns_too_large_together_are_refused() -> None:
    with pytest.raises(BadRequest, match="too large together"):
        PatternSet.compile([f"{n}.{{0,300}}" for n in range(20)])


def test_a_set_out_of_memory_still_finds_by_searching_each(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = PatternSet.compile(["one", "two"])
    monkeypatch.setattr(patterns, "_set", _Starved())
    assert patterns.found("only two") == (1,)


class _Starved:
    """As RE2 answers where its memory does not last: nothing found, and no error."""

    def Match(self, text: bytes) -> None:  # noqa: N802 - RE2's name
        return None


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(.*a){10}z", r"(x+x+)+y"])
def test_what_hangs_backtracking_engines_is_quick(pattern: str) -> None:
    text = "a" * (256 * 1024 - 1) + "b"
    assert _quickest_ms(Pattern.compile(pattern), text) < 50


def test_two_hundred_patterns_on_a_long_prompt_are_quick() -> None:
    words = [f"{a}{b}{c}" for a in "bdfgkl" for b in "aeiou" for c in "mnprst"]
    patterns = PatternSet.compile([rf"(?i)\b{one}\s+(the\s+)?{one}ing\b" for one in (words * 2)[:200]])
    assert _quickest_ms(patterns, " ".join(words * 30)[: 16 * 1024]) < 2
