"""Sealed content is opened by one private key, and by nothing that is on the box."""

import msgspec
import pytest

from appliance.errors import BadRequest, IntegrityFailed
from appliance.trust.sealing import PrivateKey, SealingKey, make_key_pair

PAIR = make_key_pair()


def test_what_is_sealed_is_opened_by_the_private_half():
    key = SealingKey.read(PAIR.public)
    sealed = key.seal(b"what was said")
    assert b"what was said" not in sealed.encode()
    private = PrivateKey.read(PAIR.private)
    assert private.id == key.id
    assert private.open(sealed) == b"what was said"
    assert key.seal(b"x") != key.seal(b"x")


def test_another_key_or_a_changed_seal_opens_nothing():
    sealed = SealingKey.read(PAIR.public).seal(b"what was said")
    with pytest.raises(IntegrityFailed):
        PrivateKey.read(make_key_pair().private).open(sealed)
    parts = sealed.split(".")
    parts[3] = ("A" if parts[3][0] != "A" else "B") + parts[3][1:]
    with pytest.raises(IntegrityFailed):
        PrivateKey.read(PAIR.private).open(".".join(parts))
    with pytest.raises(IntegrityFailed):
        PrivateKey.read(PAIR.private).open("no.jwe")


def test_the_box_takes_no_private_key():
    with pytest.raises(BadRequest, match="private half"):
        SealingKey.read(PAIR.private)
    with pytest.raises(BadRequest, match="public half only"):
        PrivateKey.read(PAIR.public)


@pytest.mark.parametrize(
    "changes", [{"kty": "EC"}, {"crv": "Ed25519"}, {"x": "AAAA"}, {"x": "!"}, {"x": "ä"}, {"extra": "1"}]
)
def test_another_kind_of_key_is_refused(changes):
    jwk = msgspec.json.decode(PAIR.public.encode()) | changes
    with pytest.raises(BadRequest):
        SealingKey.read(msgspec.json.encode(jwk).decode())


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", "\ud800"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(BadRequest):
        SealingKey.read(text)
    with pytest.raises(BadRequest):
        PrivateKey.read(text)
