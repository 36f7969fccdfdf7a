"""From the bytes of an answer and the moments they came to what is measured of it. Pure.

Nothing is read while requests run: two hundred streams would then wait for the one who measures them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import msgspec

from appliance.bench.chat import Chunk, Usage
from appliance.bench.measures import Answered

_DONE: Final = b"[DONE]"
_OK: Final = 200
_EVENT_END: Final = b"\n\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a body with the moment they came, in s of a monotonic clock."""

    at_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """Everything that came back for a request; ``error`` says why nothing or not all of it did."""

    sent_s: float
    status: int
    pieces: Sequence[Piece]
    error: str = ""


def read_answer(received: Received, *, assumed_tokens: int | None = None) -> Answered:
    """The times and counts of one request, or the reason why it has none.

    ``assumed_tokens`` counts for an answer that was cut for its length by a server that sends no usage.
    """
    if received.error:
        return Answered(error=received.error)
    if received.status != _OK:
        return Answered(error=_refusal(received))
    try:
        chunks = [(at_s, _DECODER.decode(data)) for at_s, data in _events(received.pieces) if data != _DONE]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Answered(error="the answer is no stream of OpenAI's chat completions")
    return _measured(received.sent_s, chunks, assumed_tokens)


def _measured(sent_s: float, chunks: Sequence[tuple[float, Chunk]], assumed_tokens: int | None) -> Answered:
    failed = next((chunk.error.message for _, chunk in chunks if chunk.error is not None), None)
    if failed is not None:
        return Answered(error=f"ended by the server: {failed}")
    texts = [at_s for at_s, chunk in chunks if chunk.has_text]
    usage = next((chunk.usage for _, chunk in reversed(chunks) if chunk.usage is not None), None)
    if usage is None and assumed_tokens is not None and any(chunk.is_cut for _, chunk in chunks):
        usage = Usage(prompt_tokens=0, completion_tokens=assumed_tokens)
    if not texts or usage is None:
        return Answered(error="the answer has no text" if not texts else "the answer has no usage")
    return Answered(
        ttft_ms=(texts[0] - sent_s) * 1000,
        e2el_ms=(chunks[-1][0] - sent_s) * 1000,
        itl_ms=tuple((after - before) * 1000 for before, after in pairwise(texts)),
        prompt_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
    )


def _events(pieces: Iterable[Piece]) -> Iterator[tuple[float, bytes]]:
    """The data of each server-sent event with the moment its end came; comments are left out."""
    rest = b""
    for piece in pieces:
        *events, rest = (rest + piece.data).replace(b"\r\n", b"\n").split(_EVENT_END)
        for event in events:
            data = b"\n".join(_data_lines(event))
            if data:
                yield piece.at_s, data


def _data_lines(event: bytes) -> Iterator[bytes]:
    for line in event.split(b"\n"):
        if line.startswith(b"data:"):
            yield line[5:].strip()


def _refusal(received: Received) -> str:
    body = b"".join(piece.data for piece in received.pieces)
    try:
        error = _DECODER.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = None
    return f"HTTP {received.status}" + (f": {error.message}" if error is not None else "")


_DECODER: Final = msgspec.json.Decoder(Chunk)
