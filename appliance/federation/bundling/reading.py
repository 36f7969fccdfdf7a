"""Reads a tar that a stranger may have made: bounded, plain files under plain names, one after the other.

Nothing is unpacked but the catalog, and that only into a folder of ours.
"""

import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

from appliance.errors import BadRequest, ConfigInvalid, StorageUnavailable
from appliance.federation.bundling.shapes import (
    FACTS,
    FACTS_BYTES,
    MAILBOX,
    MESSAGE,
    MIRROR,
    NAME,
    REPLY,
    BoxFacts,
)
from appliance.federation.protocol.limits import BUNDLE_BYTES, BUNDLE_FILES, MESSAGE_BYTES, REPLY_BYTES
from appliance.federation.protocol.replies import Problem, Reply

Shape = TypeVar("Shape", bound=msgspec.Struct)
_PLAIN: Final = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE})
_PADDING: Final = 2**20
"""Headers and filling of a tar, beside what is in it."""
_PIECE_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Message:
    """One signed message; ``jti`` as its name says, which nothing rests on."""

    jti: str
    token: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a box has written."""

    facts: BoxFacts
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a registry has answered, by the message's ``jti``. ``has_mirror``: the catalog was there, and lies
    in the folder that was given.
    """

    replies: dict[str, Reply | Problem] = field(default_factory=dict)
    mailbox: Reply | None = None
    has_mirror: bool = False


def read_outgoing(path: Path) -> Outgoing:
    """Raises ``ConfigInvalid`` where it cannot be read, ``BadRequest`` for what no box writes."""
    facts: BoxFacts | None = None
    messages: list[Message] = []
    for name, size, file in _members(path):
        if name == FACTS:
            facts = _decoded(file, size, FACTS_BYTES, BoxFacts)
        elif found := MESSAGE.match(name):
            messages.append(Message(found[1], _token(file, size)))
        else:
            raise _strange("something that no box writes")
    if facts is None:
        raise _strange(f"no {FACTS}")
    return Outgoing(facts, tuple(messages))


def read_incoming(path: Path, mirror: Path) -> Incoming:
    """The catalog is written below ``mirror``, which is empty. Raises ``ConfigInvalid``, ``BadRequest``,
    ``StorageUnavailable``.
    """
    found = Incoming()
    mailbox: Reply | None = None
    has_mirror = False
    for name, size, file in _members(path):
        if name == MAILBOX:
            mailbox = _decoded(file, size, REPLY_BYTES, Reply)
        elif reply := REPLY.match(name):
            found.replies[reply[1]] = _answer(file, size)
        elif name.startswith(f"{MIRROR}/"):
            _keep(mirror / name.removeprefix(f"{MIRROR}/"), file, size)
            has_mirror = True
        else:
            raise _strange("something that no registry writes")
    return Incoming(found.replies, mailbox, has_mirror)


def _members(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name, size in bytes and content of each file."""
    seen: set[str] = set()
    left = BUNDLE_BYTES
    with _opened(path) as tar:
        for count, member in enumerate(tar, 1):
            if count > BUNDLE_FILES:
                raise _strange(f"more than {BUNDLE_FILES} files")
            _check(member, seen)
            left -= member.size
            if left < 0:
                raise _strange(f"more than {BUNDLE_BYTES} bytes")
            file = tar.extractfile(member)
            if file is None:
                raise _strange("something that is no file")
            yield member.name, member.size, file


def _check(member: tarfile.TarInfo, seen: set[str]) -> None:
    if member.type not in _PLAIN or member.issparse():
        raise _strange("a link, a folder or something else that is no plain file")
    parts = member.name.split("/")
    if not NAME.match(member.name) or {".", ".."} & set(parts):
        raise _strange("a name that is not plain")
    if member.name in seen:
        raise _strange("the same name twice")
    seen.add(member.name)


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    """Never compressed: what is not there cannot inflate."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        raise ConfigInvalid(f"{path.name} cannot be read ({error.strerror}).", param="file") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > BUNDLE_BYTES + _PADDING + 2048 * BUNDLE_FILES:
            raise _strange("no file, or one that is too large")
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                yield tar
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise _strange("no tar, or a damaged one") from error
        except OSError as error:
            raise ConfigInvalid(f"{path.name} cannot be read ({error.strerror}).", param="file") from error


def _read(file: IO[bytes], size: int, most: int) -> bytes:
    if size > most:
        raise _strange("a file that is larger than its kind may be")
    return _piece(file, size)


def _piece(file: IO[bytes], size: int) -> bytes:
    """The library reads when it is asked to, so it finds out only then what is missing."""
    try:
        raw = file.read(size)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise _strange("a file that is cut short") from error
    if len(raw) != size:
        raise _strange("a file that is cut short")
    return raw


def _token(file: IO[bytes], size: int) -> str:
    raw = _read(file, size, MESSAGE_BYTES + 1)
    if not raw.isascii():
        raise _strange("a message that is no text")
    return raw.decode("ascii").strip()


def _decoded(file: IO[bytes], size: int, most: int, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(_read(file, size, most), type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _strange("a file of another shape than its kind") from error


def _answer(file: IO[bytes], size: int) -> Reply | Problem:
    raw = _read(file, size, REPLY_BYTES)
    try:
        return msgspec.json.decode(raw, type=Reply)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return msgspec.json.decode(raw, type=Problem)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _strange("an answer of another shape than answers have") from error


def _keep(path: Path, file: IO[bytes], size: int) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            while size > 0:
                size -= out.write(_piece(file, min(size, _PIECE_BYTES)))
    except OSError as error:
        raise StorageUnavailable(f"The catalog of the stick cannot be written ({error.strerror}).") from error


def _strange(what: str) -> BadRequest:
    return BadRequest(f"The file is not taken: there is {what} in it.", param="file")
