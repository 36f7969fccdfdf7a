"""What a registry says to batches in any order, and how a box gets back in step."""

import pytest

from appliance.federation.protocol.ordering import (
    NEW_EPOCHS_A_DAY,
    Head,
    OwnBatch,
    OwnChain,
    judge,
    next_step,
)
from appliance.federation.protocol.replies import Refused
from tests.federation.made import NOW_S, ack, batch, chain, digest, new_key, record

BOX = new_key()
ID = BOX.public.id


class Held:
    """A registry's side of one chain."""

    def __init__(self, *batches) -> None:
        self.head, self.digests, self.marks = Head(), {}, 0
        for one in batches:
            self.take(one)

    def take(self, one, **today) -> str:
        verdict = judge(self.head, one, digest(one), digest_at=lambda *at: self.digests.get(at), **today)
        if verdict != "duplicate":
            self.head = Head(one.epoch, one.seq, digest(one))
            self.digests[one.epoch, one.seq] = digest(one)
        return verdict

    def no(self, one, **today) -> tuple[str, dict]:
        with pytest.raises(Refused) as told:
            self.take(one, **today)
        return told.value.name, told.value.members

    def ack(self, **changed):
        head = self.head
        return ack(ID, epoch=head.epoch, seq=head.seq, head=head.digest, **changed)


def kept(*batches, **known) -> OwnChain:
    made = tuple(OwnBatch(one.epoch, one.seq, one.prev, digest(one)) for one in batches)
    return OwnChain(epoch=max((one.epoch for one in batches), default=1), batches=made, **known)


def test_a_chain_is_taken_link_by_link():
    held = Held()
    assert [held.take(one) for one in chain(BOX, 3)] == ["accept"] * 3


def test_records_that_are_not_those_of_their_digest_are_refused():
    one = batch(BOX, 1, records_sha256="0" * 64)
    assert Held().no(one)[0] == "records-hash"


def test_a_first_batch_that_follows_something_is_refused():
    assert Held().no(batch(BOX, 1, "a" * 64))[0] == "chain-mismatch"


def test_a_first_epoch_may_have_any_number_but_begins_with_the_first_batch():
    assert Held().no(batch(BOX, 2, epoch=4)) == ("gap", {"expected": 1, "epoch": 4})
    assert Held().take(batch(BOX, 1, epoch=4)) == "new-epoch"


def test_a_new_epoch_follows_what_the_registry_has():
    one, two = chain(BOX, 2)
    held = Held(one, two)
    name, members = held.no(batch(BOX, 1, digest(one), epoch=2))
    assert (name, members["head"], members["seq"]) == ("chain-mismatch", digest(two), 2)
    assert held.take(batch(BOX, 1, digest(two), epoch=2)) == "new-epoch"
    assert held.take(two) == "duplicate"


def test_a_box_may_not_begin_epochs_all_day():
    held = Held(*chain(BOX, 1))
    following = batch(BOX, 1, held.head.digest, epoch=2)
    name, members = held.no(following, new_epochs_today=NEW_EPOCHS_A_DAY)
    assert name == "rate"
    assert members["retry_after_s"] > 0
    assert held.take(following, new_epochs_today=NEW_EPOCHS_A_DAY - 1) == "new-epoch"


# ---- at the box ----


def test_an_acknowledged_chain_is_done():
    batches = chain(BOX, 3)
    step = next_step(kept(*batches), Held(*batches).ack())
    assert (step.do, step.epoch, step.seq, step.mark) == ("done", 1, 3, False)


def test_nothing_said_and_nothing_had_is_done():
    assert next_step(kept(), Held().ack()).do == "done"


def test_what_the_registry_lacks_is_sent_from_there_on():
    batches = chain(BOX, 3)
    step = next_step(kept(*batches), Held(batches[0]).ack())
    assert (step.do, step.start, step.mark) == ("send", 1, False)
    step = next_step(kept(*batches), Held().ack())
    assert (step.do, step.start) == ("send", 0)


@pytest.mark.parametrize("name", ["gap", "fork", "chain-mismatch", "wrong-epoch"])
def test_disorder_is_settled_by_a_signed_answer_alone(name):
    assert next_step(kept(*chain(BOX, 1)), name).do == "ask-head"


@pytest.mark.parametrize("name", ["rate", "maintenance", "bad-nonce"])
def test_a_registry_that_is_busy_is_asked_later(name):
    assert next_step(kept(), name).do == "later"


@pytest.mark.parametrize("name", ["schema", "records-hash", "box-suspended", "unknown-box"])
def test_a_refusal_that_no_order_mends_is_for_a_person(name):
    step = next_step(kept(), name)
    assert step.do == "stop"
    assert step.mark
    assert name in step.words


def test_a_registry_with_other_batches_gets_a_new_epoch_after_its_head():
    common, theirs = chain(BOX, 2)
    mine = batch(BOX, 2, digest(common), records=(record(7),))
    registry = Held(common, theirs)
    step = next_step(kept(common, mine, acknowledged=(1, 1)), registry.ack())
    assert (step.do, step.epoch, step.prev, step.mark) == ("new-epoch", 2, digest(theirs), True)
    assert registry.take(batch(BOX, 1, step.prev, epoch=step.epoch)) == "new-epoch"


def test_epochs_that_begin_again_and_again_stop_until_a_person_looked():
    common, theirs = chain(BOX, 2)
    own = kept(common, new_epochs_today=NEW_EPOCHS_A_DAY)
    step = next_step(own, Held(common, theirs).ack())
    assert step.do == "stop"
    assert "copy of this box" in step.words


def test_a_new_epoch_is_newer_than_every_one_that_was_used():
    one, *_ = batches = chain(BOX, 1)
    own = OwnChain(5, kept(*batches).batches)
    step = next_step(own, ack(ID, epoch=3, seq=9, head="f" * 64))
    assert (step.do, step.epoch) == ("new-epoch", 6)
    assert one.epoch == 1


def test_a_box_that_keeps_too_little_to_offer_it_again_begins_a_new_epoch():
    batches = chain(BOX, 4)
    registry = Held(batches[0])
    step = next_step(kept(*batches[2:], acknowledged=(1, 4)), registry.ack())
    assert (step.do, step.prev) == ("new-epoch", digest(batches[0]))


def test_an_older_acknowledgement_after_a_newer_one_changes_nothing():
    batches = chain(BOX, 3)
    own = kept(*batches, acknowledged=(1, 3), ack_iat=NOW_S)
    assert next_step(own, Held(batches[0]).ack(iat=NOW_S - 1)).do == "ignore"
