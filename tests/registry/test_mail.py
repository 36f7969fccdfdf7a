import pytest
from msgspec.structs import replace

from appliance.errors import BadRequest, NotFound
from appliance.federation.protocol import kinds
from appliance.federation.protocol.leaves import entry_hash
from appliance.federation.protocol.limits import OVERLAP_S
from appliance.federation.protocol.merkle import proof_of, root_of
from appliance.federation.protocol.messages import CheckAnswer, Deletion, Leaf, Received, Sync
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.statements import Notice
from appliance.registry.operating.boxes import list_boxes
from appliance.registry.operating.checks import ask_check, list_checks
from appliance.registry.operating.leases import issue_lease
from appliance.registry.operating.mail import put_mail
from appliance.registry.operating.marks import list_marks
from appliance.registry.operating.notices import reset_time, send_notice
from appliance.registry.operating.tidying import MESSAGES_S, RECEIVED_S, tidy
from appliance.registry.store import deletions
from tests.federation.made import new_key
from tests.registry.desks import DAY_S, NOW_S


def kinds_of(desk, reply):
    return [kind for kind, _ in desk.read(reply)]


def test_notice_is_sent_until_the_box_says_that_it_has_it(desk):
    box = desk.box()
    send_notice(desk.office, box.id, "Maintenance on Sunday.")
    first = desk.only(box.sync(), kinds.NOTICE)
    again = desk.only(box.sync(), kinds.NOTICE)
    assert (first.text, first.jti) == ("Maintenance on Sunday.", again.jti)
    box.say(kinds.RECEIVED, Received, items=(first.jti,))
    assert kinds_of(desk, box.sync()) == [kinds.STATUS_LIST]


def test_notice_for_all_reaches_all_and_one_for_a_box_nobody_else(desk):
    one, other = desk.boxes(2)
    assert len(send_notice(desk.office, "all", "Hello.")) == 2
    send_notice(desk.office, one.id, "Only you.")
    texts = [
        [said.text for kind, said in desk.read(box.sync()) if kind == kinds.NOTICE] for box in (one, other)
    ]
    assert texts == [["Hello.", "Only you."], ["Hello."]]


def test_other_boxes_word_takes_nothing_out_of_a_mailbox(desk):
    one, other = desk.boxes(2)
    send_notice(desk.office, one.id, "Hello.")
    jti = desk.only(one.sync(), kinds.NOTICE).jti
    other.say(kinds.RECEIVED, Received, items=(jti, "nothing"))
    assert desk.only(one.sync(), kinds.NOTICE).jti == jti


@pytest.mark.parametrize("text", ["", "a" * 501, "bell\x07", "right-to-left\u202e", "two\u2028lines"])
def test_notice_is_plain_text(desk, text):
    with pytest.raises(BadRequest):
        send_notice(desk.office, desk.box().id, text)


def test_time_is_told_as_it_is_when_it_leaves(desk):
    box = desk.box()
    reset_time(desk.office, box.id)
    desk.clock.now_s += 3 * DAY_S
    assert desk.only(box.sync(), kinds.TIME_RESET).iat == NOW_S + 3 * DAY_S


def test_mail_is_bounded_and_the_rest_comes_next(desk):
    box = desk.box()
    with desk.database.transaction() as session:
        for number in range(250):
            said = Notice(iss="central", sub=box.id, jti=f"ntc_{number}", iat=NOW_S, text=f"Notice {number}.")
            put_mail(session, 1, kinds.NOTICE, said)
    seen = []
    for _ in range(2):
        notices = [said for kind, said in desk.read(box.sync()) if kind == kinds.NOTICE]
        box.say(kinds.RECEIVED, Received, items=tuple(said.jti for said in notices))
        seen += [said.text for said in notices]
    assert seen == [f"Notice {number}." for number in range(250)]


def test_rotation_is_told_and_both_keys_count_for_a_while(desk):
    box = desk.box()
    old, new = box.key, new_key()
    rotation = desk.only(desk.send(old, box.rotation(new)), kinds.ROTATION)
    assert (rotation.sub, rotation.cnf.jkt) == (box.id, new.public.id)
    assert rotation.overlap_until == NOW_S + OVERLAP_S
    box.sync()
    box.key = new
    box.sync()


def test_rotation_interrupted_before_the_reply_came_is_said_again(desk):
    box = desk.box()
    new = new_key()
    token = box.rotation(new)
    first, again = desk.send(box.key, token), desk.send(box.key, token)
    assert (first.duplicate, again.duplicate) == (False, True)
    assert desk.only(again, kinds.ROTATION).cnf.jkt == new.public.id


def test_rotation_interrupted_and_made_anew_ends_the_same(desk):
    box = desk.box()
    old, new = box.key, new_key()
    desk.send(old, box.rotation(new))
    desk.clock.now_s += 60
    by_old = desk.only(desk.send(old, box.rotation(new, by=old)), kinds.ROTATION)
    by_new = desk.only(desk.send(new, box.rotation(new, by=new)), kinds.ROTATION)
    assert by_old.overlap_until == by_new.overlap_until == NOW_S + OVERLAP_S


def test_rotation_to_a_key_that_does_not_agree_is_refused(desk):
    box, other = desk.boxes(2)
    token = other.rotation(new_key())
    inner = box.rotation(new_key())
    assert token != inner
    box_id, box.id = box.id, other.id
    strange = box.rotation(new_key())
    box.id = box_id
    with pytest.raises(Refused) as refused:
        desk.send(box.key, strange)
    assert refused.value.name == "bad-signature"


