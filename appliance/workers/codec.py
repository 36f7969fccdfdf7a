"""Frames to bytes and back. Whatever bytes come in, only a frame or ``FrameError`` comes out."""

from typing import Generic, TypeVar

import msgspec

from appliance.workers.frames import HEADER, MAX_FRAME_BYTES, FrameError, FromChild, ToChild

F = TypeVar("F")

_encoder = msgspec.msgpack.Encoder()


def encode(frame: FromChild | ToChild) -> bytes:
    """The frame with its length before it. Raises ``FrameError`` for one over ``MAX_FRAME_BYTES``."""
    body = _encoder.encode(frame)
    if len(body) > MAX_FRAME_BYTES:
        raise FrameError(f"a frame of {len(body)} bytes is over the limit of {MAX_FRAME_BYTES}")
    return HEADER.pack(len(body)) + body


class FrameDecoder(Generic[F]):
    """Cuts one direction's byte stream into frames."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[F]) -> None:
        self._decoder = decoder
        self._buffer = bytearray()

    def feed(self, data: bytes | bytearray | memoryview) -> list[F]:
        """The frames that are complete with these bytes. After ``FrameError`` the stream is of no use."""
        self._buffer += data
        frames: list[F] = []
        start = 0
        while (end := self._end_of_frame(start)) is not None:
            frames.append(self._decode(self._buffer[start + HEADER.size : end]))
            start = end
        del self._buffer[:start]
        return frames

    def _end_of_frame(self, start: int) -> int | None:
        """Where the frame at ``start`` ends, or None while it is not complete."""
        if len(self._buffer) - start < HEADER.size:
            return None
        (length,) = HEADER.unpack_from(self._buffer, start)
        if length > MAX_FRAME_BYTES:
            raise FrameError(f"a frame of {length} bytes is over the limit of {MAX_FRAME_BYTES}")
        end: int = start + HEADER.size + length
        return end if end <= len(self._buffer) else None

    def _decode(self, body: bytearray) -> F:
        try:
            return self._decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            # The decoder's own message can quote a value, and a value can be a prompt.
            raise FrameError(f"{len(body)} bytes are no frame ({type(error).__name__})") from None


def decoder_from_child() -> FrameDecoder[FromChild]:
    """For what the gateway reads."""
    return FrameDecoder(msgspec.msgpack.Decoder(FromChild))


def decoder_to_child() -> FrameDecoder[ToChild]:
    """For what a child reads."""
    return FrameDecoder(msgspec.msgpack.Decoder(ToChild))
