"""One sync: what waits leaves in order and once, what comes is believed or refused, and nothing is lost."""

import msgspec
import pytest

from appliance.errors import BadRequest, NotAllowed, NotFound, TryAgain, UpstreamBusy
from appliance.federation.protocol import kinds
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.messages import CheckAnswer, HeadRequest
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.statements import BudgetClaims, Notice
from tests.federation.hostile_registry import HostileRegistry
from tests.federation.made import new_key
from tests.federation.simulator import SimulatedRegistry
from tests.federation.syncing_box import Part, SyncingBox

OTHER = "o" * 43


@pytest.fixture
async def part():
    return Part(kinds.CHECK_ANSWER, kinds.USAGE_ACK, kinds.LEASE, kinds.STATUS_LIST)


@pytest.fixture
def registry():
    return SimulatedRegistry()


@pytest.fixture
async def box(tmp_path, empty_database, registry, part):
    made = SyncingBox(tmp_path, registry, part, database=empty_database)
    registry.now_s = made.clock.now_s
    yield await (await made.open()).enroll()
    made.close()


def answer(box, number=0):
    return box.message(kinds.CHECK_ANSWER, CheckAnswer, check="chk_1", epoch=1, seq=number)


def sent_kinds(registry):
    return [kind for kind, _ in registry.taken]


async def test_what_waits_leaves_in_the_order_in_which_it_came(box, part, registry):
    part.say = [answer(box, number) for number in range(40)]
    report = await box.syncing.sync()
    sent = [said.seq for kind, said in registry.taken if kind == kinds.CHECK_ANSWER]
    assert (sent, report.trouble, report.waiting) == (list(range(40)), None, 0)
    assert report.sent.kinds[kinds.CHECK_ANSWER] == 40


async def test_what_was_sent_is_the_very_token_of_the_outbox(box, part, registry):
    part.say = [answer(box)]
    token = part.say[0].token
    await box.syncing.sync()
    assert token in registry.sent


async def test_a_part_that_cannot_speak_keeps_no_other_from_it(tmp_path, empty_database, registry):
    silent, heard = Part(), Part(kinds.CHECK_ANSWER, kinds.STATUS_LIST)
    box = SyncingBox(tmp_path, registry, silent, heard, database=empty_database)
    registry.now_s = box.clock.now_s
    await (await box.open()).enroll()
    silent.raises, heard.say = UpstreamBusy("Not now."), [answer(box)]
    report = await box.syncing.sync()
    assert report.troubles == ("Not now.",)
    assert kinds.CHECK_ANSWER in sent_kinds(registry)
    box.close()


async def test_a_lost_answer_is_fetched_with_the_same_message(box, part, registry):
    part.say = [answer(box)]
    box.transport.lose_replies = 1
    assert (await box.syncing.sync()).trouble.trouble == "unreachable"
    assert await box.waiting() == [kinds.CHECK_ANSWER, kinds.SYNC]
    assert (await box.syncing.sync()).trouble is None
    assert sent_kinds(registry).count(kinds.CHECK_ANSWER) == 1
    tokens = [token for _, token in box.transport.posts if token in registry.sent]
    assert tokens[1] == tokens[2]


async def test_a_box_that_was_killed_in_the_middle_of_a_sync_loses_nothing_and_sends_nothing_twice(
    box, part, registry
):
    part.say = [answer(box, number) for number in range(3)]
    box.transport.lose_replies = 1
    await box.syncing.sync()
    await box.again()
    await box.syncing.sync()
    sent = [said.seq for kind, said in registry.taken if kind == kinds.CHECK_ANSWER]
    assert sent == [0, 1, 2]


async def test_a_registry_that_is_away_leaves_everything_waiting_and_is_asked_later(box, part):
    part.say = [answer(box)]
    box.transport.away = True
    report = await box.syncing.sync()
    times = await box.store.federation.times()
    assert (report.trouble.trouble, times.failures, times.good_ms) == ("unreachable", 1, 0)
    assert 0 < times.next_ms - box.clock.now_ms() <= 60_000
    assert times.outcome == report.trouble.message
    assert await box.waiting() == [kinds.CHECK_ANSWER, kinds.SYNC]


