"""Frames survive the wire in any cut; other bytes are ``FrameError`` and nothing else."""

import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.generation import FinishReason, Sampling
from appliance.domain.prompts import ChatPrompt, Message
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import EngineFacts, EngineSpec, Failed, Finished, Free, Generate, Tokens
from appliance.workers.codec import decoder_from_child, decoder_to_child, encode
from appliance.workers.frames import (
    MAX_FRAME_BYTES,
    Cancel,
    Fatal,
    FrameError,
    Heartbeat,
    Load,
    Loading,
    PrepareChat,
    Prepared,
    PreparerReady,
    PrepareText,
    Refused,
    Step,
    Stop,
    Submit,
    WorkerReady,
)

TO_CHILD = (
    Load("worker", EngineSpec("fake", "/m", 64, 128, 2, options={"step_delay_ms": "1"}), 0.5),
    Submit(Generate(3, (1, 2), 5, Sampling(0.5, 1.0, 0, 0.0, seed=9), stop=("\n",), n=2, owner="p")),
    Cancel(3),
    PrepareChat(1, ChatPrompt((Message("user", "Schöne Grüße 🎓"),))),
    PrepareText(2, "Once"),
    Stop(),
)
FROM_CHILD = (
    PreparerReady(ModelShapes(1, 2, 3, 4, 5, 6, 7, (0, 8)), ("no-network",)),
    Loading(0.5),
    Heartbeat(None, 0.0, 0),
    Heartbeat(12.5, 30.0, 2**31),
    WorkerReady(EngineFacts("fake-1", 64, 128, 2, 8, 260), Free(128, 2), ()),
    Step((Tokens(3, 0, (7,), "x"), Finished(3, 0, FinishReason.STOP, "", 2, 0, 1, 0.5)), Free(9, 1)),
    Step((Failed(3, "replica_failed", "It died."),), Free(9, 1)),
    Prepared(1, (1, 2, 3)),
    Refused(1, "prompt_not_prepared", "No."),
    Fatal("No memory."),
)


@pytest.mark.parametrize(
    ("frames", "decoder"), [(TO_CHILD, decoder_to_child), (FROM_CHILD, decoder_from_child)]
)
@given(size=st.integers(1, 40))
def test_frames_come_out_as_they_went_in_however_the_bytes_are_cut(frames, decoder, size):
    data = b"".join(encode(frame) for frame in frames)
    reading = decoder()
    read = [frame for at in range(0, len(data), size) for frame in reading.feed(data[at : at + size])]
    assert tuple(read) == frames


def _fed(data: bytes) -> bool:
    for decoder in (decoder_from_child(), decoder_to_child()):
        try:
            decoder.feed(data)
        except FrameError:
            continue
    return True


@given(st.binary(max_size=300))
def test_random_bytes_give_nothing_but_frame_errors(data):
    assert _fed(data)


@given(st.binary(max_size=300))
def test_random_bodies_of_right_length_give_nothing_but_frame_errors(body):
    assert _fed(struct.pack(">I", len(body)) + body)


@given(st.sampled_from(TO_CHILD + FROM_CHILD), st.data())
def test_damaged_frames_give_nothing_but_frame_errors(frame, data):
    body = bytearray(encode(frame))
    at = data.draw(st.integers(4, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255))
    assert _fed(bytes(body))


@given(
    st.recursive(
        st.none()
        | st.integers(-(2**63), 2**64 - 1)
        | st.floats()
        | st.text(max_size=5)
        | st.binary(max_size=5),
        lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    )
)
def test_well_formed_msgpack_of_another_shape_gives_nothing_but_frame_errors(value):
    body = msgspec.msgpack.encode(value)
    assert _fed(struct.pack(">I", len(body)) + body)


@pytest.mark.parametrize(
    "body",
    [
        b"\x91" * 100_000,
        b"\x92\xa5fatal" + b"\x91" * 100_000,
        b"\x92\xa5fatal\xa2\xff\xfe",
        b"\x93\xa4stop\x01\x02",
        b"\x91\xa7unknown",
        b"",
    ],
    ids=["nested", "nested-in-fatal", "no-utf-8", "too-many-fields", "unknown-tag", "empty"],
)
def test_hostile_bodies_are_frame_errors(body):
    with pytest.raises(FrameError):
        decoder_from_child().feed(struct.pack(">I", len(body)) + body)


def test_a_frame_over_the_limit_is_refused_by_its_header_alone():
    with pytest.raises(FrameError, match="over the limit"):
        decoder_from_child().feed(struct.pack(">I", MAX_FRAME_BYTES + 1))


def test_a_frame_over_the_limit_is_not_sent():
    with pytest.raises(FrameError, match="over the limit"):
        encode(PrepareText(1, "x" * MAX_FRAME_BYTES))


def test_an_error_does_not_quote_what_was_in_the_frame():
    body = msgspec.msgpack.encode(["refused", "a secret prompt", "a secret prompt", "a secret prompt"])
    with pytest.raises(FrameError) as raised:
        decoder_from_child().feed(struct.pack(">I", len(body)) + body)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
