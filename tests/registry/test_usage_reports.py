import secrets

import msgspec
import pytest

from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import HeadRequest
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.usage import CatalogSeen
from appliance.registry.operating.boxes import list_boxes
from appliance.registry.operating.marks import list_marks, settle_mark
from appliance.registry.operating.usage import Asked, show_usage
from appliance.registry.receiving.usage_batches import MOST_A_DAY
from appliance.registry.store.batches import digest_at
from tests.federation.made import digest
from tests.registry.desks import DAY_S, BoxForTests, at_once


def ack_of(desk, reply):
    return desk.only(reply, kinds.USAGE_ACK)


def used(desk, by="model", **asked):
    return {one.name: one.amounts for one in show_usage(desk.office, Asked(by=by, **asked))}


def send(desk, box, batch):
    return desk.send(box.key, box.key.sign(kinds.USAGE_BATCH, batch))


def refused(desk, box, batch):
    with pytest.raises(Refused) as found:
        send(desk, box, batch)
    return found.value


def test_batch_is_acknowledged_by_its_digest(desk):
    box = desk.box()
    ack = ack_of(desk, box.report())
    assert (ack.sub, ack.epoch, ack.seq, ack.head) == (box.id, 1, 1, box.head)
    ack = ack_of(desk, box.report())
    assert (ack.seq, ack.head) == (2, box.head)


def test_verbatim_replay_changes_nothing(desk):
    box = desk.box()
    batch = box.batch(box.record(gflop=7))
    first, again = send(desk, box, batch), send(desk, box, batch)
    assert (first.duplicate, again.duplicate) == (False, True)
    assert ack_of(desk, again).head == ack_of(desk, first).head
    assert used(desk)["demo"].gflop == 7


def test_replay_of_an_old_batch_is_answered_with_the_newest_head(desk):
    box = desk.box()
    first = box.batch()
    send(desk, box, first)
    box.seq, box.head = 1, ack_of(desk, send(desk, box, first)).head
    box.report()
    again = send(desk, box, first)
    assert again.duplicate
    assert ack_of(desk, again).seq == 2


def test_lost_ack_is_told_again_by_the_head(desk):
    box = desk.box()
    box.report()
    ack = ack_of(desk, box.say(kinds.HEAD_REQUEST, HeadRequest))
    assert (ack.epoch, ack.seq, ack.head) == (1, 1, box.head)


def test_head_of_a_box_that_reported_nothing_is_empty(desk):
    ack = ack_of(desk, desk.box().say(kinds.HEAD_REQUEST, HeadRequest))
    assert (ack.epoch, ack.seq, ack.head) == (1, 0, "")


def test_gap_is_refused_with_what_is_expected(desk):
    box = desk.box()
    box.report()
    problem = refused(desk, box, box.batch(seq=3)).problem()
    assert (problem.name, problem.status, problem.expected) == ("gap", 409, 2)


def test_fork_is_refused_and_leaves_a_mark(desk):
    box = desk.box()
    box.report()
    clone = BoxForTests(desk, key=box.key)
    problem = refused(desk, box, clone.batch(clone.record(gflop=5))).problem()
    assert (problem.name, problem.epoch, problem.seq) == ("fork", 1, 1)
    refused(desk, box, clone.batch(clone.record(gflop=6)))
    (mark,) = list_marks(desk.office)
    assert (mark.kind, mark.box_id, mark.epoch, mark.seq) == ("fork", box.id, 1, 1)
    settle_mark(desk.office, mark.id)
    assert not list_marks(desk.office)


def test_restored_box_goes_on_in_a_new_epoch_and_leaves_a_mark(desk):
    box = desk.box()
    box.report()
    head = box.head
    reply = box.report(epoch=2, seq=1, prev=head)
    assert (ack_of(desk, reply).epoch, ack_of(desk, reply).seq) == (2, 1)
    assert [mark.kind for mark in list_marks(desk.office)] == ["epoch"]


def test_box_begins_three_epochs_a_day_at_most(desk):
    box = desk.box()
    for epoch in (2, 3, 4):
        box.report(epoch=epoch, seq=1)
    assert refused(desk, box, box.batch(epoch=5, seq=1)).name == "rate"
    desk.clock.now_s += DAY_S + 1
    send(desk, box, box.batch(epoch=5, seq=1))


