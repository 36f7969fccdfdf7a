"""Publishing: what is signed offline reaches boxes, beside what organizations sent, and is kept fresh."""

import json
import os
import shutil
from datetime import UTC, datetime

import pytest

from appliance.catalog.publishing.keys import Keyring
from appliance.catalog.publishing.renewing import rotate
from appliance.catalog.publishing.work_folder import WorkFolder
from appliance.errors import BadRequest, Conflict, IntegrityFailed, NotAllowed, NotFound
from appliance.registry.publishing.tidying import tidy
from tests.registry.registries import Organization, Registry, Standing


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return Standing(tmp_path_factory.mktemp("standing"), lambda registry: registry.add("tiny").publish())


@pytest.fixture
def registry(standing, tmp_path):
    return standing.copied_to(tmp_path)


@pytest.fixture
def box(registry, tmp_path):
    return registry.box(tmp_path / "box")


@pytest.fixture
def uni(registry, tmp_path):
    uni = Organization(tmp_path / "uni").add("uni.own")
    registry.delegate("uni", uni.key).publish()
    return uni


def test_a_recipe_reaches_boxes_once_it_is_published(registry, box):
    registry.add("second")
    box.refresh()
    assert set(box.recipes()) == {"tiny"}
    assert registry.publish().files == 2
    assert box.refresh().came == ("second 1",)
    assert [one.id for one in registry.web.standing().models] == ["second", "tiny"]


def test_what_an_organization_sent_stays_when_the_registry_publishes(registry, box, uni):
    assert registry.web.take_in("uni", uni.metadata, uni.files) == ("uni.own 1",)
    registry.add("second").publish()
    box.refresh()
    assert set(box.recipes()) == {"tiny", "second", "uni.own"}


def test_an_organization_sends_only_files_that_are_new(registry, box, uni):
    registry.web.take_in("uni", uni.metadata, uni.files)
    known = uni.files
    uni.add("uni.second")
    fresh = {path: data for path, data in uni.files.items() if path not in known}
    assert registry.web.take_in("uni", uni.metadata, fresh) == ("uni.own 1", "uni.second 1")
    box.refresh()
    assert set(box.recipes()) == {"tiny", "uni.own", "uni.second"}


def test_a_list_without_its_files_is_refused_whole(registry, box, uni):
    before = registry.web.standing().version
    with pytest.raises(IntegrityFailed, match="missing"):
        registry.web.take_in("uni", uni.metadata, {})
    altered = {path: data + b" " for path, data in uni.files.items()}
    with pytest.raises(IntegrityFailed, match="not the file that was signed"):
        registry.web.take_in("uni", uni.metadata, altered)
    assert registry.web.standing().version == before


def test_an_older_list_of_an_organization_is_refused(registry, uni):
    old, files = uni.metadata, uni.files
    uni.add("uni.second")
    registry.web.take_in("uni", uni.metadata, uni.files)
    with pytest.raises(Conflict, match="older"):
        registry.web.take_in("uni", old, files)


def test_a_list_that_another_key_signed_is_refused(registry, uni, tmp_path):
    other = Organization(tmp_path / "thief").add("uni.own")
    with pytest.raises(IntegrityFailed, match="not signed by the key"):
        registry.web.take_in("uni", other.metadata, other.files)
    with pytest.raises(NotFound, match="does not sign here"):
        registry.web.take_in("nobody", other.metadata, other.files)


def test_an_organization_cannot_list_what_is_not_its_own(registry, uni):
    with pytest.raises(BadRequest, match="have to begin with"):
        uni.add("tiny")
    with uni.work.edit_targets("org.uni") as targets:
        targets.targets["models/tiny/2.toml"] = uni.work.put_file("models/tiny/2.toml", b"x")
    with pytest.raises(BadRequest, match="does not sign for its path"):
        registry.web.take_in("uni", uni.metadata, uni.files)


def test_a_withdrawn_organization_is_gone_after_publishing(registry, box, uni):
    registry.web.take_in("uni", uni.metadata, uni.files)
    box.refresh()
    registry.undelegate("uni").publish()
    assert box.refresh().went == ("uni.own 1",)
    with pytest.raises(NotFound, match="does not sign here"):
        registry.web.take_in("uni", uni.metadata, uni.files)


