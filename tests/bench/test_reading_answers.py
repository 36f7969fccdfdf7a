"""From bytes and moments to TTFT, ITL, TPOT and E2EL."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.bench.framing import BadFraming, unframed
from appliance.bench.measures import Answered
from appliance.bench.reading import Piece, Received, read_answer
from tests.bench.fake_server import HEAD, answer, event, framed, text, usage


def received(*timed: tuple[float, bytes], status: int = 200) -> Received:
    return Received(100.0, status, [Piece(at_s, data) for at_s, data in timed])


ROLE = event({"choices": [{"delta": {"role": "assistant", "content": None}}]})


def test_the_times_are_those_of_vllm():
    found = read_answer(
        received(
            (100.1, ROLE),
            (100.2, event(text("a"))),
            (100.3, event(text("b"))),
            (100.5, event(text("c"))),
            (100.6, event(usage(9, 5)) + event(b"[DONE]")),
        )
    )
    assert found.error == ""
    assert found.ttft_ms == pytest.approx(200)
    assert found.itl_ms == pytest.approx((100, 200))
    assert found.e2el_ms == pytest.approx(600)
    assert found.tpot_ms == pytest.approx((600 - 200) / 4)
    assert (found.prompt_tokens, found.output_tokens) == (9, 5)


def test_an_answer_of_one_token_has_no_tpot():
    found = read_answer(received((100.2, event(text("a")) + event(usage(9, 1)))))
    assert (found.tpot_ms, found.itl_ms, found.error) == (None, (), "")


def test_comments_carriage_returns_and_text_that_was_thought_are_understood():
    thought = {"choices": [{"delta": {"content": None, "reasoning_content": "hm"}}]}
    stream = b": waiting, 3 before you\r\n\r\n" + event(thought).replace(b"\n", b"\r\n") + event(usage(1, 2))
    found = read_answer(received((100.1, stream)))
    assert (found.error, found.output_tokens) == ("", 2)


@pytest.mark.parametrize(
    ("stream", "error"),
    [
        (event(text("a")), "no usage"),
        (event(usage(1, 1)), "no text"),
        (event(text("a")) + event({"error": {"message": "the worker died"}}), "the worker died"),
        (b"<html>\n\n", "no text"),
        (event(b"{not json"), "no stream of OpenAI"),
        (event(b'{"usage": 3}'), "no stream of OpenAI"),
        (b"", "no text"),
    ],
)
def test_what_is_no_full_answer_is_an_error(stream, error):
    assert error in read_answer(received((100.1, stream))).error


def test_a_refusal_tells_the_status_and_the_message():
    body = json.dumps({"error": {"message": "the queue is full"}}).encode()
    assert read_answer(received((100.1, body), status=429)).error == "HTTP 429: the queue is full"
    assert read_answer(received((100.1, b"<html>"), status=502)).error == "HTTP 502"


def test_an_answer_that_never_came_keeps_its_reason():
    assert read_answer(Received(1.0, 0, (), "refused")) == Answered(error="refused")


@given(st.lists(st.integers(1, 60), max_size=40))
def test_the_answer_is_the_same_wherever_the_network_cuts_it(cuts):
    raw = answer(5)
    edges = sorted(
        {0, len(raw), *(sum(cuts[: n + 1]) for n in range(len(cuts)) if sum(cuts[: n + 1]) < len(raw))}
    )
    pieces = [Piece(100.0 + n, raw[a:b]) for n, (a, b) in enumerate(itertools.pairwise(edges))]
    status, body = unframed(pieces)
    assert b"".join(piece.data for piece in body) == b"".join(
        piece.data for piece in unframed([Piece(1.0, raw)])[1]
    )
    found = read_answer(Received(99.0, status, body))
    assert (found.error, found.output_tokens, len(found.itl_ms)) == ("", 5, 4)


def test_the_moment_of_a_chunk_is_that_of_its_last_byte():
    first, second = framed(event(text("a"))), framed(event(text("b")))
    pieces = [
        Piece(1.0, HEAD + first[:10]),
        Piece(2.0, first[10:] + second[:5]),
        Piece(3.0, second[5:] + b"0\r\n\r\n"),
    ]
    assert [piece.at_s for piece in unframed(pieces)[1] if piece.data] == [2.0, 3.0]


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200 OK\r\n", b"SSH-2.0-x\r\n\r\n", HEAD, HEAD + b"zz\r\n", answer(3)[:-9]]
)
def test_what_is_cut_off_or_no_http_is_told_apart(raw):
    with pytest.raises(BadFraming):
        unframed([Piece(1.0, raw)])


def test_a_body_without_chunks_is_taken_as_it_is():
    status, pieces = unframed([Piece(1.0, b"HTTP/1.1 429 Too Many\r\ncontent-length: 2\r\n\r\n{}")])
    assert (status, b"".join(piece.data for piece in pieces)) == (429, b"{}")
