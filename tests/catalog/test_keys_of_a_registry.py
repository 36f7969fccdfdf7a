"""The list of a registry's keys in its catalog: believed from the catalog's own list alone, fresh or not."""

import pytest

from appliance.catalog.publishing.listing import list_registry_keys
from appliance.catalog.signed.mirror import CatalogMirrors
from appliance.catalog.signed.names import KEYS_BYTES, REGISTRY_KEYS, KeysTarget, role_of, why_not
from appliance.errors import BadRequest
from tests.catalog.signed_catalogs import Box, Standing

KEYS = b'{"keys":[],"registry":"lab","v":1}'


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    def prepare(keeper):
        list_registry_keys(keeper.delegate().work, KEYS)

    return Standing(tmp_path_factory.mktemp("standing"), prepare)


@pytest.fixture
def both(standing, tmp_path):
    return standing.copied_to(tmp_path)


def test_the_keys_come_with_a_refresh_as_they_were_listed(both):
    _, box = both
    assert box.catalogs.registry_keys("lab") == KEYS
    assert box.catalogs.registry_keys("other") is None


def test_keys_of_a_catalog_that_has_expired_are_still_believed(both):
    _, box = both
    box.clock.days = 500
    assert box.catalogs.registry_keys("lab") == KEYS


def test_keys_of_a_catalog_that_cannot_be_verified_are_not_believed(both):
    _, box = both
    chain = box.folders.cache / "lab" / "chain"
    chain.write_bytes(chain.read_bytes()[:-100])
    assert box.catalogs.registry_keys("lab") is None


def test_keys_that_an_organization_lists_do_not_count(both):
    keeper, box = both
    work = keeper.work
    with work.edit_targets() as targets:
        del targets.targets[REGISTRY_KEYS]
    with work.edit_targets(role_of("uni")) as targets:
        targets.targets[REGISTRY_KEYS] = work.put_file(REGISTRY_KEYS, b'{"keys":["theirs"]}')
    work.settle()
    keeper.publish()
    box.refresh()
    assert box.catalogs.registry_keys("lab") is None


def test_new_keys_take_the_place_of_the_old_and_the_same_ones_change_nothing(both):
    keeper, box = both
    version = keeper.work.targets().version
    assert not list_registry_keys(keeper.work, KEYS)
    assert keeper.work.targets().version == version
    assert list_registry_keys(keeper.work, KEYS + b"\n")
    keeper.publish()
    box.refresh()
    assert box.catalogs.registry_keys("lab") == KEYS + b"\n"


def test_a_list_of_keys_that_no_box_would_read_is_refused(both):
    keeper, _ = both
    with pytest.raises(BadRequest, match="larger"):
        list_registry_keys(keeper.work, b" " * (KEYS_BYTES + 1))


def test_a_mirror_made_by_a_box_carries_the_keys(both, tmp_path):
    keeper, box = both
    for path, raw in CatalogMirrors(box.folders).mirror_of("lab"):
        (tmp_path / "stick" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "stick" / path).write_bytes(raw)
    other = Box(tmp_path / "other", offline=True).trust(keeper, prefix="")
    other.refresh(mirror=tmp_path / "stick")
    assert other.catalogs.registry_keys("lab") == KEYS


@pytest.mark.parametrize(("role", "counts"), [("targets", True), ("org.uni", False)])
def test_only_the_catalogs_own_role_speaks_of_the_registrys_keys(role, counts):
    assert (why_not(KeysTarget(REGISTRY_KEYS), role, "lab.") == "") is counts
