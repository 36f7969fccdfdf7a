"""Usage reports: the cases that follow from the rules of order alone, box and registry at once.

What needs a database (a crash between ledger and outbox, a restored box, eight weeks' backlog) is tested with
the box's store and with the registry's.
"""

import msgspec
import pytest

from appliance.errors import BadRequest, IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.chain import digest_of, record_id, records_digest
from appliance.federation.protocol.checking import believed, opened
from appliance.federation.protocol.ordering import OwnBatch, OwnChain, Step, next_step
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.usage import UsageAck
from appliance.trust.canonical import canonical
from tests.federation.made import NOW_S, batch, chain, digest, new_key, own, record, token
from tests.federation.simulator import SimulatedRegistry

BOX = new_key()
ID = BOX.public.id


@pytest.fixture
def registry():
    made = SimulatedRegistry(lambda: NOW_S)
    made.add_box(ID)
    return made


def send(registry, one) -> UsageAck:
    """One batch; what the registry has then."""
    return acknowledged(registry, registry.receive(token(BOX, one)).items[0])


def acknowledged(registry, item: str) -> UsageAck:
    found = believed(item, keys=registry.key_list.keys, own=own(BOX), now_s=NOW_S, wanted=kinds.USAGE_ACK)
    return found.statement


def refused(registry, one) -> Refused:
    with pytest.raises(Refused) as told:
        registry.receive(token(BOX, one))
    return told.value


def head_of(registry) -> UsageAck:
    return acknowledged(registry, registry.ack(ID))


def counted(registry) -> int:
    return len(registry.memory.boxes[ID].records)


def kept(*batches, **known) -> OwnChain:
    made = tuple(OwnBatch(one.epoch, one.seq, one.prev, digest(one)) for one in batches)
    return OwnChain(epoch=max(one.epoch for one in batches), batches=made, **known)


def catch_up(registry, batches, step: Step) -> Step:
    """Do what a step says once; what comes after it."""
    assert step.do == "send"
    for one in batches[step.start :]:
        last = send(registry, one)
    return next_step(kept(*batches), last)


def test_verbatim_replay_counts_once(registry):
    (one,) = chain(BOX, 1)
    sent = token(BOX, one)
    first, second = registry.receive(sent), registry.receive(sent)
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.items == second.items
    assert counted(registry) == 1


def test_a_lost_ack_is_given_again_for_the_same_batch(registry):
    """The batch was made into a message anew, as after a crash: other ``jti``, same link."""
    (one,) = chain(BOX, 1)
    registry.receive(token(BOX, one))
    registry.memory.answered.clear()
    reply = registry.receive(token(BOX, one))
    assert reply.duplicate
    assert acknowledged(registry, reply.items[0]).head == digest(one)
    assert counted(registry) == 1


def test_a_gap_is_refused_and_tells_what_is_expected(registry):
    one, two, three = chain(BOX, 3)
    send(registry, one)
    no = refused(registry, three)
    assert (no.name, no.members["expected"]) == ("gap", 2)
    step = next_step(kept(one, two, three), no.name)
    assert step.do == "ask-head"
    step = next_step(kept(one, two, three), head_of(registry))
    assert catch_up(registry, [one, two, three], step).do == "done"
    assert counted(registry) == 3


def test_a_fork_is_refused_and_heals_by_a_new_epoch_with_a_mark(registry):
    common, theirs = chain(BOX, 2)
    for one in (common, theirs):
        send(registry, one)
    mine = batch(BOX, 2, digest(common), records=(record(99),))
    no = refused(registry, mine)
    assert (no.name, no.members["seq"]) == ("fork", 2)
    step = next_step(kept(common, mine, acknowledged=(1, 1)), head_of(registry))
    assert (step.do, step.mark) == ("new-epoch", True)
    again = batch(BOX, 1, step.prev, epoch=step.epoch, records=mine.records)
    assert send(registry, again).epoch == 2
    assert registry.memory.boxes[ID].marks == ["epoch 2"]
    assert counted(registry) == 3


def test_an_edited_record_is_refused(registry):
    (one,) = chain(BOX, 1)
    edited = msgspec.structs.replace(one, records=(record(1, requests=1),))
    assert refused(registry, edited).name == "records-hash"
    assert counted(registry) == 0


def test_an_edited_record_with_a_digest_that_fits_forks_the_chain(registry):
    one, two = chain(BOX, 2)
    send(registry, one)
    send(registry, two)
    records = (record(2, requests=1),)
    edited = batch(BOX, 2, digest(one), records=records)
    assert refused(registry, edited).name == "fork"


def test_a_batch_that_follows_something_else_is_a_chain_mismatch(registry):
    (one,) = chain(BOX, 1)
    send(registry, one)
    no = refused(registry, batch(BOX, 2, "b" * 64))
    assert (no.name, no.members["head"]) == ("chain-mismatch", digest(one))


def test_a_wrong_epoch_is_refused_once_a_newer_one_has_begun(registry):
    one, two = chain(BOX, 2)
    send(registry, one)
    send(registry, batch(BOX, 1, digest(one), epoch=2))
    no = refused(registry, two)
    assert (no.name, no.members["epoch"]) == ("wrong-epoch", 2)


