"""Keys of registries lie in a folder as PEM or JWK; everything else there is nobody's key."""

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.errors import ConfigInvalid, IntegrityFailed
from appliance.trust.box_key import BoxKey
from appliance.trust.registry_keys import RegistryKeys

PEM = serialization.Encoding.PEM
PUBLIC = serialization.PublicFormat.SubjectPublicKeyInfo


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    said: str


@pytest.fixture
def signer(tmp_path):
    return BoxKey.at(tmp_path / "private.pem")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "registry-keys"
    made.mkdir()
    return made


def public_pem(tmp_path):
    private = serialization.load_pem_private_key((tmp_path / "private.pem").read_bytes(), password=None)
    return private.public_key().public_bytes(PEM, PUBLIC)


@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_a_key_is_believed_in_both_forms(tmp_path, folder, signer, form):
    jwk = msgspec.json.encode({"kty": "OKP", "crv": "Ed25519", "x": signer.public.text, "use": "sig"})
    (folder / f"registry.{form}").write_bytes(public_pem(tmp_path) if form == "pem" else jwk)
    token = signer.sign("word", Word("yes"))
    assert RegistryKeys(folder).believed(token, "word", Word) == (Word("yes"), signer.public.id)
    with pytest.raises(IntegrityFailed):
        RegistryKeys(folder).believed(token, "lease+jwt", Word)


def test_one_of_several_keys_is_enough_and_a_removed_one_is_believed_no_more(tmp_path, folder, signer):
    other = Ed25519PrivateKey.generate().public_key().public_bytes(PEM, PUBLIC)
    (folder / "a.pem").write_bytes(other)
    (folder / "b.pem").write_bytes(public_pem(tmp_path))
    keys = RegistryKeys(folder)
    token = signer.sign("word", Word("yes"))
    assert keys.believed(token, "word", Word)[0] == Word("yes")
    (folder / "b.pem").unlink()
    with pytest.raises(IntegrityFailed, match="No key in the folder `registry-keys` has signed this"):
        keys.believed(token, "word", Word)


def test_without_a_key_nothing_is_believed_and_the_next_step_is_said(folder, signer):
    with pytest.raises(ConfigInvalid, match="folder `registry-keys` beside"):
        RegistryKeys(folder).believed(signer.sign("word", Word("yes")), "word", Word)
    assert RegistryKeys(folder / "none").keys() == []


def test_private_keys_other_kinds_and_rubbish_are_nobodys(tmp_path, folder):
    (folder / "private.pem").write_bytes((BoxKey.at(tmp_path / "p.pem"), tmp_path / "p.pem")[1].read_bytes())
    curve = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(PEM, PUBLIC)
    (folder / "curve.pem").write_bytes(curve)
    (folder / "rubbish.pem").write_bytes(b"\xff\x00")
    (folder / "rubbish.jwk").write_bytes(b'{"x": 5}')
    (folder / "short.jwk").write_bytes(b'{"x": "AA"}')
    (folder / "folder.pem").mkdir()
    assert RegistryKeys(folder).keys() == []