def test_wrong_epoch_is_refused(desk):
    box = desk.box()
    box.report(epoch=2)
    problem = refused(desk, box, box.batch(epoch=1, seq=2)).problem()
    assert (problem.name, problem.epoch) == ("wrong-epoch", 2)


def test_batch_that_does_not_follow_is_refused(desk):
    box = desk.box()
    box.report()
    problem = refused(desk, box, box.batch(prev="f" * 64)).problem()
    assert (problem.name, problem.head) == ("chain-mismatch", box.head)


def test_edited_record_is_refused(desk):
    box = desk.box()
    batch = box.batch()
    edited = msgspec.structs.replace(batch, records=(msgspec.structs.replace(batch.records[0], gflop=1),))
    assert refused(desk, box, edited).name == "records-hash"
    assert used(desk) == {}


def test_two_sends_at_once_count_once(desk):
    box = desk.box()
    batch = box.batch(box.record(gflop=7))
    replies = at_once(*[lambda: send(desk, box, batch)] * 5)
    assert sorted(reply.duplicate for reply in replies) == [False, True, True, True, True]
    assert used(desk)["demo"].gflop == 7


def test_two_batches_at_once_come_one_after_the_other(desk):
    box = desk.box()
    one, other = box.batch(), box.batch()
    outcomes = at_once(lambda: send(desk, box, one), lambda: send(desk, box, other))
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert lost.name == "fork"


def test_many_boxes_at_once_lose_nothing(desk):
    boxes = desk.boxes(8)
    replies = at_once(*[lambda box=box: [box.report(box.record(gflop=1)) for _ in range(5)] for box in boxes])
    assert all(isinstance(reply, list) for reply in replies)
    assert used(desk)["demo"].gflop == 40
    assert {box.seq for box in list_boxes(desk.office)} == {5}


def test_record_that_was_reported_counts_once(desk):
    box = desk.box()
    record = box.record(gflop=7)
    box.report(record)
    box.report(record, box.record(gflop=1))
    assert used(desk)["demo"].gflop == 8


def test_adjustment_below_zero_is_a_correction(desk):
    box = desk.box()
    record = box.record(requests=10, gflop=1000)
    box.report(record)
    box.report(box.record(adjusts=record.id, requests=-4, gflop=-400, input_tokens=0, credits_micro=-400))
    assert (used(desk)["demo"].requests, used(desk)["demo"].gflop) == (6, 600)


def test_adjustment_that_takes_back_more_than_was_reported_is_refused(desk):
    box = desk.box()
    record = box.record(requests=10)
    box.report(record)
    batch = box.batch(box.record(adjusts=record.id, requests=-11))
    assert refused(desk, box, batch).name == "schema"
    assert used(desk)["demo"].requests == 10
    box.report()


def test_adjustment_of_nothing_is_refused(desk):
    box = desk.box()
    batch = box.batch(box.record(adjusts="c" * 64, requests=1))
    assert refused(desk, box, batch).name == "schema"


def test_adjustment_of_another_boxs_record_is_refused(desk):
    box, other = desk.boxes(2)
    record = other.record(requests=10)
    other.report(record)
    assert refused(desk, box, box.batch(box.record(adjusts=record.id, requests=-1))).name == "schema"


def test_adjustment_within_one_batch_counts(desk):
    box = desk.box()
    record = box.record(requests=10)
    box.report(record, box.record(adjusts=record.id, requests=-3))
    assert used(desk)["demo"].requests == 7


def test_numbers_below_zero_without_a_correction_are_refused(desk):
    box = desk.box()
    assert refused(desk, box, box.batch(box.record(gflop=-1))).name == "schema"


def test_more_than_any_box_can_do_is_refused(desk):
    box = desk.box()
    half = MOST_A_DAY // 2 + 1
    box.report(box.record(gflop=half))
    assert refused(desk, box, box.batch(box.record(gflop=half))).name == "schema"


def test_two_records_of_one_id_are_refused(desk):
    box = desk.box()
    record = box.record()
    assert refused(desk, box, box.batch(record, record)).name == "schema"


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30"])
def test_day_that_is_none_is_refused(desk, day):
    box = desk.box()
    assert refused(desk, box, box.batch(first_day=day, last_day=day)).name == "schema"