def test_replaced_key_cannot_make_another_its_successor(desk):
    box = desk.box()
    old, new = box.key, new_key()
    desk.send(old, box.rotation(new))
    with pytest.raises(Refused, match="replaced"):
        desk.send(old, box.rotation(new_key(), by=old))


def test_rotation_to_a_key_of_another_box_is_refused(desk):
    box, other = desk.boxes(2)
    with pytest.raises(Refused, match="in use before"):
        desk.send(box.key, box.rotation(other.key))


def test_mail_is_signed_for_the_key_that_the_box_has_when_it_leaves(desk):
    box = desk.box()
    issue_lease(desk.office, box.id, "demo")
    new = new_key()
    desk.send(box.key, box.rotation(new))
    box.key = new
    assert desk.only(box.sync(), kinds.LEASE).cnf.jkt == new.public.id


def leaves_of(desk, count=20):
    return [
        Leaf(
            index=index, salt=f"{index:064x}", day=desk.clock.day, hour=3, group="other", model="demo",
            outcome="completed", input_tokens=index, output_tokens=1, gflop=1,
        )
        for index in range(count)
    ]  # fmt: skip


def shown(leaves, indexes):
    hashes = [entry_hash(leaf) for leaf in leaves]
    return tuple(replace(leaves[index], proof=proof_of(hashes, index)) for index in indexes)


@pytest.fixture
def checked(desk):
    """A box, what it reported on, and what it is asked."""
    box = desk.box()
    leaves = leaves_of(desk)
    box.report(merkle_root=root_of([entry_hash(leaf) for leaf in leaves]), leaves=len(leaves))
    ask_check(desk.office, box.id, leaves=4, reason="By chance.")
    return box, leaves, desk.only(box.sync(), kinds.CHECK)


def answer(box, check, **members):
    return box.say(
        kinds.CHECK_ANSWER, CheckAnswer, check=check.jti, epoch=check.epoch, seq=check.seq, **members
    )


def test_rows_that_are_shown_fit_the_tree(desk, checked):
    box, leaves, check = checked
    assert len(set(check.leaves)) == 4
    answer(box, check, leaves=shown(leaves, check.leaves))
    (found,) = list_checks(desk.office)
    assert (found.state, found.words) == ("fits", "")
    assert kinds.CHECK not in kinds_of(desk, box.sync())
    assert not list_marks(desk.office)


def test_row_that_was_made_up_later_leaves_a_mark(desk, checked):
    box, leaves, check = checked
    proper = shown(leaves, check.leaves)
    answer(box, check, leaves=(replace(proper[0], input_tokens=999), *proper[1:]))
    (found,) = list_checks(desk.office)
    assert found.state == "wrong"
    assert [mark.kind for mark in list_marks(desk.office)] == ["check"]


def test_other_rows_than_those_that_were_asked_for_leave_a_mark(desk, checked):
    box, leaves, check = checked
    others = [index for index in range(20) if index not in check.leaves][:4]
    answer(box, check, leaves=shown(leaves, others))
    assert list_checks(desk.office)[0].state == "wrong"


def test_operator_of_the_box_may_refuse(desk, checked):
    box, _leaves, check = checked
    answer(box, check, refused="Not during exams.")
    (found,) = list_checks(desk.office)
    assert (found.state, found.words) == ("refused", "Not during exams.")


def test_check_is_answered_by_its_own_box_once(desk, checked):
    box, leaves, check = checked
    with pytest.raises(Refused) as refused:
        answer(desk.box(), check, refused="No.")
    assert refused.value.name == "not-yours"
    answer(box, check, leaves=shown(leaves, check.leaves))
    with pytest.raises(Refused) as refused:
        answer(box, check, refused="No.")
    assert refused.value.name == "conflict"


def test_check_of_a_box_that_reported_no_rows_is_not_asked(desk):
    with pytest.raises(NotFound):
        ask_check(desk.office, desk.box().id)


def test_deletion_is_kept(desk):
    box = desk.box()
    members = {"model": "demo", "lease": "lease_1", "files": ("b" * 64,), "how": "deleted", "at": NOW_S}
    for _ in range(2):
        box.say(kinds.DELETION, Deletion, jti="msg_1", **members)
    with desk.database.reading() as session:
        (found,) = deletions.all_of(session)
    assert (found.box_id, found.model, found.files, found.how) == (box.id, "demo", 1, "deleted")


def test_clock_of_a_box_is_noted_at_its_sync(desk):
    box = desk.box()
    box.say(kinds.SYNC, Sync, iat=NOW_S + 4000, software="carrel 2")
    (found,) = list_boxes(desk.office)
    assert (found.clock_off_s, found.software) == (4000, "carrel 2")


def test_what_nobody_asks_for_any_more_is_forgotten(desk):
    box = desk.box()
    send_notice(desk.office, box.id, "Hello.")
    box.say(kinds.RECEIVED, Received, items=(desk.only(box.sync(), kinds.NOTICE).jti,))
    desk.clock.now_s += max(RECEIVED_S, MESSAGES_S) + 1
    tidy(desk.office)
    with desk.database.reading() as session:
        for table in ("nonce", "message", "mailbox"):
            assert session.one(f"SELECT count(*) AS n FROM {table}")["n"] == 0, table
