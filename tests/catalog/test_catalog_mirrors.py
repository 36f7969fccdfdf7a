"""What a box verified of a catalog convinces another box that trusts it too, from a folder alone."""

import pytest

from appliance.catalog.signed.mirror import CatalogMirrors
from appliance.errors import IntegrityFailed
from tests.catalog.signed_catalogs import Box, Keeper


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path / "lab").delegate().add("tiny", text="Be kind.").add("uni.own", org="uni")
    keeper.publish()
    return keeper


@pytest.fixture
def box(tmp_path, keeper):
    box = Box(tmp_path / "box").trust(keeper)
    assert box.refresh().outcome == "refreshed"
    return box


def written(box, folder):
    for path, raw in CatalogMirrors(box.folders).mirror_of("lab"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
    return folder


def test_another_box_gets_the_same_recipes_from_it(tmp_path, keeper, box):
    other = Box(tmp_path / "other", offline=True).trust(keeper, prefix="")
    outcome = other.refresh(mirror=written(box, tmp_path / "stick"))
    assert set(outcome.came) == {"tiny 1", "uni.own 1"}
    assert other.recipes() == box.recipes()
    assert {path.read_text() for path in other.folders.texts.iterdir()} == {"Be kind.", "Be fair."}


def test_it_leads_from_the_first_root_to_one_that_came_later(tmp_path, keeper, box):
    keeper.sign("root", rotating=True)
    keeper.sign().publish()
    box.refresh()
    other = Box(tmp_path / "other", offline=True).trust(keeper, prefix="")
    assert other.refresh(mirror=written(box, tmp_path / "stick")).outcome == "refreshed"
    assert other.recipes() == box.recipes()


def test_a_box_that_trusts_another_root_is_not_convinced(tmp_path, box):
    stranger = Keeper(tmp_path / "stranger").add("tiny")
    stranger.publish()
    other = Box(tmp_path / "other", offline=True).trust(stranger, prefix="")
    assert other.refresh(mirror=written(box, tmp_path / "stick")).outcome == "refused"


def test_a_catalog_that_is_not_trusted_or_never_came_has_nothing_to_show(tmp_path, keeper, box):
    assert CatalogMirrors(box.folders).mirror_of("nothing") == ()
    fresh = Box(tmp_path / "fresh").trust(keeper)
    assert CatalogMirrors(fresh.folders).mirror_of("lab") == ()


def test_one_that_was_altered_on_the_disk_goes_nowhere(box):
    chain = box.folders.cache / "lab" / "chain"
    chain.write_bytes(chain.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityFailed, match="carrel catalog refresh"):
        CatalogMirrors(box.folders).mirror_of("lab")
