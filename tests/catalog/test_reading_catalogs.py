"""What the box knows without any network: verified each time, fresh or stale by its clock, or nothing."""

import pytest

from appliance.catalog.publishing.mirroring import own_chain
from appliance.catalog.signed.chain import NotVerified, verify_chain
from appliance.catalog.signed.names import MOST_TARGETS
from appliance.catalog.signed.reading import wanted
from tests.catalog.signed_catalogs import Box, Keeper, Standing, sha256_of, toml_of


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(
        tmp_path_factory.mktemp("standing"),
        lambda keeper: keeper.delegate().add("tiny").add("uni.own", org="uni"),
    )


@pytest.fixture
def both(standing, tmp_path):
    return standing.copied_to(tmp_path)


@pytest.fixture
def keeper(both):
    return both[0]


@pytest.fixture
def box(both):
    return both[1]


def replaced(path, old: bytes, new: bytes):
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


@pytest.mark.parametrize(
    ("days", "freshness", "role"),
    [
        (0, "fresh", "timestamp"),
        (44.9, "fresh", "timestamp"),
        (45.1, "stale", "timestamp"),
        pytest.param(121, "stale", "targets", marks=pytest.mark.slow),
        (401, "stale", "root"),
        (-400, "fresh", "root"),
    ],
)
def test_time_alone_makes_a_catalog_stale(box, days, freshness, role):
    box.clock.days = days
    assert box.role(role).freshness == box.state().freshness == freshness
    assert box.recipes() == {"tiny": freshness, "uni.own": freshness}
    assert {one.approval.freshness for one in box.catalogs.entries()} == {freshness}
    assert box.role("targets").freshness == ("stale" if days > 120 else "fresh")
    assert ("nothing is pulled" in box.state().reason) == (freshness == "stale")


def test_a_catalog_that_was_never_fetched_has_no_recipes_and_is_no_alarm(tmp_path, keeper):
    keeper.publish()
    box = Box(tmp_path / "new").trust(keeper)
    assert box.catalogs.entries() == ()
    assert "not fetched yet" in box.state().reason
    assert box.catalogs.alarms() == ()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda chain: replaced(chain, b'"models/tiny/1.toml"', b'"models/evil/1.toml"'),
        lambda chain: replaced(chain, b'"expires":"20', b'"expires":"30'),
        lambda chain: chain.write_bytes(chain.read_bytes()[:-100]),
        lambda chain: chain.write_bytes(b"\xc1"),
    ],
    ids=["another recipe", "later expiry", "cut", "no chain"],
)
def test_a_cache_that_somebody_changed_counts_for_nothing_until_it_is_fetched_anew(box, tamper):
    tamper(box.folders.cache / "lab" / "chain")
    assert box.catalogs.entries() == ()
    assert box.state().freshness == "unverifiable"
    (alarm,) = box.catalogs.alarms()
    assert "lab cannot be verified" in alarm
    assert box.refresh().outcome == "refreshed"
    assert set(box.recipes()) == {"tiny", "uni.own"}
    box.catalogs.entries()
    assert box.catalogs.alarms() == ()


def test_a_root_that_was_exchanged_verifies_nothing(tmp_path, box):
    stranger = Keeper(tmp_path / "stranger")
    (box.folders.trusted / "lab" / "root.json").write_bytes(stranger.root)
    assert box.state().freshness == "unverifiable"


def test_a_chain_that_leaves_the_pinned_root_is_not_followed(tmp_path, keeper):
    stranger = Keeper(tmp_path / "stranger").add("evil").sign("root")
    _, chain = own_chain(stranger.work)
    verify_chain(stranger.root, chain)
    with pytest.raises(NotVerified):
        verify_chain(keeper.root, chain)


def test_a_recipe_that_somebody_changed_is_left_out_alone(box):
    path = box.folders.cache / "lab" / "files" / sha256_of(toml_of("tiny"))
    replaced(path, b'title = "Tiny"', b'title = "Evil"')
    assert box.recipes() == {"uni.own": "fresh"}
    assert "altered" in box.faults()["models/tiny/1.toml"]
    box.refresh()
    assert set(box.recipes()) == {"tiny", "uni.own"}


