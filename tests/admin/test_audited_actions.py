"""Over the whole table of actions: what changes anything is one row of the audit log, what reads is none."""

import pytest

from appliance.domain.action import Audience, Permission
from appliance.domain.actor import Actor
from appliance.errors import BadRequest, CarrelError, Conflict, NotAllowed
from appliance.services.binding import bind
from tests.admin.fake_box import GATEWAY_ACTIONS, FakeHandlers
from tests.admin.test_every_action import example
from tests.services.audit_box import AuditBox
from tests.services.conftest import StillClock

pytestmark = pytest.mark.slow

ROOT = Actor("uid 0", Permission.ADMIN)
LEAD = Actor("ada", Permission.LEAD, person="ada", project="one", origin="10.0.0.7")
MEMBER = Actor("bob", Permission.MEMBER, person="bob", project="one", origin="10.0.0.8")
CHANGING = [one for one in GATEWAY_ACTIONS if one.permission is not Permission.READ and not one.lists]
FOR_LEADS = [one for one in CHANGING if one.audience is Audience.LEADS]
FOR_MEMBERS = [one for one in CHANGING if one.audience is Audience.MEMBERS]


@pytest.fixture
async def audited(tmp_path):
    box = AuditBox(tmp_path / "data", StillClock())
    await box.log.open()
    yield box
    box.close()


@pytest.fixture
def handlers():
    return FakeHandlers()


@pytest.fixture
def operations(audited, handlers):
    return bind(handlers.table(), audit=audited.log)


def arguments_of(action):
    return {one.name: example(one) for one in action.arguments}


async def done(audited):
    """Action, who and outcome of each row but the first."""
    found = await audited.store.audit.newest(action=None, actor=None, since_ms=0, limit=10_000)
    return [(one.row.action, one.row.actor, one.outcome) for one in reversed(found)][1:]


async def test_every_action_that_changes_anything_is_one_row_and_no_other_is_any(audited, operations):
    for action in GATEWAY_ACTIONS:
        await operations.run(action.name, arguments_of(action), ROOT)
    assert await done(audited) == [(action.name, "uid 0", "ok") for action in CHANGING]
    assert CHANGING
    assert await audited.verify() is None


async def test_what_fails_is_one_row_with_the_code_of_its_error(audited, operations, handlers):
    handlers.answers = {action.name: Conflict("not now") for action in GATEWAY_ACTIONS}
    for action in GATEWAY_ACTIONS:
        with pytest.raises(Conflict):
            await operations.run(action.name, arguments_of(action), ROOT)
    assert await done(audited) == [(action.name, "uid 0", "conflict") for action in CHANGING]


async def test_what_was_refused_is_no_row_for_nothing_was_done(audited, operations, handlers):
    for action in CHANGING:
        with pytest.raises(NotAllowed):
            await operations.run(action.name, arguments_of(action), Actor("uid 1000", Permission.READ))
    for action in CHANGING:
        with pytest.raises(BadRequest):
            await operations.run(action.name, {**arguments_of(action), "no such": 1}, ROOT)
    assert await done(audited) == []
    assert handlers.calls == []


async def test_what_leads_do_is_a_row_and_what_members_do_for_themselves_is_none(audited, operations):
    for action in FOR_LEADS:
        await operations.run(action.name, arguments_of(action), LEAD)
    for action in FOR_MEMBERS:
        await operations.run(action.name, arguments_of(action), MEMBER)
    assert await done(audited) == [(action.name, "ada", "ok") for action in FOR_LEADS]
    assert FOR_LEADS


async def test_no_action_is_carried_out_that_cannot_be_written_down(audited, operations, handlers):
    audited.close()
    for action in CHANGING:
        with pytest.raises(CarrelError, match="closed"):
            await operations.run(action.name, arguments_of(action), ROOT)
    assert handlers.calls == []
