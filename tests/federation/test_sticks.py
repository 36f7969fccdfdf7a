"""A box without a network: the very same messages in a file, and the answers in another."""

import pytest

from appliance.errors import BadRequest, IntegrityFailed, NotAllowed
from appliance.federation.bundling.reading import read_outgoing
from appliance.federation.bundling.shapes import FROM_REGISTRY, TO_REGISTRY
from appliance.federation.bundling.writing import write_incoming
from appliance.federation.protocol import kinds
from appliance.federation.protocol.enroll_code import read_code
from appliance.federation.protocol.messages import CheckAnswer, Sync
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.statements import Notice
from tests.federation.hostile_registry import HostileRegistry
from tests.federation.simulator import SimulatedRegistry
from tests.federation.syncing_box import ROOT, Part, SyncingBox


@pytest.fixture
def registry():
    return SimulatedRegistry()


@pytest.fixture
def part():
    return Part(kinds.STATUS_LIST, kinds.LEASE, kinds.CHECK_ANSWER)


@pytest.fixture
async def box(tmp_path, empty_database, registry, part):
    made = SyncingBox(tmp_path / "box", registry, part, database=empty_database, offline=True)
    registry.now_s = made.clock.now_s
    registry.root_sha256 = read_code(made.code()).root_sha256
    yield await made.open()
    made.close()


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def mirror(tmp_path):
    folder = tmp_path / "mirror"
    (folder / "metadata").mkdir(parents=True)
    (folder / "metadata" / "1.root.json").write_bytes(ROOT)
    return folder


def exchange(registry, stick, mirror, box=None):
    """What the registry's keeper does."""
    replies = []
    for one in read_outgoing(stick / TO_REGISTRY).messages:
        try:
            replies.append((one.jti, registry.receive(one.token)))
        except Refused as refused:
            replies.append((one.jti, refused.problem()))
    mailbox = registry.receive(box.message(kinds.SYNC, Sync).token) if box is not None else None
    write_incoming(stick / FROM_REGISTRY, replies, mailbox, mirror)


async def enroll(box, registry, stick, mirror):
    told = await box.service.enroll(code=box.code(), name=None, replaces=None, request=str(stick))
    assert told.request == str(stick / TO_REGISTRY)
    exchange(registry, stick, mirror)
    await box.service.take_in(file=str(stick))
    return box


async def test_a_box_without_a_network_is_enrolled_by_stick(box, registry, stick, mirror):
    await enroll(box, registry, stick, mirror)
    await box.again()
    assert box.identity.membership.institution == "A university"
    assert box.transport.posts == []


async def test_the_catalog_of_the_stick_is_checked_against_the_code(box, registry, stick, mirror):
    (mirror / "metadata" / "1.root.json").write_bytes(b"another root")
    with pytest.raises(IntegrityFailed, match="another one"):
        await enroll(box, registry, stick, mirror)
    assert (box.identity.enrolled, box.catalogs.trusted) == (False, {})


async def test_a_stick_without_the_answer_says_so(box, registry, stick, mirror):
    await box.service.enroll(code=box.code(), name=None, replaces=None, request=str(stick))
    write_incoming(stick / FROM_REGISTRY, [], None, mirror)
    with pytest.raises(BadRequest, match="does not answer"):
        await box.service.take_in(file=str(stick))


async def test_a_refused_enrollment_is_told(box, registry, stick, mirror):
    registry.memory.codes.clear()
    code = box.code()
    registry.memory.codes.clear()
    await box.service.enroll(code=code, name=None, replaces=None, request=str(stick))
    exchange(registry, stick, mirror)
    with pytest.raises(NotAllowed, match="spent"):
        await box.service.take_in(file=str(stick))


async def test_the_same_bytes_go_by_stick_as_over_the_network(box, part, registry, stick, mirror):
    await enroll(box, registry, stick, mirror)
    part.say = [box.message(kinds.CHECK_ANSWER, CheckAnswer, check="chk_1", epoch=1, seq=1)]
    token = part.say[0].token
    await box.service.export(to=str(stick), today=False)
    assert read_outgoing(stick / TO_REGISTRY).messages[0].token == token


async def test_what_was_exported_waits_until_its_answer_is_here(box, part, registry, stick, mirror):
    await enroll(box, registry, stick, mirror)
    part.say = [box.message(kinds.CHECK_ANSWER, CheckAnswer, check="chk_1", epoch=1, seq=1)]
    told = await box.service.export(to=str(stick), today=False)
    assert [(one.kind, one.count) for one in told.sent] == [(kinds.CHECK_ANSWER, 1), (kinds.SYNC, 1)]
    assert await box.waiting() == [kinds.CHECK_ANSWER, kinds.SYNC]
    exchange(registry, stick, mirror, box)
    synced = await box.service.take_in(file=str(stick))
    assert [(one.kind, one.count) for one in synced.sent] == [(kinds.CHECK_ANSWER, 1), (kinds.SYNC, 1)]
    assert await box.waiting() == []


async def test_the_same_stick_twice_changes_nothing(box, part, registry, stick, mirror):
    await enroll(box, registry, stick, mirror)
    me = box.identity.box_id
    registry.put(me, kinds.LEASE, registry.lease_for(me, "demo"))
    await box.service.export(to=str(stick), today=False)
    exchange(registry, stick, mirror, box)
    for _ in range(2):
        await box.service.take_in(file=str(stick))
    assert [item.kind for item in part.items].count(kinds.LEASE) == 1


async def test_what_came_by_stick_is_acknowledged_by_the_next_one(box, registry, stick, mirror):
    await enroll(box, registry, stick, mirror)
    me = box.identity.box_id
    registry.put(me, kinds.NOTICE, Notice(**registry.about(me, "ntc"), text="Hello."))
    await box.service.export(to=str(stick), today=False)
    exchange(registry, stick, mirror, box)
    await box.service.take_in(file=str(stick))
    await box.service.export(to=str(stick), today=False)
    exchange(registry, stick, mirror, box)
    assert registry.memory.boxes[me].mailbox == {}


async def test_a_refusal_comes_by_stick_too(box, part, registry, stick, mirror):
    await enroll(box, registry, stick, mirror)
    part.say = [box.message(kinds.CHECK_ANSWER, CheckAnswer, check="chk_1", epoch=1, seq=1)]
    await box.service.export(to=str(stick), today=False)
    one, _ = read_outgoing(stick / TO_REGISTRY).messages
    problem = Refused("schema", "No \x1b[2J").problem()
    write_incoming(stick / FROM_REGISTRY, [(one.jti, problem)], None, mirror)
    await box.service.take_in(file=str(stick))
    assert [refusal.name for refusal in part.refusals] == ["schema"]


async def test_another_box_s_answers_on_a_stick_are_refused(box, part, registry, stick, mirror):
    hostile = HostileRegistry()
    hostile.now_s, hostile.key, hostile.status_key = registry.now_s, registry.key, registry.status_key
    hostile.memory, hostile.root_sha256 = registry.memory, registry.root_sha256
    await enroll(box, registry, stick, mirror)
    await box.service.export(to=str(stick), today=False)
    hostile.slip_in = [hostile.others_lease(box.identity.box_id, "opt")]
    exchange(hostile, stick, mirror, box)
    synced = await box.service.take_in(file=str(stick))
    (why,) = synced.not_believed
    assert "another box" in why
    assert kinds.LEASE not in [item.kind for item in part.items]


async def test_a_file_is_named_by_its_whole_path(box, registry, stick, mirror):
    await enroll(box, registry, stick, mirror)
    with pytest.raises(BadRequest, match="whole path"):
        await box.service.export(to="stick", today=False)