async def test_a_registry_that_asks_to_wait_is_not_asked_before(box, part, registry):
    def receive(token, path=None):
        raise Refused("maintenance", "Slowly.", retry_after_s=7200)

    registry.receive = receive
    report = await box.syncing.sync()
    assert isinstance(report.trouble, TryAgain)
    assert (await box.store.federation.times()).next_ms == box.clock.now_ms() + 7_200_000


async def test_too_much_of_one_kind_keeps_no_other_from_leaving(box, part, registry):
    known = registry.receive

    def receive(token, path=None):
        if path == kinds.PATHS[kinds.CHECK_ANSWER]:
            asked.append(path)
            raise Refused("rate", "Slowly.", retry_after_s=7200)
        return known(token, path)

    asked = []
    registry.receive = receive
    part.say = [answer(box, 1), answer(box, 2)]
    report = await box.syncing.sync()
    assert (len(asked), sent_kinds(registry)[-1], report.trouble) == (1, kinds.SYNC, None)
    assert "no more check-answer+jws for now" in report.words
    assert await box.waiting() == [kinds.CHECK_ANSWER, kinds.CHECK_ANSWER]


async def test_a_refused_message_is_kept_with_its_problem_and_the_others_go_on(
    tmp_path, empty_database, registry
):
    quiet = Part(kinds.STATUS_LIST, kinds.USAGE_ACK)
    box = SyncingBox(tmp_path, registry, quiet, database=empty_database)
    registry.now_s = box.clock.now_s
    await (await box.open()).enroll()
    known = registry.receive

    def receive(token, path=None):
        if path == kinds.PATHS[kinds.CHECK_ANSWER]:
            raise Refused("schema", "I know no such field.")
        return known(token, path)

    registry.receive = receive
    quiet.say = [answer(box), box.message(kinds.HEAD_REQUEST, HeadRequest)]
    report = await box.syncing.sync()
    (row,) = await box.store.outbox.refused()
    assert (row.kind, row.problem, report.trouble) == (kinds.CHECK_ANSWER, "schema", None)
    assert sent_kinds(registry)[-2:] == [kinds.HEAD_REQUEST, kinds.SYNC]
    registry.receive = known
    assert (await box.service.resend(id=row.id)).state == "waiting"
    assert (await box.syncing.sync()).sent.kinds[kinds.CHECK_ANSWER] == 1
    box.close()


async def test_only_a_message_that_was_refused_can_be_sent_again_or_given_up(box, part):
    part.say = [answer(box)]
    message = part.say[0].id
    box.transport.away = True
    await box.syncing.sync()
    for act in (box.service.resend, box.service.drop):
        with pytest.raises(NotFound, match="fed status"):
            await act(id=message)
    await box.store.outbox.refuse(message, "schema", box.clock.now_ms())
    assert (await box.service.drop(id=message)).state == "gone"
    assert await box.waiting() == [kinds.SYNC]


async def test_the_status_says_how_it_stands(box, part, registry):
    part.say = [answer(box)]
    box.transport.away = True
    await box.syncing.sync()
    told = await box.service.status()
    assert (told.enrolled, told.institution, told.reporting) == (True, "A university", True)
    assert (told.outcome, told.good_ms) == ("The registry cannot be reached.", None)
    assert [(one.kind, one.state, one.count) for one in told.outbox] == [
        (kinds.CHECK_ANSWER, "waiting", 1), (kinds.SYNC, "waiting", 1),
    ]  # fmt: skip
    assert box.service.line().endswith("0 h ago the last sync: The registry cannot be reached.")


