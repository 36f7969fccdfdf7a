"""A box that was restored or copied, a registry that was: what either has lost is found, and counted once."""

import shutil

import pytest

from appliance.domain.reporting import DAY_MS
from appliance.errors import IntegrityFailed
from appliance.federation.protocol.kinds import USAGE_ACK
from appliance.federation.protocol.usage import UsageAck
from tests.federation.made import new_key
from tests.federation.reporting_box import PEOPLE, ReportingBox, total


def records(registry, box):
    return list(registry.memory.boxes[box.id].records.values())


async def a_day(box, people=PEOPLE, **meters):
    """Everybody asks once; then it is the next day."""
    await box.all_use(people, **meters)
    box.next_day()


async def copied(box, path):
    """The data folder as a backup has it."""
    await box.store._writer.run(lambda database: None)
    box.close()
    path.mkdir()
    for file in box.path.parent.iterdir():
        if file.name != "carrel.db.lock":
            shutil.copy(file, path / file.name)
    box.open()
    return path


def put_back(box, backup):
    """The box is stopped, its folder replaced, and it is started again."""
    box.close()
    for file in box.path.parent.iterdir():
        file.unlink()
    for file in backup.iterdir():
        shutil.copy(file, box.path.parent / file.name)
    box.open()


async def test_restored_box(box, registry, transport, tmp_path):
    """A backup is put back: what was reported since then is not counted again, what comes now is."""
    await a_day(box)
    await box.sync(transport)
    await box.use("s1")
    backup = await copied(box, tmp_path / "backup")
    await box.all_use(PEOPLE)
    box.next_day()
    await a_day(box)
    await box.sync(transport)
    assert total(records(registry, box)) == 12 + 13 + 12
    put_back(box, backup)
    await box.store.report_tally.end_open()
    await a_day(box)
    await box.sync(transport)
    assert await box.waiting() == []
    assert total(records(registry, box)) == 12 + 13 + 12 + 12
    assert registry.memory.boxes[box.id].head.epoch == 2
    assert registry.memory.boxes[box.id].marks == ["epoch 2"]
    (mark,) = await box.store.report_batches.marks()
    assert "a new epoch begins" in mark.sentence
    assert [sign.subject for sign in box.signs] == ["new-epoch"]
    await a_day(box)
    await box.sync(transport)
    assert total(records(registry, box)) == 12 + 13 + 12 + 12 + 12
    assert registry.memory.boxes[box.id].head.epoch == 2


async def test_a_box_restored_while_nothing_waits_finds_out_by_asking(box, registry, transport, tmp_path):
    await a_day(box)
    await box.sync(transport)
    backup = await copied(box, tmp_path / "backup")
    await a_day(box)
    await box.sync(transport)
    put_back(box, backup)
    box.next_day(2)
    await box.sync(transport)
    box.next_day(2)
    await box.sync(transport)
    assert [one.what for one in await box.store.report_batches.marks()] == ["new-epoch"]
    await a_day(box)
    await box.sync(transport)
    assert total(records(registry, box)) == 36
    box.next_day(2)
    await box.sync(transport)
    assert registry.memory.boxes[box.id].head.epoch == 2


async def test_cloned_box(box, registry, transport, tmp_path, clock):
    """Two boxes with one data folder and one key: everything that either has used is counted once."""
    await a_day(box)
    await box.use("s1")
    folder = await copied(box, tmp_path / "b")
    clone = ReportingBox(folder / "carrel.db", clock, box.key)
    for one in (box, clone):
        await one.store.report_tally.end_open()
        await one.all_use(PEOPLE)
    clock.time_ms += DAY_MS
    for _ in range(3):
        await box.sync(transport)
        await clone.sync(transport)
    assert total(records(registry, box)) == 12 + 1 + 12 + 12
    assert registry.memory.boxes[box.id].marks != []
    assert [one.what for one in await clone.store.report_batches.marks()] == ["new-epoch"]
    clone.close()


async def test_a_copy_that_goes_on_running_stops_after_three_epochs_a_day(
    box, registry, transport, tmp_path, clock
):
    folder = await copied(box, tmp_path / "b")
    clone = ReportingBox(folder / "carrel.db", clock, box.key)
    for _ in range(8):
        for one in (box, clone):
            await one.all_use(PEOPLE)
            await one.composer.compose_today()
            await one.sync(transport)
    begun = [(await one.store.report_batches.chain(box.id)).begun for one in (box, clone)]
    assert begun == [3, 3]
    assert "copy of this box" in " ".join(clone.telling.alarms())
    clock.time_ms += DAY_MS
    for one in (box, clone, box, clone):
        await one.sync(transport)
    assert total(records(registry, box)) == 8 * 2 * 12
    clone.close()


async def test_registry_restored_from_its_backup(box, registry, transport):
    """An acknowledgement from before: what the registry has lost is offered again from its head on."""
    await a_day(box)
    await box.sync(transport)
    before = registry.backup()
    for _ in range(3):
        await a_day(box)
        await box.sync(transport)
    registry.restore(before)
    assert total(records(registry, box)) == 12
    box.next_day(2)
    await box.sync(transport)
    await box.sync(transport)
    assert total(records(registry, box)) == 48
    assert registry.memory.boxes[box.id].head.epoch == 1
    assert [one.what for one in await box.store.report_batches.marks()] == ["send"]
    assert await box.waiting() == []


async def test_a_registry_restored_to_before_a_new_epoch(box, registry, transport, tmp_path):
    await a_day(box)
    await box.sync(transport)
    backup = await copied(box, tmp_path / "backup")
    await a_day(box)
    await box.sync(transport)
    put_back(box, backup)
    before = registry.backup()
    for _ in range(2):
        await a_day(box)
        await box.sync(transport)
    assert registry.memory.boxes[box.id].head.epoch == 2
    registry.restore(before)
    box.next_day(2)
    await box.sync(transport)
    await box.sync(transport)
    assert registry.memory.boxes[box.id].head.epoch == 2
    assert total(records(registry, box)) == 48
    assert await box.waiting() == []


@pytest.mark.parametrize("later_ms", [0, 1000])
async def test_ack_older_than_the_watermark_changes_nothing(box, registry, transport, later_ms):
    await a_day(box)
    await box.sync(transport)
    old = registry.ack(box.id)
    await box.all_use(PEOPLE)
    await box.composer.compose_today()
    box.clock.time_ms += later_ms
    await box.sync(transport)
    before = await box.store.report_batches.chain(box.id)
    await box.take(old)
    assert await box.store.report_batches.chain(box.id) == before
    assert (await box.waiting(), await box.store.report_batches.marks()) == ([], [])
    assert before.acked_seq == 2


async def test_ack_for_another_box_is_refused(box, registry, transport):
    await a_day(box)
    await box.composer.compose()
    other = new_key().public.id
    claims = UsageAck(
        **registry.about(other, "ack"),
        epoch=1,
        seq=1,
        head=(await box.store.report_batches.chain(box.id)).head,
    )
    with pytest.raises(IntegrityFailed):
        await box.take(registry.key.sign(USAGE_ACK, claims))
    assert (await box.store.report_batches.chain(box.id)).acked_seq == 0
