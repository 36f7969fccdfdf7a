"""However a stream is cut into pieces, the same data come out."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.outbound.events import EventReader, TooLarge

STREAM = (
    b": a comment\r\nevent: x\nid: 7\ndata: one\n\n"
    b"data:two\r\ndata: lines\r\n\r\n\n\nretry: 5\n\ndata\n\ndata: last"
)


def read(*pieces: bytes, line_bytes: int = 100, stream_bytes: int = 1000) -> list[bytes]:
    reader = EventReader(line_bytes=line_bytes, stream_bytes=stream_bytes)
    return [data for piece in pieces for data in reader.feed(piece)]


@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=10))
def test_the_data_of_whole_events_come_out(cuts):
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in itertools.pairwise(places)]
    assert read(*pieces) == [b"one", b"two\nlines", b""]


@pytest.mark.parametrize(
    "pieces",
    [
        [b"x" * 101],
        [b"data: " + b"x" * 101 + b"\n\n"],
        [b"data: " + b"x" * 60 + b"\n"] * 2,
        [b": ping\n\n"] * 200,
    ],
)
def test_a_line_an_event_or_a_stream_that_is_too_long_is_refused(pieces):
    with pytest.raises(TooLarge):
        read(*pieces)