def listed(keeper, path, data, role="targets"):
    """Signs anything, as a keeper who makes mistakes or means harm could."""
    with keeper.work.edit_targets(role) as targets:
        targets.targets[path] = keeper.work.put_file(path, data)
    keeper.work.settle()
    keeper.publish()


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        ("models/tiny/2.toml", toml_of("other", 2), "listed as another"),
        ("models/tiny/2.toml", toml_of("tiny", 3), "listed as another"),
        ("models/bad/1.toml", b"id = 1", "id"),
        ("models/big/1.toml", bytes(2**20 + 1), "larger than"),
        (f"licenses/{'0' * 64}.txt", b"A text.", "another text"),
        (f"licenses/{sha256_of(bytes([255]))}.txt", bytes([255]), "no text"),
    ],
    ids=["another id", "another revision", "no recipe", "too large", "another text", "no text"],
)
def test_what_is_not_what_its_name_says_is_left_out(keeper, box, path, data, words):
    listed(keeper, path, data)
    assert box.refresh().outcome == "refreshed"
    assert words in box.faults()[path]
    assert box.recipes() == {"tiny": "fresh", "uni.own": "fresh"}


def test_a_model_hosted_elsewhere_is_for_the_lab_alone_to_add(keeper, box):
    elsewhere = b"""
id = "far"
revision = 1
title = "Far"
summary = "Elsewhere."
license = "Apache-2.0"
tier = "open"
context_tokens = 4096
max_sequences = 4
[upstream]
name = "evil"
address = "https://evil.example/v1"
model = "far"
key = "the-labs-own"
features = ["chat"]
price = { prompt_micro = 0, completion_micro = 0 }
"""
    listed(keeper, "models/far/1.toml", elsewhere)
    box.refresh()
    assert "prompts leave" in box.faults()["models/far/1.toml"]


@pytest.mark.parametrize("id", ["tiny", "unix", "other.own"])
def test_an_organization_takes_no_id_outside_its_own(keeper, box, id):
    path = f"org/uni/{id}/7.toml"
    listed(keeper, path, toml_of(id, 7), role="org.uni")
    box.refresh()
    assert "have to begin with `uni.`" in box.faults()[path]
    assert box.recipes() == {"tiny": "fresh", "uni.own": "fresh"}


def test_the_catalogs_own_word_goes_before_an_organizations(keeper, box):
    keeper.add("uni.own", 2, org="uni").add("uni.own", 1, title="Ours").publish()
    box.refresh()
    entries = {one.approval.role for one in box.catalogs.entries()}
    assert entries == {"targets"}
    assert "catalog itself" in box.faults()["org/uni/uni.own/2.toml"]


def test_older_revisions_that_are_still_listed_are_no_fault(keeper, box):
    listed(keeper, "models/tiny/5.toml", toml_of("tiny", 5))
    box.refresh()
    assert [one.revision for one in box.state().recipes if one.id == "tiny"] == [5]
    assert box.faults() == {}


def test_delegations_of_another_form_count_nowhere(keeper, box):
    with keeper.work.edit_targets() as targets:
        targets.delegations.roles["org.uni"].paths = ["*/*/*", "org/uni/*/*"]
    keeper.work.settle()
    keeper.publish()
    box.refresh()
    assert box.recipes() == {"tiny": "fresh"}


@pytest.mark.slow
def test_a_list_without_end_is_not_read_to_its_end(keeper, box):
    data = toml_of("many")
    with keeper.work.edit_targets() as targets:
        info = keeper.work.put_file("models/many/1.toml", data)
        targets.targets = {f"models/many/{n}.toml": info for n in range(1, MOST_TARGETS + 2)}
    keeper.work.settle()
    state = _read(box, keeper)
    assert f"more than {MOST_TARGETS}" in state


def _read(box, keeper) -> str:
    _, left_out = wanted(verify_chain(*own_chain(keeper.work)), "")
    return left_out[-1].reason
