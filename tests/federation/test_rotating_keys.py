"""A new key for the box, interrupted at each step: it never ends up without one that the registry takes."""

import pytest

from appliance.errors import BadRequest, IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.limits import OVERLAP_S
from appliance.federation.protocol.messages import CheckAnswer
from appliance.federation.protocol.statements import Rotation
from appliance.trust.box_key import BoxKey
from tests.federation.simulator import SimulatedRegistry
from tests.federation.syncing_box import Part, SyncingBox


@pytest.fixture
def registry():
    return SimulatedRegistry()


@pytest.fixture
async def box(tmp_path, empty_database, registry):
    made = SyncingBox(tmp_path, registry, Part(kinds.STATUS_LIST, kinds.LEASE), database=empty_database)
    registry.now_s = made.clock.now_s
    yield await (await made.open()).enroll()
    made.close()


async def test_the_new_key_counts_once_the_registry_has_taken_it(box, registry):
    me, old = box.identity.box_id, box.identity.key_id
    offered = await box.rotating.rotate()
    assert (offered.state, box.identity.key_id) == ("waiting", old)
    await box.syncing.sync()
    assert (box.identity.key_id, box.identity.box_id) == (offered.next_key, me)
    assert registry.memory.boxes[me].keys[offered.next_key] is None
    assert (await box.syncing.sync()).trouble is None


async def test_an_offer_that_waits_is_not_made_twice(box):
    first, second = await box.rotating.rotate(), await box.rotating.rotate()
    assert first == second
    assert await box.waiting() == [kinds.ROTATE]


async def test_rotation_interrupted_after_the_key_was_made(box):
    fresh = box.identity.fresh_key()
    await box.again()
    assert (await box.rotating.rotate()).next_key == fresh


async def test_rotation_interrupted_before_it_was_sent(box):
    offered = await box.rotating.rotate()
    await box.again()
    await box.syncing.sync()
    assert box.identity.key_id == offered.next_key


async def test_rotation_interrupted_when_the_answer_was_lost(box):
    offered = await box.rotating.rotate()
    box.transport.lose_replies = 1
    assert (await box.syncing.sync()).trouble is not None
    await box.again()
    assert (await box.syncing.sync()).trouble is None
    assert box.identity.key_id == offered.next_key


async def test_rotation_interrupted_after_the_commit_and_before_the_message_was_settled(box, registry):
    offered = await box.rotating.rotate()
    (row,) = await box.store.outbox.waiting()
    reply = registry.receive(row.token)
    await box.dispatcher.take(reply.items)
    await box.again()
    assert box.identity.key_id == offered.next_key
    assert await box.waiting() == [kinds.ROTATE]
    assert (await box.syncing.sync()).trouble is None
    assert (await box.waiting(), box.identity.key_id) == ([], offered.next_key)


async def test_what_was_signed_with_the_old_key_still_leaves(box, registry):
    await box.rotating.rotate()
    old_signer = box.identity.key_id
    part = box.parts[0]
    part.say = [box.message(kinds.CHECK_ANSWER, CheckAnswer, check="chk_1", epoch=1, seq=1)]
    report = await box.syncing.sync()
    assert report.sent.kinds[kinds.CHECK_ANSWER] == 1
    assert box.identity.key_id != old_signer


async def test_the_old_key_counts_for_a_week_and_is_removed_then(box):
    old = box.identity.key_id
    await box.rotating.rotate()
    await box.syncing.sync()
    assert old in box.identity.keys_now()
    box.clock.time_ms += OVERLAP_S * 1000
    await box.again()
    assert old not in box.identity.keys_now()
    assert old in box.identity.keys_ever()
    assert not box.identity.holds(old)
    assert len(list((box.folder / "data" / "federation").glob("*.pem"))) == 1


@pytest.mark.parametrize("key", ["another's", "the box's own"])
async def test_a_key_that_is_not_towards_the_registry_is_never_counted_on(box, registry, key):
    before = box.identity.key_id
    own = BoxKey.at(box.folder / "data" / "box-key.pem").public.id
    confirmed = Confirmation(own if key == "the box's own" else "o" * 43)
    claims = Rotation(**registry.about(box.identity.box_id, "rot"), cnf=confirmed, overlap_until=0)
    taken = await box.dispatcher.take([registry.key.sign(kinds.ROTATION, claims)])
    assert taken.refused
    assert box.identity.key_id == before


async def test_a_box_that_belongs_to_nobody_has_no_key_to_rotate(tmp_path, empty_database, registry):
    box = await SyncingBox(tmp_path / "new", registry, database=empty_database).open()
    with pytest.raises(BadRequest):
        await box.rotating.rotate()
    box.close()


async def test_a_damaged_key_file_is_no_key(box):
    (path,) = (box.folder / "data" / "federation").glob("*.pem")
    path.write_text("not a key")
    await box.again()
    with pytest.raises(IntegrityFailed, match="gone"):
        box.identity.sign(kinds.SYNC, Confirmation("x"))
