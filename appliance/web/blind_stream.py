"""An answer of a vote as a stream: in the shape of the API's chunks, without anything that says which model
it was. Counts and times are left out too, since the smaller one gives itself away by them.
"""

from collections.abc import AsyncGenerator
from typing import Final

import msgspec

from appliance.domain.generation import Waiting
from appliance.edge.errors import error_json
from appliance.errors import CarrelError
from appliance.web.answers import Answer, Said
from appliance.web.unnamed import unnamed

DONE: Final = b"data: [DONE]\n\n"


class _Delta(msgspec.Struct, frozen=True, omit_defaults=True):
    content: str = ""
    reasoning_content: str = ""


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta
    index: int = 0


class _Chunk(msgspec.Struct, frozen=True):
    choices: tuple[_Choice, ...]


async def blind_stream(answer: Answer, model: str, request_id: str) -> AsyncGenerator[bytes, None]:
    """Server-sent events; an error is the last of them."""
    try:
        async for piece in answer:
            match piece:
                case Waiting(position=position):
                    yield f": queue position={position}\n\n".encode()
                case Said():
                    yield _event(piece)
        yield DONE
    except CarrelError as error:
        yield b"data: " + error_json(unnamed(error, model), request_id) + b"\n\n"


def _event(said: Said) -> bytes:
    delta = _Delta(reasoning_content=said.text) if said.thought else _Delta(content=said.text)
    return b"data: " + msgspec.json.encode(_Chunk((_Choice(delta),))) + b"\n\n"
