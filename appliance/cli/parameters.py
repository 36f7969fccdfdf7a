"""Turns the arguments of an action into options and arguments of a command."""

from typing import Any, Final

import rich_click as click

from appliance.domain.action import Action, Argument, Blast, Kind

OUTPUT: Final = "output_file"
"""Where the command writes what an action answers; the gateway is not told."""


def parameters(action: Action) -> list[click.Parameter]:
    """All parameters of an action's command, ``--json`` among them."""
    own = [_positional(one) if one.positional else _option(one) for one in action.arguments]
    asks = action.blast in {Blast.INTERRUPTS, Blast.DESTROYS}
    asked_back = [_switch("yes", "Do not ask back.")] if asks else []
    followed = [_switch("background", "Do not wait for its end.")] if action.follows else []
    saved = [_output(action)] if action.saves else []
    return [
        *own,
        *asked_back,
        *followed,
        *saved,
        _switch("as_json", "Print one JSON document.", flag="--json"),
    ]


def _positional(argument: Argument) -> click.Parameter:
    metavar = argument.name.upper() if argument.required else f"[{argument.name.upper()}]"
    return click.RichArgument(
        [argument.name], type=_type(argument), required=argument.required, metavar=metavar, help=argument.help
    )


def _option(argument: Argument) -> click.Parameter:
    flag = "--" + argument.name.replace("_", "-")
    if argument.kind is Kind.FLAG:
        return _switch(argument.name, argument.help)
    return click.RichOption(
        [flag, argument.name],
        type=_type(argument),
        required=argument.required,
        default=argument.default,
        show_default=argument.default is not None,
        help=argument.help,
    )


def _output(action: Action) -> click.Parameter:
    return click.RichOption(
        ["--output", OUTPUT], type=click.STRING, metavar="FILE", help=f"Write into a file: {action.saves}"
    )


def _switch(name: str, help: str, *, flag: str = "") -> click.Parameter:
    return click.RichOption(
        [flag or "--" + name.replace("_", "-"), name], is_flag=True, default=False, help=help
    )


def _type(argument: Argument) -> click.ParamType[Any]:
    if argument.choices:
        return click.Choice(argument.choices)
    if argument.kind is Kind.INTEGER:
        return click.IntRange(argument.least, argument.most)
    return click.STRING
