"""How a box comes to belong to a registry, and what keeps it from belonging to the wrong one."""

import msgspec
import pytest

from appliance.errors import BadRequest, Conflict, IntegrityFailed, NotAllowed, Offline, OutboundFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.enroll_code import read_code
from appliance.federation.protocol.messages import Enroll
from appliance.federation.protocol.statements import Enrollment, LeaseClaims
from appliance.trust.signed import signer_of, unfold
from tests.federation.made import new_key
from tests.federation.simulator import NAME, SimulatedRegistry
from tests.federation.syncing_box import ROOT, ROOT_PATH, Part, SyncingBox


@pytest.fixture
def registry():
    return SimulatedRegistry()


@pytest.fixture
async def box(tmp_path, empty_database, registry):
    made = SyncingBox(tmp_path, registry, Part(kinds.STATUS_LIST), database=empty_database)
    registry.now_s = made.clock.now_s
    registry.root_sha256 = read_code(made.code()).root_sha256
    yield await made.open()
    made.close()


async def enroll(box, code=None, **given):
    arguments = {"name": None, "replaces": None, "request": None, **given}
    return await box.service.enroll(code=code or box.code(), **arguments)


async def test_an_enrolled_box_knows_where_it_belongs_after_a_restart(box):
    told = await enroll(box, name="cluster 3")
    await box.again()
    membership = box.identity.membership
    assert (membership.registry, membership.institution) == (NAME, "A university")
    assert (membership.box, told.box) == (box.identity.key_id, box.identity.key_id)
    assert box.catalogs.trusted == {NAME: (ROOT, "https://registry.example/tuf")}
    assert [one.x for one in box.believed.listed] == [one.x for one in box.registry.key_list.keys]
    assert (await box.syncing.sync()).trouble is None


async def test_the_first_message_proves_that_the_box_has_the_key(box):
    await enroll(box, name="cluster 3", replaces="o" * 43)
    (token,) = box.registry.sent
    said = msgspec.json.decode(unfold(token, kinds.ENROLL, signer_of(token)), type=Enroll)
    assert (said.box, said.name, said.replaces) == (signer_of(token).id, "cluster 3", "o" * 43)


async def test_another_root_than_the_code_says_is_refused_before_anything_is_sent(box):
    code = box.code()
    box.transport.files = {ROOT_PATH: b"another root"}
    with pytest.raises(IntegrityFailed, match="another one"):
        await enroll(box, code)
    assert (box.registry.sent, box.catalogs.trusted) == ([], {})


async def test_an_address_without_a_registry_is_named(box):
    box.transport.files = {}
    with pytest.raises(OutboundFailed) as failure:
        await enroll(box)
    assert failure.value.trouble == "not_a_registry"


async def test_an_enrollment_by_a_key_that_the_catalog_does_not_list_is_refused(box):
    honest = box.registry.key
    code = box.code()
    listed = box.registry.key_list
    box.catalogs.registry_keys = lambda name: msgspec.json.encode(listed)
    box.registry.key = new_key()
    with pytest.raises(IntegrityFailed):
        await enroll(box, code)
    assert not box.identity.enrolled
    assert box.registry.key is not honest


async def test_the_keys_of_another_registry_are_refused(box):
    other = msgspec.structs.replace(box.registry.key_list, registry="another")
    box.catalogs.registry_keys = lambda name: msgspec.json.encode(other)
    with pytest.raises(IntegrityFailed, match="another registry"):
        await enroll(box)


async def test_an_enrollment_of_another_box_is_refused(box):
    claims = {}
    known = box.registry.receive

    def receive(token, path=None):
        reply = known(token, path)
        said = Enrollment(
            **box.registry.about("o" * 43, "enr"), cnf={"jkt": "o" * 43}, registry=NAME, institution="X",
            root_sha256=box.registry.root_sha256, keys=box.registry.key_list.keys, **claims,
        )  # fmt: skip
        return msgspec.structs.replace(reply, items=(box.registry.key.sign(kinds.ENROLLMENT, said),))

    box.registry.receive = receive
    with pytest.raises(IntegrityFailed, match="another box"):
        await enroll(box)


async def test_enrollment_token_reuse_is_refused_and_named(box, tmp_path, empty_database, registry):
    code = box.code()
    await enroll(box, code)
    second = SyncingBox(tmp_path / "second", registry, database=empty_database)
    await second.open()
    with pytest.raises(NotAllowed, match="spent"):
        await enroll(second, code)
    second.close()


async def test_enrollment_token_expiry_is_refused_and_named(box):
    code = box.code()
    box.registry.memory.codes.clear()
    with pytest.raises(NotAllowed, match="older than a day"):
        await enroll(box, code)
    assert not box.identity.enrolled


@pytest.mark.parametrize("killed", [False, True])
async def test_an_enrollment_whose_answer_was_lost_is_repeated_with_the_same_message(box, killed):
    code = box.code()
    box.transport.lose_replies = 1
    with pytest.raises(OutboundFailed):
        await enroll(box, code)
    if killed:
        await box.again()
    await enroll(box, code)
    first, second = box.registry.sent
    assert first == second
    assert box.identity.enrolled


async def test_a_second_registry_is_refused_until_the_first_was_left(box):
    await enroll(box)
    with pytest.raises(Conflict, match="fed leave"):
        await enroll(box)
    left = await box.service.leave()
    assert left.registry == NAME
    assert not box.identity.enrolled


async def test_a_box_that_comes_again_has_another_key_and_another_id(box):
    first = (await enroll(box)).box
    await box.service.leave()
    assert (await enroll(box, replaces=first)).box != first
    assert first in box.identity.ids()


async def test_what_was_signed_before_leaving_is_believed_after_it(box):
    me = (await enroll(box)).box
    lease = box.registry.key.sign(kinds.LEASE, box.registry.lease_for(me, "demo"))
    await box.service.leave()
    await box.again()
    claims, _ = box.believed.believed(lease, kinds.LEASE, LeaseClaims)
    assert claims.sub in box.identity.ids()
    assert claims.cnf.jkt in box.identity.keys_ever()
    assert claims.cnf.jkt not in box.identity.keys_now()


async def test_a_lost_key_is_named_with_the_way_back(box):
    await enroll(box)
    for path in (box.folder / "data" / "federation").glob("*.pem"):
        path.unlink()
    await box.again()
    report = await box.syncing.sync()
    assert "--replaces" in report.trouble.message


@pytest.mark.parametrize(
    "text", [" ", "hello", "crl-enroll:", "crl-enroll:!!!", "crl-enroll:e30", "x" * 9000]
)
async def test_what_is_no_code_is_refused(box, text):
    with pytest.raises(BadRequest, match="carrel registry code"):
        await enroll(box, text)


async def test_a_code_may_be_broken_over_lines(box):
    code = box.code()
    assert (await enroll(box, f"  {code[:40]}\n{code[40:]}\n")).registry == NAME


async def test_an_offline_box_is_sent_to_the_stick(tmp_path, empty_database, registry):
    box = SyncingBox(tmp_path / "off", registry, database=empty_database, offline=True)
    await box.open()
    with pytest.raises(Offline, match="--request"):
        await enroll(box)
    assert registry.sent == []
    box.close()
