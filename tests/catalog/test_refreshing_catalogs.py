"""What a refresh accepts and refuses: the cases of TUF, with catalogs made by Carrel itself."""

import socket

import pytest

from tests.catalog.signed_catalogs import Box, Keeper, Standing, copied


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(tmp_path_factory.mktemp("standing"), lambda keeper: keeper.add("tiny"))


@pytest.fixture
def both(standing, tmp_path):
    return standing.copied_to(tmp_path)


@pytest.fixture
def keeper(both):
    return both[0]


@pytest.fixture
def box(both):
    return both[1]


def refused(box, words):
    """Nothing changed by it."""
    before = box.state()
    outcome = box.refresh()
    assert (outcome.outcome, words in outcome.reason) == ("refused", True), outcome
    assert box.state() == before


def test_what_is_signed_is_fetched_with_its_license_text(tmp_path):
    keeper = Keeper(tmp_path / "lab").delegate().add("tiny", text="Be kind.").add("uni.own", org="uni")
    keeper.publish()
    box = Box(tmp_path / "box").trust(keeper)
    assert set(box.refresh().came) == {"tiny 1", "uni.own 1"}
    assert box.recipes() == {"tiny": "fresh", "uni.own": "fresh"}
    assert {path.read_text() for path in box.folders.texts.iterdir()} == {"Be kind.", "Be fair."}
    approvals = [one.approval for one in box.catalogs.entries()]
    assert [(one.by, one.name, one.role) for one in approvals] == [
        ("catalog", "lab", "targets"),
        ("catalog", "lab", "uni"),
    ]


def test_files_that_no_catalog_has_are_passed_over(keeper, box):
    with keeper.work.edit_targets() as targets:
        targets.targets["registry/keys.json"] = keeper.work.put_file("registry/keys.json", b"{}")
    keeper.work.settle()
    keeper.publish()
    assert box.refresh().outcome == "refreshed"
    assert (box.recipes(), box.faults()) == ({"tiny": "fresh"}, {})


def test_a_refresh_tells_what_came_went_and_changed(keeper, box):
    keeper.add("tiny", 2).add("other").publish()
    outcome = box.refresh()
    assert (outcome.came, outcome.changed, outcome.went) == (("other 1",), ("tiny 2",), ())
    keeper.remove("tiny").publish()
    assert box.refresh().went == ("tiny 2",)
    assert box.recipes() == {"other": "fresh"}


def test_an_organization_signs_nothing_outside_its_own_paths(keeper, box):
    keeper.delegate().publish()
    with keeper.work.edit_targets("org.uni") as targets:
        for path in ("models/tiny/9.toml", "org/other/uni.x/1.toml", "org/uni/deep/uni.x/1.toml"):
            targets.targets[path] = keeper.work.put_file(path, b"x")
    keeper.work.settle()
    keeper.publish()
    box.refresh()
    assert box.recipes() == {"tiny": "fresh"}
    assert set(box.faults()) == {"models/tiny/9.toml", "org/other/uni.x/1.toml"}


def test_an_organization_does_not_pass_for_the_catalog(keeper, box):
    keeper.delegate().add("uni.own", org="uni")
    with keeper.work.edit_targets("org.uni") as targets:
        own = targets.targets["org/uni/uni.own/1.toml"]
        targets.targets["models/uni.own/1.toml"] = own
    keeper.work.settle()
    keeper.publish()
    box.refresh()
    assert {one.id: one.organization for one in box.state().recipes} == {"tiny": "", "uni.own": "uni"}
    assert "does not sign for its path" in box.faults()["models/uni.own/1.toml"]


def test_an_older_timestamp_is_refused(keeper, box):
    old = copied(keeper.public, "old")
    keeper.add("other").publish()
    box.refresh()
    keeper.metadata("timestamp.json").write_bytes((old / "metadata" / "timestamp.json").read_bytes())
    refused(box, "older than what this box has seen")


def test_an_older_list_in_a_newer_snapshot_is_refused(keeper, box):
    keeper.add("other").publish()
    keeper.metadata("3.targets.json").write_bytes(keeper.metadata("2.targets.json").read_bytes())
    refused(box, "mixed from several states")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-2] + b"x\n", "a file that is not what was signed"),
        (lambda data: data + b"# more\n", "a file that is larger than what was signed"),
    ],
    ids=["altered", "too long"],
)
def test_a_recipe_with_other_bytes_is_refused(keeper, box, change, words):
    keeper.add("other").publish()
    path = keeper.file_of("other")
    path.write_bytes(change(path.read_bytes()))
    refused(box, words)


def test_a_catalog_that_nobody_signs_anew_is_refused_until_somebody_does(keeper, box):
    keeper.add("other").sign(days=1)
    keeper.publish()
    keeper.days_ago = 46
    keeper.work.settle(force=True)
    keeper.metadata("timestamp.json").write_bytes((keeper.folder / "metadata/timestamp.json").read_bytes())
    refused(box, "has expired")
    keeper.days_ago = 0
    keeper.sign().publish()
    assert box.refresh().came == ("other 1",)


def test_a_list_of_another_key_is_refused(tmp_path, keeper, box):
    stranger = Keeper(tmp_path / "stranger").add("evil").add("more")
    stranger.publish()
    keeper.metadata("timestamp.json").write_bytes(stranger.metadata("timestamp.json").read_bytes())
    refused(box, "not signed by the keys")


def test_new_root_keys_are_followed(tmp_path):
    keeper = Keeper(tmp_path / "lab", keys=2, threshold=2).add("tiny")
    keeper.publish()
    box = Box(tmp_path / "box").trust(keeper)
    box.refresh()
    for _ in range(2):
        keeper.sign("root", rotating=True)
    keeper.sign("targets", rotating=True).sign("snapshot", rotating=True).add("other").publish()
    assert box.refresh().came == ("other 1",)
    assert box.role("root").version == 5
    assert box.recipes() == {"tiny": "fresh", "other": "fresh"}


