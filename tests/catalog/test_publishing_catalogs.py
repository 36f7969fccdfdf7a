"""A catalog of one's own: what may be listed, with which keys, and how it gets to others."""

import stat
from datetime import UTC, datetime

import pytest

from appliance.catalog.publishing.delegating import delegate, take_in
from appliance.catalog.publishing.founding import RootKeys, found_catalog, found_organization
from appliance.catalog.publishing.keys import Keyring, read_public
from appliance.catalog.publishing.listing import list_recipe
from appliance.catalog.publishing.work_folder import WorkFolder
from appliance.errors import BadRequest, ConfigInvalid, Conflict, IntegrityFailed, NotAllowed, NotFound
from tests.catalog.signed_catalogs import Box, Keeper, Standing, copied, toml_of


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(tmp_path_factory.mktemp("standing"), lambda keeper: keeper.add("tiny", 2))


@pytest.fixture
def keeper(standing, tmp_path):
    return standing.copied_to(tmp_path)[0]


def taken_away(keeper, use):
    """Kept elsewhere, as keys of a root should be."""
    for path in (keeper.folder / "keys").glob(f"{use}.*.pem"):
        path.unlink()


def test_keys_are_for_their_owner_alone(keeper):
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in (keeper.folder / "keys").iterdir()}
    assert modes == {".pem": 0o600, ".pub": 0o644}
    assert stat.S_IMODE((keeper.folder / "keys").stat().st_mode) == 0o700


def test_a_key_that_others_may_read_signs_nothing(keeper):
    for path in (keeper.folder / "keys").glob("targets.*.pem"):
        path.chmod(0o644)
    with pytest.raises(ConfigInvalid, match="chmod 600"):
        keeper.add("other")


def test_keys_open_with_their_passphrase_only(tmp_path):
    asked = []

    def work(passphrase):
        def ask(use):
            asked.append(use)
            return passphrase

        return WorkFolder(
            tmp_path / "lab", Keyring(tmp_path / "lab" / "keys", ask), now=lambda: datetime.now(UTC)
        )

    found_catalog(work(b"right"), RootKeys(passphrase=b"right"))
    text = lambda _sha256: b"Be fair."  # noqa: E731
    with pytest.raises(NotAllowed, match="passphrase"):
        list_recipe(work(b"wrong"), toml_of(), organization="", text_of=text)
    asked.clear()
    list_recipe(work(b"right"), toml_of(), organization="", text_of=text)
    assert asked == ["targets"]
    asked.clear()
    work(b"right").settle(force=True)
    assert asked == []  # the key of every week is open


def test_too_few_keys_sign_nothing(tmp_path):
    keeper = Keeper(tmp_path / "lab", keys=3, threshold=2)
    gone = sorted((keeper.folder / "keys").glob("root.*.pem"))
    gone[0].unlink()
    keeper.sign("root")
    gone[1].unlink()
    with pytest.raises(NotAllowed, match="not enough to sign root"):
        keeper.sign("root")
    with pytest.raises(BadRequest):
        found_catalog(Keeper.again(tmp_path / "more").work, RootKeys(1, 2))


def test_weekly_signing_needs_the_online_key_alone(keeper):
    taken_away(keeper, "root")
    taken_away(keeper, "targets")
    before = keeper.work.timestamp().version
    assert keeper.sign().work.timestamp().version == before + 1
    with pytest.raises(NotAllowed):
        keeper.add("other")


def test_a_folder_holds_one_catalog(keeper):
    with pytest.raises(Conflict):
        found_catalog(keeper.work, RootKeys())
    with pytest.raises(Conflict):
        found_organization(keeper.work, "uni", None)


@pytest.mark.parametrize("revision", [1, 2])
def test_a_listed_revision_is_never_replaced_by_another(keeper, revision):
    with pytest.raises(Conflict, match="raise `revision`"):
        keeper.add("tiny", revision, title="Changed")


def test_a_license_text_has_to_be_the_one_that_the_recipe_names(keeper):
    def add(text):
        list_recipe(keeper.work, toml_of("new", text="Be kind."), organization="", text_of=lambda _: text)

    for text in (None, b"Be unkind."):
        with pytest.raises(BadRequest) as found:
            add(text)
        assert found.value.param == "license_text"
    add(b"Be kind.")
    list_recipe(keeper.work, toml_of("next", text="Be kind."), organization="", text_of=lambda _: None)


def test_nothing_is_listed_that_no_box_would_take(keeper):
    keeper.delegate()
    with pytest.raises(BadRequest, match=r"begin with `uni\.`"):
        keeper.add("other", org="uni")
    with pytest.raises(ConfigInvalid):
        list_recipe(keeper.work, b"id = 1", organization="", text_of=lambda _: None)
    with pytest.raises(BadRequest, match="larger"):
        list_recipe(keeper.work, bytes(2**20 + 1), organization="", text_of=lambda _: None)


