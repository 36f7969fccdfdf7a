"""Every action of the table is a command, and its --json is one document of the action's result."""

import functools

import msgspec
import pytest

from appliance.catalog.places import recipes_folder
from appliance.cli.commands import carrel as command_line
from appliance.cli.performing import local_handler
from appliance.domain.action import Kind, Place
from appliance.domain.actions import ACTIONS
from appliance.services.binding import shape_faults
from tests.admin.fake_box import GATEWAY_ACTIONS

LOCAL_ACTIONS = tuple(one for one in ACTIONS if one.place is Place.LOCAL)
EXAMPLES = {Kind.TEXT: "one", Kind.INTEGER: "5", Kind.DECIMAL: "0.5", Kind.FILE: __file__}
LOCAL_WORDS = {
    "up": [],
    "doctor": [],
    "ask": ["Which port?"],
    "bench": ["--concurrency", "1,2", "--requests", "2", "--warmup", "1"],
    "logs": [],
    "where": [],
    "help": ["keys"],
    "config.get": ["port"],
    "config.set": ["port", "7500"],
    "config.explain": ["port"],
    "recipe.new": [str(recipes_folder() / "handbook-tiny"), "--id", "own"],
    "recipe.schema": [],
    "upstream.key": ["lab", "--forget"],
}

CATALOG_VERBS = ("init", "add", "remove", "delegate", "sign", "publish", "trust", "distrust")
CATALOG_WORK = {f"catalog.{verb}" for verb in CATALOG_VERBS}
"""These need each other's folders: ``test_catalog_commands`` goes through them."""


TERMINAL_WORK = {"tui"}
"""It needs a terminal, and ends with 2 without one: ``test_viewer``."""
RECIPE_WORK = {"recipe.approve", "recipe.withdraw"}
"""These need a recipe: ``test_recipe_commands`` has some."""
REVIEWER_WORK = {"sample.key", "sample.open", "report.open"}
"""These need a key, and what is sealed to it: ``test_reviewer_commands``."""
BUNDLE_WORK = {"bundle.inspect"}
"""It needs a bundle: ``test_bundle_commands``."""
SHARE_WORK = {one.name for one in LOCAL_ACTIONS if one.noun == "share"}
"""These need an organization's key: ``test_share_commands``."""
REGISTRY_WORK = {one.name for one in LOCAL_ACTIONS if one.noun.split()[:1] == ["registry"]}
"""These need a registry: ``tests/cli/registry``."""


def words_of(action, *, every: bool) -> list[str]:
    words = [*action.noun.split(), action.verb]
    for one in action.arguments:
        value = one.choices[-1] if one.choices else EXAMPLES.get(one.kind)
        if one.kind is Kind.INTEGER:
            value = str(max(int(value), one.least))
        if one.positional:
            words.append(value)
        elif one.kind is Kind.FLAG and every:
            words.append(f"--{one.name.replace('_', '-')}")
        elif one.kind is not Kind.FLAG and (every or one.required):
            words += [f"--{one.name.replace('_', '-')}", value]
    return words


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.name)
def test_an_action_is_a_command_with_help_from_the_table(carrel, action):
    told = carrel(*action.noun.split(), action.verb, "--help")
    assert told.code == 0
    shown = " ".join(told.out.replace("│", " ").split())
    assert action.summary in shown
    for argument in action.arguments:
        assert (
            argument.name.upper() if argument.positional else f"--{argument.name.replace('_', '-')}"
        ) in shown


def test_there_is_no_command_beside_the_table():
    def names(command, before=""):
        for name, inner in command.commands.items():
            yield from names(inner, f"{before}{name}.") if hasattr(inner, "commands") else [before + name]

    assert set(names(command_line())) == {one.name for one in ACTIONS}


@pytest.mark.parametrize("action", GATEWAY_ACTIONS, ids=lambda one: one.name)
def test_an_action_of_the_gateway_prints_one_document_of_its_result(carrel, box, action):
    if action.name == "down":
        box.handlers.notice = lambda name: box.stop_soon() if name == "down" else None
    done = carrel(*words_of(action, every=True), "--json")
    assert done.code == 0, done.err
    assert msgspec.convert(done.document, action.result) is not None
    given = dict(box.handlers.calls)[action.name]
    assert given.keys() == {one.name for one in action.arguments}


@pytest.mark.parametrize("action", GATEWAY_ACTIONS, ids=lambda one: one.name)
def test_an_action_of_the_gateway_is_shown_to_a_person(carrel, box, action):
    if action.name == "down":
        box.handlers.notice = lambda name: box.stop_soon() if name == "down" else None
    done = carrel(*words_of(action, every=False))
    assert done.code == 0, done.err
    assert done.out.strip()
    # What a result warns of is no part of the answer.
    warns = "warnings" in action.result.__struct_fields__
    assert done.err == ("carrel: text\n" * 2 if warns else "")


@pytest.mark.parametrize("name", LOCAL_WORDS)
def test_a_local_action_prints_one_document_of_its_result(carrel, box, api, name):
    done = carrel(*name.split("."), *LOCAL_WORDS[name], "--json")
    result = next(one.result for one in ACTIONS if one.name == name)
    assert done.code in ({0, 1} if name == "doctor" else {0}), done.err
    assert msgspec.convert(done.document, result) is not None


def test_every_local_action_is_tried_but_the_one_that_does_not_end():
    assert (
        {one.name for one in LOCAL_ACTIONS}
        - set(LOCAL_WORDS)
        - CATALOG_WORK
        - RECIPE_WORK
        - BUNDLE_WORK
        - REVIEWER_WORK
        - REGISTRY_WORK
        - SHARE_WORK
        - TERMINAL_WORK
        == {"serve"}
    )


@pytest.mark.parametrize("action", LOCAL_ACTIONS, ids=lambda one: one.name)
def test_a_local_handler_has_the_shape_of_its_action(carrel, action):
    assert shape_faults(action, functools.partial(local_handler(action), carrel.desk())) == []


def test_the_version_is_told(carrel):
    assert carrel("--version").out.startswith("carrel ")
