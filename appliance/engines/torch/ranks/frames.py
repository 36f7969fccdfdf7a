"""What rank 0 and the other ranks say to each other, over a socket pair each.

Commands go out, ``Open`` is answered; what a pass computes does not go this way. A frame is a 4-byte
big-endian length and that many bytes of msgpack.
"""

import socket
import struct
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from appliance.engines.base import EngineSpec
from appliance.engines.torch.computing import Pass

MAX_FRAME_BYTES: Final = 2**30
_LENGTH: Final = struct.Struct(">I")
_Cells = tuple[Annotated[int, Meta(ge=0, lt=2**31)], ...]


class _Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True, tag=str.lower):
    pass


class Open(_Frame, frozen=True):
    """Load your part. Answered by ``Loaded`` or ``Refused``."""

    spec: EngineSpec
    rank: Annotated[int, Meta(ge=1, lt=64)]


class Meet(_Frame, frozen=True):
    """All have loaded: connect to each other."""


class Compute(_Frame, frozen=True):
    """Take your part in a pass."""

    step: Pass


class Copy(_Frame, frozen=True):
    """See ``Computer.copy``."""

    sources: _Cells
    targets: _Cells


class Close(_Frame, frozen=True):
    """Exit."""


ToRank = Open | Meet | Compute | Copy | Close


class Loaded(_Frame, frozen=True):
    """The part is there."""

    weight_bytes: Annotated[int, Meta(ge=0)]
    cache_bytes: Annotated[int, Meta(ge=0)]


class Refused(_Frame, frozen=True):
    """It cannot be, for a reason that is meant for the operator."""

    message: str


FromRank = Loaded | Refused


class Gone(Exception):
    """The other end is closed."""


class Channel:
    """One end. Blocks."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._file = sock.makefile("rb")
        self._encoder = msgspec.msgpack.Encoder()
        self._commands = msgspec.msgpack.Decoder(ToRank)
        self._answers = msgspec.msgpack.Decoder(FromRank)

    def send(self, frame: ToRank | FromRank) -> None:
        """Raises ``Gone``."""
        self.send_encoded(self.encoded(frame))

    def encoded(self, frame: ToRank | FromRank) -> bytes:
        """For several ``send_encoded``."""
        body = self._encoder.encode(frame)
        return _LENGTH.pack(len(body)) + body

    def send_encoded(self, data: bytes) -> None:
        """Raises ``Gone``."""
        try:
            self._socket.sendall(data)
        except ConnectionError as error:
            raise Gone from error

    def command(self) -> ToRank:
        """Wait for one. Raises ``Gone``."""
        command: ToRank = self._commands.decode(self._body())
        return command

    def answer(self) -> FromRank:
        """Wait for one. Raises ``Gone``."""
        answer: FromRank = self._answers.decode(self._body())
        return answer

    def close(self) -> None:
        """The other end is told so."""
        self._file.close()
        self._socket.close()

    def _body(self) -> bytes:
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > MAX_FRAME_BYTES:
            raise ValueError(f"a frame of {length} bytes")
        return self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        try:
            data = self._file.read(count)
        except ConnectionError as error:
            raise Gone from error
        if len(data) < count:
            raise Gone
        return data