@pytest.mark.parametrize(("settles", "left"), [(True, []), (False, [kinds.CHECK_ANSWER])])
async def test_a_listener_decides_what_becomes_of_a_refused_message(box, part, registry, settles, left):
    known = registry.receive

    def receive(token, path=None):
        if path == kinds.PATHS[kinds.CHECK_ANSWER]:
            raise Refused("gap", "No.", expected=3)
        return known(token, path)

    registry.receive, part.settles, part.say = receive, settles, [answer(box)]
    await box.syncing.sync()
    assert [(one.name, one.members) for one in part.refusals] == [("gap", {"expected": 3})]
    assert await box.waiting() == left


@pytest.mark.parametrize("name", ["unknown-box", "box-suspended"])
async def test_a_box_that_is_not_known_sends_no_more(box, part, registry, name):
    asked = []

    def receive(token, path=None):
        asked.append(path)
        raise Refused(name, "No.")

    registry.receive, part.say = receive, [answer(box), answer(box, 1)]
    report = await box.syncing.sync()
    assert isinstance(report.trouble, NotAllowed)
    assert len(asked) == 1
    assert await box.waiting() == [kinds.CHECK_ANSWER, kinds.CHECK_ANSWER, kinds.SYNC]


async def test_what_waits_at_the_registry_comes_once_and_is_acknowledged(box, registry):
    me = box.identity.box_id
    registry.put(me, kinds.NOTICE, Notice(**registry.about(me, "ntc"), text="Maintenance on Monday."))
    await box.syncing.sync()
    assert registry.memory.boxes[me].mailbox == {}
    assert [one.text for one in (await box.notices.show()).notices] == ["Maintenance on Monday."]


async def test_what_comes_again_changes_nothing_and_is_acknowledged_again(box, part, registry):
    me = box.identity.box_id
    registry.put(me, kinds.LEASE, registry.lease_for(me, "demo"))
    kept = dict(registry.memory.boxes[me].mailbox)
    await box.syncing.sync()
    registry.memory.boxes[me].mailbox = kept
    await box.syncing.sync()
    assert [item.kind for item in part.items].count(kinds.LEASE) == 1
    assert registry.memory.boxes[me].mailbox == {}


async def test_every_believed_statement_tells_the_time(box, registry):
    box.learned.clear()
    await box.syncing.sync()
    assert box.learned == [box.clock.now_s()]


async def test_a_budget_is_told_and_warns_when_most_of_it_is_used(box, registry):
    me = box.identity.box_id
    claims = BudgetClaims(
        **registry.about(me, "bud"), first_day="2026-09-01", last_day="2027-02-28",
        limit_micro=100_000_000, reported_micro=81_000_000,
    )  # fmt: skip
    registry.put(me, kinds.BUDGET, claims)
    await box.syncing.sync()
    assert box.budgets.alarms() == (
        "The registry has counted 81 of 100 credits of this box until 2027-02-28.",
    )


async def test_a_box_that_belongs_to_nobody_does_not_sync(tmp_path, empty_database, registry):
    box = await SyncingBox(tmp_path, registry, database=empty_database).open()
    with pytest.raises(BadRequest, match="fed enroll"):
        await box.syncing.sync()
    assert box.transport.posts == []
    box.close()


