"""The box's own catalog with signed ones in it: found, replaced, lost and named."""

import pytest

from appliance.catalog.live import LiveCatalog
from appliance.errors import ModelNotFound
from tests.catalog.signed_catalogs import Standing


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(
        tmp_path_factory.mktemp("standing"),
        lambda keeper: keeper.delegate().add("tiny", 4).add("uni.own", org="uni"),
    )


@pytest.fixture
def both(standing, tmp_path):
    return standing.copied_to(tmp_path / "copy")


@pytest.fixture
def live(both, folder):
    """``folder`` is a release with revision 3 of tiny."""
    return LiveCatalog(folder, signed=both[1].catalogs)


def approval(live, id):
    return live.find(id)[0].approval


def test_a_catalogs_newer_revision_counts_at_once(both, live):
    keeper, box = both
    assert (approval(live, "tiny").name, live.find("tiny")[0].revision) == ("lab", 4)
    assert approval(live, "uni.own").label == "approved by the catalog lab, signed by uni"
    keeper.add("tiny", 5).publish()
    box.refresh()
    live.reload()
    assert live.find("tiny")[0].revision == 5


def test_what_a_catalog_withdrew_is_the_releases_again(both, live):
    keeper, box = both
    keeper.remove("tiny").publish()
    box.refresh()
    live.reload()
    assert approval(live, "tiny").by == "release"


def test_what_its_owner_withdrew_is_told_as_withdrawn(both, live):
    keeper, box = both
    keeper.remove("uni.own", org="uni").publish()
    box.refresh()
    live.reload()
    with pytest.raises(ModelNotFound, match=r"uni\.own is not in the catalog.*catalog lab.*has withdrawn it"):
        live.find("uni.own")
    keeper.add("uni.own", 2, org="uni").publish()
    box.refresh()
    live.reload()
    assert live.find("uni.own")[0].revision == 2
    assert [one.id for one in live.left_out] == []


def test_time_makes_approvals_stale(both, live):
    both[1].clock.days = 50
    live.reload()
    assert approval(live, "tiny").freshness == "stale"


def test_what_cannot_be_verified_any_more_is_gone_and_says_why(both, live):
    box = both[1]
    (box.folders.cache / "lab" / "chain").write_bytes(b"no chain")
    live.reload()
    assert approval(live, "tiny").by == "release"
    with pytest.raises(ModelNotFound, match=r"catalog lab cannot be verified.*carrel catalog refresh"):
        live.find("uni.own")


def test_an_altered_recipe_is_named(both, live):
    for path in (both[1].folders.cache / "lab" / "files").iterdir():
        path.write_bytes(b"evil")
    live.reload()
    with pytest.raises(ModelNotFound, match=r"uni\.own is not in the catalog.*altered"):
        live.find("uni.own")