def test_a_root_that_the_old_keys_did_not_sign_is_refused(tmp_path, keeper, box):
    stranger = Keeper(tmp_path / "stranger").add("evil").sign("root")
    stranger.publish()
    for path in (stranger.public / "metadata").iterdir():
        keeper.metadata(path.name).write_bytes(path.read_bytes())
    refused(box, "not signed by the keys")


def test_a_server_that_is_not_there_leaves_everything_as_it_is(tmp_path, keeper, box):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        away = Box(tmp_path / "away").trust(keeper, address=address, plain_http=True)
        away.refresh(mirror=keeper.public)
        assert away.refresh().outcome == "offline"
    assert away.recipes() == {"tiny": "fresh"}


@pytest.mark.parametrize(("days", "outcome"), [(44, "refreshed"), (46, "refused"), (401, "refused")])
def test_a_clock_that_is_ahead_makes_lists_expire(tmp_path, days, outcome):
    keeper = Keeper(tmp_path / "lab", days_ago=days).add("tiny")
    keeper.publish()
    found = Box(tmp_path / "box").trust(keeper).refresh()
    assert found.outcome == outcome
    assert "clock" in found.reason or outcome == "refreshed"


def test_an_expired_root_is_healed_by_the_next_one(tmp_path):
    keeper = Keeper(tmp_path / "lab", days_ago=401).add("tiny")
    keeper.publish()
    box = Box(tmp_path / "box").trust(keeper)
    assert box.refresh().outcome == "refused"
    keeper.days_ago = 0
    keeper.sign("root").sign("targets").publish()
    assert box.refresh().came == ("tiny 1",)


def test_a_clock_that_is_behind_is_not_noticed(tmp_path):
    """TUF has no defense against it: the handbook says so."""
    keeper = Keeper(tmp_path / "lab", days_ago=-400).add("tiny")
    keeper.publish()
    assert Box(tmp_path / "box").trust(keeper).refresh().came == ("tiny 1",)


def test_a_stolen_timestamp_key_that_counted_far_ahead_is_undone_by_new_keys(keeper, box):
    with keeper.work.edit_timestamp() as timestamp:
        timestamp.version = 2**31
    forged = keeper.folder / "metadata" / "timestamp.json"
    keeper.metadata("timestamp.json").write_bytes(forged.read_bytes())
    assert box.refresh().outcome == "refreshed"
    forged.unlink()
    keeper.add("other")
    keeper.metadata("timestamp.json").write_bytes(forged.read_bytes())
    refused(box, "older than what this box has seen")
    keeper.metadata("timestamp.json").unlink()
    keeper.sign("snapshot", rotating=True).publish()
    assert box.refresh().came == ("other 1",)
    assert box.role("timestamp").version < 2**31


def test_an_organization_that_does_not_sign_anew_harms_nobody_else(keeper, box):
    keeper.delegate().add("uni.own", org="uni").publish()
    box.refresh()
    keeper.days_ago = 121
    with keeper.work.edit_targets("org.uni"):
        pass
    keeper.days_ago = 0
    keeper.add("other").publish()
    assert box.refresh().came == ("other 1",)
    assert {"tiny": "fresh", "other": "fresh"}.items() <= box.recipes().items()
    assert "uni.own" not in box.recipes()
    assert set(box.faults()) == {"org.uni"}


def test_a_file_that_is_lost_of_an_expired_organization_keeps_nobody_from_refreshing(keeper, box):
    keeper.delegate()
    keeper.days_ago = 121
    keeper.add("uni.own", org="uni")
    keeper.days_ago = 0
    keeper.add("other").publish()
    # As after a time in which the list was good: the box knows it already.
    known = box.folders.cache / "lab" / "updating" / "org.uni.json"
    known.write_bytes(keeper.work.latest("org.uni").read_bytes())
    assert box.refresh().came == ("other 1",)
    assert "missing" in box.faults()["org/uni/uni.own/1.toml"]
    assert box.role("org.uni").freshness == "stale"


def test_an_organization_whose_list_expires_later_is_stale_alone(keeper, box):
    keeper.delegate().add("uni.own", org="uni")
    with keeper.work_for(1).edit_targets("org.uni"):
        pass
    keeper.work.settle()
    keeper.publish()
    box.refresh()
    box.clock.days = 2
    assert box.recipes() == {"tiny": "fresh", "uni.own": "stale"}


def test_what_an_organization_signed_goes_with_its_delegation(keeper, box):
    keeper.delegate().add("uni.own", org="uni").publish()
    assert box.refresh().came == ("uni.own 1",)
    keeper.undelegate().publish()
    assert box.refresh().went == ("uni.own 1",)


def test_a_stick_brings_what_the_network_would(tmp_path, keeper):
    stick = keeper.publish(tmp_path / "stick")
    box = Box(tmp_path / "away", offline=True).trust(keeper, address="https://catalog.example")
    assert box.refresh().outcome == "offline"
    assert box.refresh(mirror=stick).came == ("tiny 1",)


def test_a_stick_that_is_older_than_what_is_known_is_refused(keeper, box):
    stick = copied(keeper.public, "stick")
    keeper.add("other").publish()
    box.refresh()
    before = box.state()
    assert box.refresh(mirror=stick).outcome == "refused"
    assert box.state() == before


def test_the_same_again_changes_nothing(box):
    outcome = box.refresh()
    assert (outcome.outcome, outcome.came, outcome.went, outcome.changed) == ("refreshed", (), (), ())