def test_lists_are_signed_anew_after_a_week_and_not_before(registry, box):
    version = registry.web.standing().version
    registry.days_ago = -6.9
    assert not registry.web.renew_if_due()
    registry.days_ago = -7.1
    assert registry.web.renew_if_due()
    assert registry.web.standing().version == version + 1
    assert box.refresh().outcome == "refreshed"
    assert not registry.web.renew_if_due()


def test_without_the_signing_folder_everything_goes_on_but_publishing(registry, box, uni):
    registry.folder.signing.rename(registry.folder.at / "in-the-drawer")
    registry.web.take_in("uni", uni.metadata, uni.files)
    registry.days_ago = -8
    assert registry.web.renew_if_due()
    registry.days_ago = 0
    box.refresh()
    assert set(box.recipes()) == {"tiny", "uni.own"}
    with pytest.raises(NotFound, match="signing folder is not here"):
        registry.publish()


def test_an_older_or_another_signing_folder_is_not_published(registry, tmp_path):
    shutil.copytree(registry.folder.signing, tmp_path / "backup")
    registry.add("second").publish()
    shutil.rmtree(registry.folder.signing)
    (tmp_path / "backup").rename(registry.folder.signing)
    with pytest.raises(Conflict, match="newer than this signing folder"):
        registry.publish()
    shutil.rmtree(registry.folder.signing)
    Registry.made(tmp_path / "other").folder.signing.rename(registry.folder.signing)
    with pytest.raises(Conflict, match="Another catalog"):
        registry.publish()


def test_a_list_that_has_expired_is_not_published_and_says_what_to_sign(registry):
    registry.days_ago = -121
    with pytest.raises(Conflict, match="catalog sign --role targets"):
        registry.publish()


def test_a_new_weekly_key_comes_with_publishing(registry, box):

    box.refresh()
    rotate(registry.signing.work, "snapshot", None)
    registry.add("second").publish()
    assert box.refresh().came == ("second 1",)


def test_new_keys_of_the_registry_are_listed_by_publishing(registry, box):
    box.refresh()
    before = box.catalogs.registry_keys("lab")
    registry.folder.statements_key.unlink()
    assert registry.publish().new_keys
    box.refresh()
    assert box.catalogs.registry_keys("lab") != before


def test_published_again_nothing_is_new_but_boxes_are_content(registry, box):
    assert registry.publish().files == 0
    assert box.refresh().outcome == "refreshed"


def test_an_encrypted_weekly_key_is_refused_with_the_reason(registry):
    (pem,) = registry.folder.keys.glob("snapshot.*.pem")
    pem.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    registry.days_ago = -8
    with pytest.raises(NotAllowed):
        registry.web.renew_if_due()


def test_another_list_under_the_same_number_is_refused(registry, uni, tmp_path):
    registry.web.take_in("uni", uni.metadata, uni.files)
    assert registry.web.take_in("uni", uni.metadata, uni.files) == ("uni.own 1",)
    other = json.loads(uni.metadata)
    other["signatures"].append({"keyid": "0" * 64, "sig": ""})
    with pytest.raises(Conflict, match="with that number"):
        registry.web.take_in("uni", json.dumps(other).encode(), uni.files)


def test_old_lists_and_files_that_nobody_names_are_removed_after_a_day(registry, box, uni):
    for revision in range(2, 16):
        uni.add("uni.own", revision)
        registry.web.take_in("uni", uni.metadata, uni.files)
    folder = registry.folder.tuf

    def found(pattern):
        return len(list(folder.glob(pattern)))

    registry.web.renew_if_due()
    assert found("targets/org/uni/uni.own/*") == 14
    for path in folder.rglob("*.*"):
        os.utime(path, (1, 1))
    registry.web.renew_if_due()
    assert (found("targets/org/uni/uni.own/*"), found("metadata/*.org.uni.json")) == (1, 10)
    assert found("metadata/*.root.json") == 1
    assert box.refresh().came == ("tiny 1", "uni.own 15")


def test_no_root_is_ever_removed_since_boxes_follow_them_one_by_one(tmp_path):
    work = WorkFolder(tmp_path, Keyring(tmp_path / "keys", lambda _use: b""), now=lambda: datetime.now(UTC))
    (tmp_path / "metadata").mkdir()
    (tmp_path / "targets").mkdir()
    for version in range(1, 16):
        for role in ("root", "snapshot"):
            path = tmp_path / "metadata" / f"{version}.{role}.json"
            path.touch()
            os.utime(path, (1, 1))
    assert tidy(work) == 5
    assert len(list(tmp_path.glob("metadata/*.root.json"))) == 15