def test_what_is_not_listed_cannot_be_removed(keeper):
    with pytest.raises(NotFound):
        keeper.remove("other")


def test_the_timestamp_is_published_last(keeper, tmp_path):
    to = keeper.publish(tmp_path / "web")
    paths = sorted(
        (path for path in to.rglob("*") if path.is_file()), key=lambda path: path.stat().st_mtime_ns
    )
    parts = [path.relative_to(to).parts for path in paths]
    assert [one[0] for one in parts].index("metadata") == sum(one[0] == "targets" for one in parts)
    assert [path.name for path in paths[-2:]] == ["1.root.json", "timestamp.json"]
    assert not (to / "keys").exists()


def test_nothing_older_is_published_over_something_newer(keeper):
    old = Keeper.again(copied(keeper.folder, "old"))
    keeper.add("other").publish()
    with pytest.raises(Conflict, match="newer than this folder"):
        old.publish(keeper.public)


def test_nobody_elses_catalog_is_published_over(keeper, tmp_path):
    with pytest.raises(Conflict, match="Another catalog"):
        Keeper(tmp_path / "other").publish(keeper.public)


def test_what_has_expired_or_was_damaged_is_not_published(keeper):
    keeper.days_ago = -46
    with pytest.raises(Conflict, match="expired"):
        keeper.publish()
    keeper.days_ago = 0
    path = keeper.work.latest("targets")
    path.write_bytes(path.read_bytes().replace(b"tiny", b"evil"))
    with pytest.raises(IntegrityFailed):
        keeper.publish()


@pytest.fixture
def university(tmp_path):
    """An organization with a folder and a key of its own."""
    return Keeper(tmp_path / "uni", org="uni").add("uni.own", org="uni")


def test_an_organization_signs_with_a_key_that_the_catalog_never_has(keeper, university, tmp_path):
    given = university.publish()
    with pytest.raises(NotFound, match="carrel catalog delegate uni"):
        take_in(keeper.work, "uni", WorkFolder(given, keeper.work.keyring, now=keeper.now))
    delegate(keeper.work, "uni", university.given)
    taken = take_in(keeper.work, "uni", WorkFolder(given, keeper.work.keyring, now=keeper.now))
    assert taken == ("uni.own 1",)
    keeper.publish()
    box = Box(tmp_path / "fresh").trust(keeper)
    assert set(box.refresh().came) == {"tiny 2", "uni.own 1"}
    with pytest.raises(NotAllowed):
        keeper.add("uni.forged", org="uni")


def test_a_list_that_the_organizations_key_did_not_sign_is_not_taken_in(keeper, university, tmp_path):
    delegate(keeper.work, "uni", university.given)
    stranger = Keeper(tmp_path / "stranger", org="uni").add("uni.evil", org="uni")
    with pytest.raises(IntegrityFailed, match="not signed by the key"):
        take_in(keeper.work, "uni", stranger.work)


def test_an_older_list_of_an_organization_is_not_taken_in(keeper, university):
    delegate(keeper.work, "uni", university.given)
    old = Keeper.again(copied(university.folder, "old"))
    take_in(keeper.work, "uni", university.add("uni.more", org="uni").work)
    with pytest.raises(Conflict, match="older"):
        take_in(keeper.work, "uni", old.work)


def test_a_file_that_was_altered_on_the_way_is_not_taken_in(keeper, university):
    delegate(keeper.work, "uni", university.given)
    (path,) = university.folder.glob("targets/**/uni.own/*.toml")
    path.write_bytes(toml_of("uni.own", title="Evil"))
    with pytest.raises(IntegrityFailed, match="altered"):
        take_in(keeper.work, "uni", university.work)


def test_a_new_key_of_an_organization_counts_once_the_catalog_has_it(keeper, university):
    delegate(keeper.work, "uni", university.given)
    take_in(keeper.work, "uni", university.work)
    university.sign("org.uni", rotating=True)
    for path in university.folder.glob("keys/*.pem"):
        if path.stem == university.given.stem:
            path.unlink()
    university.add("uni.more", org="uni")
    with pytest.raises(IntegrityFailed):
        take_in(keeper.work, "uni", university.work)
    (fresh,) = set(university.folder.glob("keys/*.pub")) - {university.given}
    delegate(keeper.work, "uni", fresh)
    assert take_in(keeper.work, "uni", university.work) == ("uni.more 1", "uni.own 1")


def test_other_kinds_of_keys_are_not_taken(tmp_path, keeper):
    (tmp_path / "key.pub").write_text("-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----\n")
    with pytest.raises(ConfigInvalid, match="no public key"):
        read_public(tmp_path / "key.pub")
    with pytest.raises(ConfigInvalid):
        delegate(keeper.work, "uni", tmp_path / "missing")
