"""What does not fit together is found when the gateway starts."""

import pytest

from appliance.domain.action import Permission
from appliance.domain.actions import ACTIONS
from appliance.domain.actor import Actor
from appliance.domain.results import KeyList, ProjectList, Stopped
from appliance.errors import BadRequest, NotAllowed, NotFound
from appliance.services.binding import BindingError, bind
from tests.admin.fake_box import FakeHandlers

ROOT = Actor("uid 0", Permission.ADMIN)


@pytest.fixture
def table():
    return dict(FakeHandlers().table())


def test_a_whole_table_binds(table):
    first, *rest = table
    bind({first: table[first]}, {name: table[name] for name in rest})


def test_an_action_without_a_handler_is_found(table):
    del table["key.new"]
    with pytest.raises(BindingError, match=r"key\.new has no handler"):
        bind(table)


def test_an_action_with_two_handlers_is_found(table):
    with pytest.raises(BindingError, match=r"status is bound more than once"):
        bind(table, {"status": table["status"]})


@pytest.mark.parametrize("name", ["key.burn", "doctor"])
def test_a_handler_without_an_action_of_the_gateway_is_found(table, name):
    with pytest.raises(BindingError, match=rf"{name} is no action of the gateway"):
        bind(table | {name: table["status"]})


async def takes_too_little(*, id: str) -> ProjectList: ...
async def takes_too_much(*, project: str, title: str | None, color: str) -> ProjectList: ...
async def takes_by_position(project: str, title: str | None) -> ProjectList: ...
async def takes_anything(**arguments: object) -> ProjectList: ...
async def answers_something_else(*, project: str, title: str | None) -> KeyList: ...


@pytest.mark.parametrize(
    "handler",
    [takes_too_little, takes_too_much, takes_by_position, takes_anything, answers_something_else],
    ids=lambda one: one.__name__,
)
def test_a_handler_of_another_shape_is_found(table, handler):
    with pytest.raises(BindingError, match=r"project\.new"):
        bind(table | {"project.new": handler})


def test_all_faults_are_told_at_once(table):
    del table["down"]
    with pytest.raises(BindingError) as found:
        bind(table | {"project.new": takes_too_little})
    assert "down" in str(found.value)
    assert "project.new" in str(found.value)


async def test_operations_check_permission_and_arguments_before_the_handler():
    handlers = FakeHandlers()
    operations = bind(handlers.table())
    with pytest.raises(NotAllowed):
        await operations.run("down", {}, Actor("uid 1000", Permission.READ))
    with pytest.raises(BadRequest):
        await operations.run("key.revoke", {}, ROOT)
    with pytest.raises(NotFound):
        await operations.run("doctor", {}, ROOT)
    assert handlers.calls == []
    assert isinstance(await operations.run("down", {}, ROOT), Stopped)


def test_every_action_has_a_name_of_its_own():
    assert len({one.name for one in ACTIONS}) == len(ACTIONS)
