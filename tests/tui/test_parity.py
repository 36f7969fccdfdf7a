"""Every action of the table is in the palette, on the command line and, where the gateway carries it out, a
route; and the command that the screens show is the action that they carry out.
"""

import itertools

import msgspec
import pytest
import rich_click as click
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.api.admin import admin_app
from appliance.cli.commands import carrel as command_line
from appliance.client.answers import path_of
from appliance.domain.action import Action, Kind, Place
from appliance.domain.actions import ACTIONS
from appliance.domain.arguments import check_arguments
from appliance.domain.command_line import words_of
from appliance.services.binding import bind
from tests.admin.fake_box import FakeHandlers, SilentLog, sample
from tests.tui.fake_box import FakeBox
from tests.tui.scenes.lab import HEAD
from tui.acting.ladder import looks_only
from tui.acting.palette import NOT_OFFERED, ActionCommands, offered
from tui.app import CarrelApp

ROOT = command_line()
WORDS = {one.name: one.name.replace(".", " ") for one in ACTIONS}
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


def value_of(argument) -> st.SearchStrategy:
    if argument.choices:
        return st.sampled_from(argument.choices)
    return {
        Kind.TEXT: TEXTS.map(lambda one: one[: argument.most]),
        Kind.FILE: st.just("/tmp/a file"),
        Kind.INTEGER: st.integers(argument.least, argument.most),
        Kind.DECIMAL: st.decimals(0, 100, places=2).map(str),
        Kind.FLAG: st.booleans(),
    }[argument.kind]


def arguments_of(action: Action) -> st.SearchStrategy:
    """As a form gives them: what stands behind a place that is not given is not given either."""
    must = {one.name: value_of(one) for one in action.arguments if one.required}
    places = [one for one in action.arguments if one.positional and not one.required]
    may = {one.name: value_of(one) for one in action.arguments if not one.required and one not in places}
    placed = st.integers(0, len(places)).flatmap(
        lambda most: st.fixed_dictionaries({one.name: value_of(one) for one in places[:most]})
    )
    named = st.fixed_dictionaries(must, optional=may)
    return st.tuples(named, placed).map(lambda both: {**both[0], **both[1]})


def parsed(words: tuple[str, ...]) -> tuple[str, dict[str, object]]:
    """What the command line understands, without carrying it out."""
    command: click.Command = ROOT
    rest, path = list(words), []
    while isinstance(command, click.Group):
        path.append(rest.pop(0))
        command = command.commands[path[-1]]
    context = command.make_context(path[-1], rest, resilient_parsing=False)
    return ".".join(path), context.params


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.name)
@settings(max_examples=6, deadline=None, database=None)
@given(data=st.data())
def test_the_command_that_is_shown_means_the_action_with_its_arguments(action, data):
    arguments = data.draw(arguments_of(action))
    files = {one.name: "/tmp/a file" for one in action.arguments if one.kind is Kind.FILE}
    name, understood = parsed(words_of(action, arguments, files))
    assert name == action.name
    own = {one.name: understood[one.name] for one in action.arguments}
    assert check_arguments(action, own) == check_arguments(action, arguments)


def test_every_action_is_a_command_and_those_of_the_gateway_are_routes():
    handlers = FakeHandlers()
    app = admin_app(bind(handlers.table()), own_uid=0, log=SilentLog())
    routes = {route.path for route in app.routes}
    for action in ACTIONS:
        parsed_name = ".".join(itertools.chain(action.noun.split(), [action.verb]))
        command: object = ROOT
        for word in parsed_name.split("."):
            command = command.commands[word]  # type: ignore[attr-defined]
        assert command is not None
        assert (path_of(action) in routes) == (action.place is Place.GATEWAY), action.name


async def entries(*, readonly: bool = False, query: str = "") -> list[str]:
    app = CarrelApp(FakeBox(*HEAD, readonly=readonly))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        provider = ActionCommands(app.screen)
        hits = provider.search(query) if query else provider.discover()
        return [str(one.text) async for one in hits]


async def test_the_palette_holds_the_whole_table():
    assert set(await entries()) == set(WORDS.values()) - NOT_OFFERED
    assert {"tui"} >= NOT_OFFERED


async def test_a_palette_that_is_read_only_holds_what_looks():
    held = set(await entries(readonly=True))
    assert held == {WORDS[one.name] for one in ACTIONS if looks_only(one)} - NOT_OFFERED
    assert held == {WORDS[one.name] for one in offered(readonly=True)}


async def test_an_action_is_found_by_its_words():
    app = CarrelApp(FakeBox(*HEAD))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        provider = ActionCommands(app.screen)
        for action in offered(readonly=False)[::9]:
            found = [one async for one in provider.search(WORDS[action.name])]
            assert WORDS[action.name] in {str(one.text) for one in found}, action.name


async def test_what_a_palette_offers_begins_that_action():
    begun = []

    class Noting(CarrelApp):
        def act(self, deed):
            begun.append(deed.action)

    app = Noting(FakeBox(*HEAD))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        async for hit in ActionCommands(app.screen).discover():
            hit.command()
    assert begun == [one.name for one in offered(readonly=False)]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.name)
def test_a_result_travels_as_json_and_comes_back_as_its_type(action):
    result = sample(action.result)
    assert msgspec.json.decode(msgspec.json.encode(result), type=action.result) == result
