"""Generates every command from the table of actions."""

from collections.abc import Callable

import rich_click as click

import appliance
from appliance.cli.asking_back import ask_back
from appliance.cli.asking_for_more import ask_for_more
from appliance.cli.desk import Desk
from appliance.cli.given_files import with_files_read
from appliance.cli.parameters import parameters
from appliance.cli.performing import perform
from appliance.cli.saving import check_free, save
from appliance.cli.showing import exit_code_of, outcome_of, show
from appliance.domain.action import Action
from appliance.domain.actions import ACTIONS
from appliance.domain.arguments import check_arguments

_EPILOG = "`carrel help` prints the handbook. Every command takes --json."


def carrel(actions: tuple[Action, ...] = ACTIONS) -> click.RichGroup:
    """The whole command line: a group a noun, a command a verb."""
    root = click.RichGroup(
        name="carrel", help="A one-box model appliance for an academic lab.", epilog=_EPILOG
    )
    root.params.append(_version())
    for action in actions:
        _parent(root, action.noun).add_command(_command(action))
    for group in root.commands.values():
        _tell_verbs(group)
    return root


def _version() -> click.Option:
    def show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted:
            click.echo(f"carrel {appliance.__version__}")
            context.exit()

    return click.RichOption(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help="Print it.",
        callback=show_version,
    )


def _parent(root: click.Group, noun: str) -> click.Group:
    group = root
    for word in noun.split():
        inner = group.commands.get(word)
        if not isinstance(inner, click.Group):
            inner = click.RichGroup(name=word)
            group.add_command(inner)
        group = inner
    return group


def _tell_verbs(command: click.Command) -> None:
    if isinstance(command, click.Group):
        command.help = "Verbs: " + ", ".join(command.commands) + "."
        for inner in command.commands.values():
            _tell_verbs(inner)


def _command(action: Action) -> click.RichCommand:
    return click.RichCommand(
        name=action.verb, callback=_callback(action), params=parameters(action), help=action.summary
    )


def _callback(action: Action) -> Callable[..., None]:
    @click.pass_context
    def run(
        context: click.Context,
        /,
        as_json: bool,
        yes: bool = True,
        background: bool = False,
        output_file: str | None = None,
        **given: object,
    ) -> None:
        desk: Desk = context.obj
        if output_file is not None:
            check_free(output_file)
        read = with_files_read(action, given)
        arguments = check_arguments(action, ask_for_more(action, read) if desk.asks else read)
        if desk.asks and not yes:
            ask_back(desk, action, arguments)
        result = perform(desk, action, arguments, follow=not background)
        if output_file is not None:
            save(action, result, output_file)
        if output_file is None or as_json:
            show(result, json=as_json)
        context.exit(outcome_of(result) if action.follows else exit_code_of(result))

    return run
