"""What becomes of a model's files when its lease is taken back, and when another one comes."""

import stat
from dataclasses import replace

import pytest

from appliance.errors import StorageUnavailable
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import Deletion
from appliance.trust.signed import verify
from tests.federation.leased_box import DAY_S


@pytest.fixture
async def served(box):
    """It has the model's files, and a lease that can be taken back."""
    box.recipe = box.catalog.find("leased")[0]
    box.models.install(box.recipe)
    await box.hears(box.lease(status=3))
    await box.hears(box.status_list({}), kinds.STATUS_LIST)
    await box.look()
    return box


async def revoke(box):
    box.clock.passes(1)
    await box.hears(box.status_list({3: "revoked"}, days=60), kinds.STATUS_LIST)


def names(box):
    folder = box.models.folder
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*.gguf"))


async def deletions(box):
    rows = await box.store.outbox.waiting()
    return [verify(one.token, kinds.DELETION, box.own.key.public, Deletion) for one in rows]


async def test_files_go_where_nothing_opens_them_and_the_registry_is_told_once(served):
    held = served.leases.counting("leased")
    await revoke(served)
    for _ in range(2):
        await served.look()
    away = served.models.folder / ".quarantine"
    assert names(served) == [".quarantine/leased/leased-q8.gguf"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in (away, away / "leased")} == {0o700}
    assert served.models.folder_of(served.recipe, served.recipe.forms[0]) is None
    [told] = await deletions(served)
    assert (told.model, told.lease, told.how, told.files) == (
        "leased",
        held.id,
        "quarantined",
        (served.recipe.forms[0].files[0].sha256,),
    )
    assert told.box == served.own.box_id
    await served.restart()
    await served.look()
    assert len(await deletions(served)) == 1
    assert served.served.stopped == ["leased"]


async def test_files_are_deleted_where_the_license_wants_that(served):
    served.catalog.change("leased", on_revocation="delete")
    await revoke(served)
    await served.look()
    assert names(served) == []
    assert [one.how for one in await deletions(served)] == ["deleted"]


async def test_a_later_lease_brings_back_what_was_put_away_and_it_is_read_in_full(served):
    await revoke(served)
    await served.look()
    await served.hears(served.lease(status=4))
    await served.look()
    assert (served.state(), names(served)) == ("valid", ["leased/leased-q8.gguf"])
    assert served.seals.forgotten[-1] == ("leased", ("leased-q8.gguf",))
    # The lease that was taken back stays taken back, and nothing is put away for it again.
    await served.look()
    assert names(served) == ["leased/leased-q8.gguf"]


async def test_what_was_put_away_is_not_put_over_files_that_are_there_since(served):
    await revoke(served)
    await served.look()
    served.models.install(served.recipe)
    await served.hears(served.lease(status=4))
    await served.look()
    assert names(served) == [".quarantine/leased/leased-q8.gguf", "leased/leased-q8.gguf"]
    await served.hears(served.status_list({3: "revoked", 4: "revoked"}, days=60), kinds.STATUS_LIST)
    await served.look()
    assert names(served) == [".quarantine/leased/leased-q8.gguf"]


async def test_a_disk_that_refuses_is_tried_again_and_nothing_is_told_before(served):
    done = served.revoking._files
    refusing = Refusing(done)
    served.revoking._files = refusing
    await revoke(served)
    await served.look()
    assert (await deletions(served), names(served)) == ([], ["leased/leased-q8.gguf"])
    # It is refused from memory all the same.
    assert served.state() == "revoked"
    refusing.full = False
    await served.look()
    assert len(await deletions(served)) == 1


async def test_a_box_that_was_killed_between_its_steps_tells_the_registry_once(served):
    table = served.store.leasing.revocations
    kept, table.add = table.add, killed
    await revoke(served)
    await served.look()
    table.add = kept
    await served.look()
    assert len(await deletions(served)) == 1
    assert [one.model for one in await table.all()] == ["leased"]


async def test_renewals_of_one_right_are_taken_back_together_and_told_of_once(served):
    served.clock.passes(DAY_S)
    await served.hears(served.lease(status=3))
    newest = served.leases.counting("leased")
    await revoke(served)
    await served.look()
    assert [one.lease for one in await deletions(served)] == [newest.id]
    assert len(await served.store.leasing.revocations.all()) == 2


async def test_without_a_registry_nobody_is_told(served):
    served.own.enrolled = False
    await revoke(served)
    await served.look()
    assert (names(served), await deletions(served)) == ([".quarantine/leased/leased-q8.gguf"], [])


async def test_a_model_that_has_nothing_here_is_told_with_no_files(box):
    await box.hears(box.lease(status=3))
    await revoke(box)
    await box.look()
    assert [one.files for one in await deletions(box)] == [()]


async def test_a_lapsed_lease_leaves_the_files_where_they_are(served):
    served.clock.passes(45 * DAY_S)
    await served.look()
    assert (served.state(), names(served)) == ("lapsed", ["leased/leased-q8.gguf"])


async def test_the_model_of_another_name_keeps_its_files(served):
    other = replace(served.catalog.find("free")[0])
    served.models.install(other)
    await revoke(served)
    await served.look()
    assert "free/free-q8.gguf" in names(served)


class Refusing:
    """Files on a disk that is full."""

    def __init__(self, files):
        self.files, self.full = files, True

    def put_away(self, recipe_id):
        if self.full:
            raise StorageUnavailable("The disk is full.")
        self.files.put_away(recipe_id)

    def __getattr__(self, name):
        return getattr(self.files, name)


async def killed(one):
    raise StorageUnavailable("The box was killed.")