def test_two_sends_at_once_of_one_batch_count_once(registry):
    """Whoever comes second is told that it is known, under the same id and under another."""
    (one,) = chain(BOX, 1)
    send(registry, one)
    registry.memory.answered.clear()
    assert registry.receive(token(BOX, one)).duplicate
    other = batch(BOX, 1, records=one.records)
    assert refused(registry, other).name == "fork"
    assert counted(registry) == 1


def test_one_id_of_a_message_with_other_bytes_is_a_conflict(registry):
    one, two = chain(BOX, 2)
    send(registry, one)
    no = refused(registry, msgspec.structs.replace(two, jti=one.jti))
    assert no.name == "conflict"


def test_a_registry_restored_from_its_backup_is_offered_again_what_it_lost(registry):
    batches = chain(BOX, 5)
    for one in batches[:2]:
        send(registry, one)
    backup = registry.backup()
    for one in batches[2:]:
        send(registry, one)
    registry.restore(backup)
    known = kept(*batches, acknowledged=(1, 5), ack_iat=NOW_S)
    step = next_step(known, head_of(registry))
    assert (step.do, step.seq, step.start, step.mark) == ("send", 2, 2, True)
    assert catch_up(registry, batches, step).do == "done"
    assert counted(registry) == 5


def test_a_registry_that_lost_everything_is_offered_the_whole_chain(registry):
    batches = chain(BOX, 3)
    backup = registry.backup()
    for one in batches:
        send(registry, one)
    registry.restore(backup)
    step = next_step(kept(*batches, acknowledged=(1, 3), ack_iat=NOW_S), head_of(registry))
    assert (step.do, step.start, step.mark) == ("send", 0, True)
    assert catch_up(registry, batches, step).do == "done"


def test_a_registry_restored_to_before_an_epoch_gets_the_epoch_again(registry):
    """An epoch follows what the registry had when it began, which may be far back in the box's own chain."""
    one, two = chain(BOX, 2)
    send(registry, one)
    backup = registry.backup()
    following = batch(BOX, 1, digest(one), epoch=2)
    send(registry, following)
    registry.restore(backup)
    step = next_step(kept(one, following, acknowledged=(2, 1), ack_iat=NOW_S), head_of(registry))
    assert (step.do, step.start) == ("send", 1)
    assert two.seq == 2


def test_an_ack_for_another_box_is_disbelieved(registry):
    registry.add_box("o" * 43)
    with pytest.raises(IntegrityFailed, match="another box"):
        acknowledged(registry, registry.ack("o" * 43))


def test_an_ack_older_than_the_watermark_changes_nothing(registry):
    one, two = chain(BOX, 2)
    old = send(registry, one)
    new = msgspec.structs.replace(send(registry, two), iat=NOW_S + 60)
    known = kept(one, two)
    assert next_step(known, new).do == "done"
    known = kept(one, two, acknowledged=(1, 2), ack_iat=new.iat)
    assert next_step(known, old).do == "ignore"


def test_an_ack_of_batches_that_the_box_does_not_know_begins_a_new_epoch(registry):
    """The box was restored from a backup that is older than what it had reported."""
    one, two = chain(BOX, 2)
    send(registry, one)
    head = send(registry, two)
    step = next_step(kept(one, acknowledged=(1, 1)), head)
    assert (step.do, step.epoch, step.prev) == ("new-epoch", 2, digest(two))


def test_an_adjustment_below_zero_is_taken(registry):
    (one,) = chain(BOX, 1)
    send(registry, one)
    less = record(2, adjusts=one.records[0].id, requests=-2, input_tokens=-300, gflop=-12)
    send(registry, batch(BOX, 2, digest(one), records=(less,)))
    assert counted(registry) == 2


def test_an_integer_beyond_two_to_the_53_is_neither_made_nor_taken(registry):
    with pytest.raises(BadRequest, match="too large"):
        batch(BOX, 1, records=(record(1, gflop=2**53),))
    within = batch(BOX, 1, records=(record(1, gflop=2**53 - 1),))
    assert send(registry, within).seq == 1


def test_users_and_hours_stay_within_their_bounds():
    for wrong in ({"users": -1}, {"first_hour": 24}, {"day": "2025-1-1"}, {"group": "Ada"}):
        one = batch(BOX, 1, records=(record(1, **wrong),))
        with pytest.raises(Refused) as told:
            opened(token(BOX, one))
        assert told.value.name == "schema"


def test_the_digest_of_a_batch_is_that_of_the_bytes_that_were_signed():
    (one,) = chain(BOX, 1)
    assert opened(token(BOX, one)).digest == digest_of(canonical(one)) == digest(one)


def test_the_order_of_records_is_part_of_their_digest():
    assert records_digest((record(1), record(2))) != records_digest((record(2), record(1)))


def test_a_records_id_tells_apart_everything_that_a_record_is_for():
    key = {
        "box": ID, "epoch": 1, "day": "2025-10-09", "group": "other", "purpose": "course", "model": "demo",
        "revision": 1, "file_sha256": "", "backend": "llama.cpp", "op": "chat", "lease": "", "number": 0,
    }  # fmt: skip
    others = {
        "box": "x", "epoch": 2, "day": "2025-10-10", "group": "0" * 16, "purpose": "admin", "model": "demo2",
        "revision": 2, "file_sha256": "a" * 64, "backend": "torch", "op": "embedding", "lease": "lease_1",
        "number": 1,
    }  # fmt: skip
    made = {record_id(**key)} | {record_id(**{**key, name: value}) for name, value in others.items()}
    assert len(made) == 1 + len(key)
