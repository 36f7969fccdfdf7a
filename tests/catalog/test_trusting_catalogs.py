"""Whom a box trusts, and who goes before whom."""

import pytest

from appliance.catalog.signed.trusting import (
    EMBEDDED,
    TrustToml,
    distrust,
    read_root,
    trust,
    trusted_catalogs,
)
from appliance.errors import BadRequest, ConfigInvalid, Conflict, NotFound
from tests.catalog.signed_catalogs import Box, Keeper, Standing


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(tmp_path_factory.mktemp("standing"), lambda keeper: keeper.add("tiny").add("lab.own"))


@pytest.fixture
def keeper(standing, tmp_path):
    return standing.copied_to(tmp_path / "copy")[0]


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path / "box")


def test_a_box_that_trusts_nobody_has_no_catalogs(box):
    assert box.catalogs.states() == box.catalogs.entries() == box.catalogs.refresh() == ()


def test_the_first_in_the_order_of_names_has_an_id(tmp_path, keeper, box):
    other = Keeper(tmp_path / "other").add("tiny", 9).add("more")
    other.publish()
    box.trust(keeper, "b-lab").trust(other, "a-lab")
    box.catalogs.refresh()
    revisions = {one.revision for one in box.state("a-lab").recipes if one.id == "tiny"}
    assert revisions == {9}
    assert [one.approval.name for one in box.catalogs.entries()] == ["a-lab", "a-lab", "b-lab"]
    assert box.recipes("a-lab") == {"tiny": "fresh", "more": "fresh"}
    assert box.recipes("b-lab") == {"lab.own": "fresh"}
    assert "a-lab goes before" in box.faults("b-lab")["tiny"]
    assert any("tiny" in one.reason for one in box.catalogs.left_out())


def test_a_prefix_bounds_what_a_catalog_may_list(keeper, box):
    box.trust(keeper, folder=str(keeper.public), prefix="lab.")
    assert box.refresh().came == ("lab.own 1",)
    assert "begin with `lab.`" in box.faults()["models/tiny/1.toml"]


def test_each_catalog_is_refreshed_whatever_happens_to_another(tmp_path, keeper, box):
    gone = Keeper(tmp_path / "gone")
    box.trust(gone, "a").trust(keeper, "b")
    assert [(one.name, one.outcome) for one in box.catalogs.refresh()] == [
        ("a", "offline"),
        ("b", "refreshed"),
    ]
    assert [one.name for one in box.catalogs.refresh("b")] == ["b"]


def test_a_stick_is_for_one_catalog(tmp_path, keeper, box):
    box.trust(keeper, "a").trust(Keeper(tmp_path / "other"), "b")
    with pytest.raises(BadRequest, match="which one"):
        box.catalogs.refresh(mirror=keeper.public)
    assert box.refresh("a", keeper.public).outcome == "refreshed"
    with pytest.raises(NotFound):
        box.catalogs.refresh("c")


def test_a_catalog_without_a_place_waits_for_its_stick(keeper, box):
    box.trust(keeper, address=None)
    outcome = box.refresh()
    assert (outcome.outcome, "--mirror" in outcome.reason) == ("offline", True)
    assert box.refresh(mirror=keeper.public).outcome == "refreshed"


def test_the_root_of_the_release_is_trusted_without_asking(keeper, box):
    box.folders.embedded.parent.mkdir(parents=True)
    box.folders.embedded.write_bytes(keeper.root)
    assert box.refresh(mirror=keeper.public).name == EMBEDDED
    place = box.folders.trusted / EMBEDDED
    place.mkdir(parents=True)
    (place / "catalog.toml").write_text(f'folder = "{keeper.public}"')
    assert box.refresh().outcome == "refreshed"


def test_a_name_is_trusted_once(keeper, box):
    box.trust(keeper)
    with pytest.raises(Conflict, match="carrel catalog distrust lab"):
        box.trust(keeper)
    assert [path.name for path in box.folders.trusted.iterdir()] == ["lab"]


def test_who_is_distrusted_is_forgotten(keeper, box):
    box.trust(keeper)
    box.refresh()
    distrust(box.folders.trusted, box.folders.cache, "lab")
    assert box.catalogs.states() == ()
    assert list(box.folders.trusted.iterdir()) == []
    assert [path.name for path in box.folders.cache.iterdir()] == [".texts"]
    with pytest.raises(NotFound):
        distrust(box.folders.trusted, box.folders.cache, "lab")


@pytest.mark.parametrize("name", ["", "..", "A", "a/b", "a.b", "-a", "a" * 33])
def test_names_are_plain(tmp_path, name):
    with pytest.raises(ConfigInvalid):
        trust(tmp_path / "trusted", name, b"", TrustToml())
    with pytest.raises(NotFound):
        distrust(tmp_path, tmp_path, name)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        'address = "http://a.example"',
        *(
            pytest.param(text, marks=pytest.mark.slow)
            for text in (
                'address = "ftp://a.example"',
                'address = "https://a.example/?q=1"',
                'folder = "relative"',
                'address = "https://a.example"\nfolder = "/a"',
                'prefix = "A B"',
                "not toml",
            )
        ),
    ],
)
def test_a_catalog_whose_file_is_wrong_is_an_alarm_and_harms_no_other(tmp_path, keeper, box, text):
    box.trust(keeper, "good").trust(keeper, "bad")
    box.refresh("good")
    (box.folders.trusted / "bad" / "catalog.toml").write_text(text)
    assert {one.approval.name for one in box.catalogs.entries()} == {"good"}
    (alarm,) = box.catalogs.alarms()
    assert "The catalog bad" in alarm
    assert box.state("bad").freshness == "unverifiable"


def test_a_folder_without_a_root_is_no_trust(tmp_path):
    (tmp_path / "lab").mkdir()
    trusted, (wrong,) = trusted_catalogs(tmp_path, tmp_path / "none")
    assert (trusted, wrong.name) == ([], "lab")


def test_a_root_of_a_terabyte_is_not_read(tmp_path):
    with (tmp_path / "root.json").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ConfigInvalid, match="larger"):
        read_root(tmp_path / "root.json", "lab")