class TestAHostileRegistry:
    """It has the right keys."""

    @pytest.fixture
    def registry(self):
        return HostileRegistry()

    async def refused(self, box, registry, token):
        registry.slip_in = [token]
        report = await box.syncing.sync()
        registry.slip_in = []
        assert report.trouble is None
        return report.sent.taken.refused

    async def test_another_box_s_lease_is_refused_and_the_sync_goes_on(self, box, part, registry):
        (why,) = await self.refused(box, registry, registry.others_lease(box.identity.box_id, "opt"))
        assert "another box" in why
        assert kinds.LEASE not in [item.kind for item in part.items]

    async def test_a_lease_bound_to_another_s_key_is_refused(self, box, registry):
        (why,) = await self.refused(box, registry, registry.stolen_lease(box.identity.box_id, "opt"))
        assert "another key" in why

    async def test_a_lease_by_a_key_that_is_not_listed_is_refused(self, box, registry):
        assert await self.refused(box, registry, registry.forged_lease(box.identity.box_id, "opt"))

    async def test_a_lease_by_the_key_of_status_lists_is_refused(self, box, registry):
        me = box.identity.box_id
        assert await self.refused(box, registry, registry.lease_by_the_status_key(me, "opt"))

    async def test_a_statement_from_the_future_is_refused(self, box, registry):
        me = box.identity.box_id
        claims = registry.lease_for(me, "opt", iat=box.clock.now_s() + 3600)
        (why,) = await self.refused(box, registry, registry.key.sign(kinds.LEASE, claims))
        assert "future" in why

    async def test_an_enrollment_is_no_answer_to_a_sync(self, box, registry):
        me = box.identity.box_id
        claims = registry.lease_for(me, "opt", cnf=Confirmation(me))
        token = registry.key.sign(kinds.ENROLLMENT, claims)
        assert await self.refused(box, registry, token)

    async def test_a_notice_s_control_characters_never_reach_a_terminal(self, box, registry):
        registry.slip_in = [registry.notice(box.identity.box_id)]
        await box.syncing.sync()
        (notice,) = (await box.notices.show()).notices
        assert notice.text == "Read this [2J ]0;title now"

    async def test_no_more_than_twenty_notices_are_kept(self, box, registry):
        me = box.identity.box_id
        registry.slip_in = [registry.notice(me, f"number {number}") for number in range(30)]
        await box.syncing.sync()
        assert len((await box.notices.show()).notices) == 20

    async def test_an_answer_to_another_message_is_no_answer(self, box, part, registry):
        known = registry.receive

        def receive(token, path=None):
            return msgspec.structs.replace(known(token, path), re="msg_another")

        registry.receive, part.say = receive, [answer(box)]
        assert (await box.syncing.sync()).trouble.trouble == "unknown_answer"
        assert kinds.CHECK_ANSWER in await box.waiting()

    async def test_a_message_whose_answer_is_never_believed_is_given_up_some_time(self, box, part, registry):
        part.say = [answer(box)]
        registry.slip_in = [registry.others_lease(box.identity.box_id, "opt")]
        for _ in range(12):
            await box.syncing.sync()
        assert await box.waiting() == []


async def test_keys_that_the_registry_s_catalog_lists_anew_are_taken_over(box, registry):
    registry.key = new_key()
    me = box.identity.box_id
    registry.put(me, kinds.NOTICE, Notice(**registry.about(me, "ntc"), text="By the new key."))
    report = await box.syncing.sync()
    assert (report.sent.taken.refused, report.catalog) == ([], "refreshed, nothing new")
    await box.again()
    assert [one.x for one in box.believed.listed] == [one.x for one in registry.key_list.keys]


async def test_a_catalog_that_cannot_be_verified_takes_no_key_away(box, registry):
    box.catalogs.registry_keys = lambda name: None
    report = await box.syncing.sync()
    assert "does not say with which keys" in report.catalog
    assert (report.trouble, report.sent.taken.refused) == (None, [])


async def test_what_the_registry_knows_to_be_here_is_told_once(box, registry):
    me = box.identity.box_id
    registry.put(me, kinds.NOTICE, Notice(**registry.about(me, "ntc"), text="Hello."))
    for _ in range(3):
        await box.syncing.sync()
    assert sent_kinds(registry).count(kinds.RECEIVED) == 1


async def test_a_box_that_could_not_ask_what_is_new_asks_once_when_it_can(box, registry):
    box.transport.away = True
    for _ in range(3):
        await box.syncing.sync()
    assert await box.waiting() == [kinds.SYNC]
    box.transport.away = False
    await box.syncing.sync()
    assert sent_kinds(registry).count(kinds.SYNC) == 1
