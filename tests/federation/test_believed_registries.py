"""Whom the box believes: its registry for what each key may sign, and keys that an operator has put there."""

import pytest
from cryptography.hazmat.primitives import serialization
from joserfc.jwk import OKPKey

from appliance.errors import ConfigInvalid, IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.statements import LeaseClaims, StatusList
from appliance.services.federation.believing import BelievedRegistries
from appliance.trust.box_key import BoxKey
from appliance.trust.registry_keys import RegistryKeys
from tests.federation.made import lease, listed, new_key


class Disk:
    def __init__(self):
        self.kept = ()

    async def keys(self):
        return self.kept

    async def keep_keys(self, keys):
        self.kept = tuple(keys)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "registry-keys"
    made.mkdir()
    return made


@pytest.fixture
def registries(folder):
    return BelievedRegistries(Disk(), RegistryKeys(folder))


def by_hand(folder):
    private = OKPKey.generate_key("Ed25519")
    pem = private.raw_value.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "registry.pem").write_bytes(pem)
    return BoxKey(private)


async def test_a_key_is_believed_for_what_it_is_listed_for(registries):
    signs, status = new_key(), new_key()
    await registries.replace([listed(signs), listed(status, "status")])
    token = signs.sign(kinds.LEASE, lease(new_key()))
    assert registries.believed(token, kinds.LEASE, LeaseClaims)[1] == signs.public.id
    with pytest.raises(IntegrityFailed):
        registries.believed(status.sign(kinds.LEASE, lease(new_key())), kinds.LEASE, LeaseClaims)
    with pytest.raises(IntegrityFailed):
        registries.believed(signs.sign(kinds.STATUS_LIST, lease(new_key())), kinds.STATUS_LIST, StatusList)


async def test_keys_by_hand_count_beside_those_of_the_registry(registries, folder):
    signs, other = new_key(), by_hand(folder)
    await registries.replace([listed(signs)])
    for key in (signs, other):
        token = key.sign(kinds.LEASE, lease(new_key()))
        assert registries.believed(token, kinds.LEASE, LeaseClaims)[1] == key.public.id
    both = registries.keys()
    assert {one.id for one in both} == {signs.public.id, other.public.id}


async def test_a_key_that_is_listed_no_more_is_believed_no_more(registries):
    old, new = new_key(), new_key()
    await registries.replace([listed(old)])
    await registries.replace([listed(new)])
    with pytest.raises(IntegrityFailed):
        registries.believed(old.sign(kinds.LEASE, lease(new_key())), kinds.LEASE, LeaseClaims)


async def test_without_any_key_the_box_says_what_to_do(registries):
    await registries.load()
    with pytest.raises(ConfigInvalid, match="registry-keys"):
        registries.believed(new_key().sign(kinds.LEASE, lease(new_key())), kinds.LEASE, LeaseClaims)
