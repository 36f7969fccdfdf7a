"""`carrel sample key|open`: what a reviewer does on their own: the box never has their private key."""

import os
from pathlib import Path
from typing import Final

import msgspec

from appliance.cli.desk import Desk, expected
from appliance.domain.results.samples import KeyPairWritten, OpenedContent, SealedContent
from appliance.errors import BadRequest, Conflict, IntegrityFailed
from appliance.policy.sampling.content import Content
from appliance.trust.sealing import PrivateKey, make_key_pair


def key(_desk: Desk, *, out: str) -> KeyPairWritten:
    """Two files. Raises ``Conflict`` where one is there already, ``BadRequest`` where none can be written."""
    private, public = Path(out).absolute(), Path(f"{out}.pub").absolute()
    made = make_key_pair()
    _write(private, made.private, 0o600)
    _write(public, made.public, 0o644)
    return KeyPairWritten(
        id=PrivateKey.read(made.private).id,
        private=str(private),
        public=str(public),
        next_step=f"carrel sample key-add {public} --label NAME",
    )


def open_sample(desk: Desk, *, id: str, key: str) -> OpenedContent:
    """Raises ``NotFound``, ``BadRequest`` for no key, ``IntegrityFailed`` for another's."""
    private = PrivateKey.read(key)
    with desk.gateway() as gateway:
        fetched = expected(gateway.run("sample.fetch", {"id": id}), SealedContent)
    return opened(fetched, private)


def opened(fetched: SealedContent, private: PrivateKey) -> OpenedContent:
    """What this key can read of it. Raises ``IntegrityFailed``."""
    jwe = next((one.jwe for one in fetched.sealed if one.key == private.id), None)
    if jwe is None:
        raise IntegrityFailed("It is sealed to other keys than this one; see `carrel sample keys`.")
    try:
        content = msgspec.json.decode(private.open(jwe), type=Content)
    except msgspec.DecodeError as error:
        raise IntegrityFailed("What was sealed is no content of a request.") from error
    return OpenedContent(
        id=fetched.id, prompt=tuple(content.prompt), answers=tuple(content.answers), cut=content.cut
    )


def _write(path: Path, text: str, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Conflict(f"{path.name} is there already; choose another name.", param="out") from error
    except OSError as error:
        raise BadRequest(f"{path.name} cannot be written: {error.strerror}.", param="out") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


HANDLERS: Final = {"key": key, "open": open_sample}