def test_day_that_has_not_begun_is_refused(desk):
    box = desk.box()
    assert refused(desk, box, box.batch(first_day="2099-01-01", last_day="2099-01-01")).name == "bad-time"


def test_record_of_another_day_than_the_batch_is_refused(desk):
    box = desk.box()
    assert refused(desk, box, box.batch(box.record(day="2026-01-01"))).name == "schema"


def test_backlog_of_eight_weeks_comes_in_order_by_stick(desk):
    box = desk.box()
    tokens = []
    for _ in range(56):
        batch = box.batch(box.record(gflop=1))
        tokens.append(box.key.sign(kinds.USAGE_BATCH, batch))
        box.seq, box.head = box.seq + 1, digest(batch)
        desk.clock.now_s += DAY_S
    assert [desk.desk.receive(token).duplicate for token in tokens] == [False] * 56
    assert [desk.desk.receive(token).duplicate for token in tokens] == [True] * 56
    assert used(desk)["demo"].gflop == 56
    assert len(used(desk, "day")) == 56


def test_sums_are_by_institution_model_day_and_box(desk):
    north, south = desk.box("North College"), desk.box("South College")
    north.report(north.record(gflop=3), north.record(gflop=4, model="other", users=12))
    desk.clock.now_s += DAY_S
    south.report(south.record(gflop=5, users=30))
    assert {name: one.gflop for name, one in used(desk).items()} == {"demo": 8, "other": 4}
    by_institution = used(desk, "institution")
    assert {name: one.gflop for name, one in by_institution.items()} == {
        "North College": 7,
        "South College": 5,
    }
    assert {name: one.users for name, one in by_institution.items()} == {
        "North College": 12,
        "South College": 30,
    }
    assert {name: one.gflop for name, one in used(desk, "box").items()} == {north.id: 7, south.id: 5}
    assert [one.gflop for one in used(desk, "day").values()] == [7, 5]
    assert used(desk, institution="South College")["demo"].gflop == 5
    assert used(desk, since=desk.clock.day)["demo"].gflop == 5
    assert set(used(desk, model="other", by="institution")) == {"North College"}


def test_boxes_that_were_shown_different_catalogs_leave_a_mark(desk):
    one, other, third = desk.boxes(3)
    one.report(catalog=CatalogSeen(7, "a" * 64))
    other.report(catalog=CatalogSeen(7, "a" * 64))
    assert not list_marks(desk.office)
    third.report(catalog=CatalogSeen(7, "b" * 64))
    assert [(mark.kind, mark.box_id) for mark in list_marks(desk.office)] == [("catalog", third.id)]


def test_registry_restored_from_its_backup_takes_in_what_it_lost(desk, database):
    box = desk.box()
    box.report()
    lost = box.batch(box.record(gflop=9))
    send(desk, box, lost)
    with database.transaction() as session:
        before = digest_at(session, 1, 1, 1)
        session.run("UPDATE box SET seq = 1, head = :head", {"head": before})
        for table in ("batch", "record", "use_of_box", "use_of_institution"):
            session.run(f"DELETE FROM {table}" + (" WHERE seq = 2" if table in ("batch", "record") else ""))
    assert ack_of(desk, box.say(kinds.HEAD_REQUEST, HeadRequest)).seq == 1
    assert not send(desk, box, lost).duplicate
    assert used(desk)["demo"].gflop == 9


def test_refused_batch_leaves_nothing(desk):
    box = desk.box()
    record = box.record()
    refused(desk, box, box.batch(box.record(), box.record(adjusts=secrets.token_hex(32))))
    with desk.database.reading() as session:
        assert session.one("SELECT count(*) AS n FROM record")["n"] == 0
        assert session.one("SELECT count(*) AS n FROM batch")["n"] == 0
    box.report(record)


def test_records_are_kept_as_they_came(desk):
    box = desk.box()
    record = box.record(energy_mj=12, users=20, purpose="course", op="embedding")
    box.report(record)
    with desk.database.reading() as session:
        (row,) = session.rows("SELECT * FROM record")
    assert (bytes(row["id"]).hex(), row["energy_mj"], row["users"]) == (record.id, 12, 20)
    assert (row["purpose"], row["op"], row["grp"]) == ("course", "embedding", "other")
