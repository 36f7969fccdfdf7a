"""Writes the two files: whole or not at all, never larger than they are read."""

import os
import secrets
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import ConfigInvalid, StorageUnavailable
from appliance.federation.bundling.shapes import FACTS, MAILBOX, MIRROR, BoxFacts
from appliance.federation.protocol.limits import BUNDLE_BYTES, BUNDLE_FILES
from appliance.federation.protocol.replies import Problem, Reply

_SPARE_FILES: Final = 16


@dataclass(frozen=True, slots=True)
class Written:
    """``messages`` are in it; more than fit are left for the next one."""

    messages: int
    size_bytes: int


def write_outgoing(path: Path, messages: Iterable[tuple[str, str]], facts: BoxFacts) -> Written:
    """``messages`` as (jti, token), in order. Raises ``ConfigInvalid``, ``StorageUnavailable``."""
    count = 0
    with _making(path) as tar:
        tar.add(FACTS, msgspec.json.encode(facts))
        for jti, token in messages:
            if not tar.add(f"outbox/{count + 1}-{jti}.jws", token.encode("ascii")):
                break
            count += 1
    return Written(count, path.stat().st_size)


def write_incoming(
    path: Path, replies: Iterable[tuple[str, Reply | Problem]], mailbox: Reply | None, mirror: Path | None
) -> Written:
    """``replies`` by the ``jti`` of their messages; ``mirror`` is the folder of the catalog. Raises
    ``ConfigInvalid``, ``StorageUnavailable`` also where it does not fit.
    """
    count = 0
    with _making(path) as tar:
        if mirror is not None:
            _put_mirror(tar, mirror)
        if mailbox is not None:
            _whole(tar, MAILBOX, msgspec.json.encode(mailbox))
        for jti, reply in replies:
            _whole(tar, f"replies/{jti}.json", msgspec.json.encode(reply))
            count += 1
    return Written(count, path.stat().st_size)


class _Tar:
    """``add`` says whether it still fitted."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._left_bytes = BUNDLE_BYTES
        self._left_files = BUNDLE_FILES - _SPARE_FILES

    def add(self, name: str, content: bytes) -> bool:
        if len(content) > self._left_bytes or not self._left_files:
            return False
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o644
        self._tar.addfile(member, BytesIO(content))
        self._left_bytes -= len(content)
        self._left_files -= 1
        return True


def _put_mirror(tar: _Tar, mirror: Path) -> None:
    for source in sorted(mirror.rglob("*")):
        if source.is_file() and not source.is_symlink():
            _whole(tar, f"{MIRROR}/{source.relative_to(mirror).as_posix()}", source.read_bytes())


def _whole(tar: _Tar, name: str, content: bytes) -> None:
    if not tar.add(name, content):
        raise StorageUnavailable("That is more than a stick's file may hold; carry it in two.")


@contextmanager
def _making(path: Path) -> Iterator[_Tar]:
    fresh = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:", format=tarfile.PAX_FORMAT) as tar:
                yield _Tar(tar)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a name that it cannot hold"
        raise ConfigInvalid(f"{path.name} cannot be written ({reason}).", param="to") from error
    finally:
        fresh.unlink(missing_ok=True)
