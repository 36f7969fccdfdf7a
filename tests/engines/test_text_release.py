"""Text is released whole and early, whatever the tokens look like."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.engines.scheduler.text import TextRelease

FEW = st.text("abé日🜁", max_size=40)
STOPS = st.lists(st.text("abé日🜁", min_size=1, max_size=5), max_size=4)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    """``data`` in pieces, some of them empty."""
    edges = [0, *sorted(min(edge, len(data)) for edge in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def before_first_stop(text: str, stops: list[str]) -> str:
    """By the definition: the stop string that is complete first, of several the longest."""
    ends = [(text.index(stop) + len(stop), text.index(stop)) for stop in stops if stop in text]
    return text[: min(ends)[1]] if ends else text


def release(pieces: list[bytes], stops: list[str]) -> tuple[str, bool]:
    releasing = TextRelease(stops)
    text = ""
    for piece in pieces:
        text += releasing.feed(piece)
        if releasing.stopped:
            break
    return text + releasing.flush(), releasing.stopped


@given(FEW, STOPS, st.lists(st.integers(0, 150), max_size=30))
@example("aab", ["ab", "aab"], [1, 2])
@example("ababac", ["abac"], [])
def test_text_ends_before_the_first_stop_string_however_tokens_cut_it(text, stops, cuts):
    released, stopped = release(cut(text.encode(), cuts), stops)

    assert released == before_first_stop(text, stops)
    assert stopped == any(stop in text for stop in stops)


@given(st.binary(max_size=40), st.lists(st.integers(0, 40), max_size=20))
def test_any_bytes_become_the_text_they_are_as_a_whole(data, cuts):
    assert release(cut(data, cuts), [])[0] == data.decode(errors="replace")
    assert release(cut(data, cuts), ["never in it"])[0] == data.decode(errors="replace")


@given(FEW, STOPS)
def test_no_more_is_held_back_than_the_start_of_a_stop_string(text, stops):
    releasing = TextRelease(stops)
    released = ""
    for end, character in enumerate(text, start=1):
        released += releasing.feed(character.encode())
        if releasing.stopped:
            return
        held = text[len(released) : end]
        assert not held or any(stop.startswith(held) for stop in stops)


@given(FEW, STOPS)
def test_text_and_the_stop_string_told_are_the_beginning_of_all(text, stops):
    releasing = TextRelease(stops)
    shown = "".join(map(releasing.feed, cut(text.encode(), list(range(len(text.encode()))))))
    assert releasing.stopped == bool(releasing.stop)
    if releasing.stopped:
        assert text.startswith(shown + releasing.stop)
        assert releasing.stop in stops


def test_nothing_is_released_after_a_stop():
    releasing = TextRelease(["b"])
    assert releasing.feed(b"ab") == "a"

    assert releasing.feed(b"cd") == ""
    assert releasing.flush() == ""


def test_a_replacement_character_at_the_end_can_complete_a_stop_string():
    releasing = TextRelease(["x\N{REPLACEMENT CHARACTER}"])
    assert releasing.feed(b"ax\xe6") == "a"

    assert releasing.flush() == ""


@pytest.mark.parametrize("length", [2_000])
def test_a_long_stop_string_costs_no_more_than_its_length(length):
    releasing = TextRelease(["a" * length + "b"])
    shown = sum(len(releasing.feed(b"a")) for _ in range(10 * length))

    assert shown == 9 * length
