"""Actions that the command line carries out by itself: captured where they only look, else with the terminal
lent to them.
"""

import asyncio
from collections.abc import Mapping

import msgspec
from textual.app import SuspendNotSupported

from appliance.client.given_files import read_given
from appliance.domain.action import Action, Blast, Kind, Permission
from appliance.domain.command_line import words_of
from appliance.domain.plain_text import one_line
from appliance.errors import CarrelError, NotAvailable, error_for_code
from tui.acting.folders import whole
from tui.commands import Captured
from tui.viewer import Viewer


def is_captured(action: Action) -> bool:
    """Whether its answer is shown here: it asks nothing, and tells nothing on the way."""
    return action.permission is Permission.READ


async def captured(
    app: Viewer, action: Action, values: Mapping[str, object], files: Mapping[str, str]
) -> msgspec.Struct:
    """The action's result. A single file is read here and handed over, so that it need not be where the box
    is. Raises the command's own error.
    """
    given, paths = b"", dict(files)
    if len(files) == 1:
        ((name, path),) = files.items()
        most = next(one.most for one in action.arguments if one.name == name and one.kind is Kind.FILE)
        given, paths = await asyncio.to_thread(read_given, whole(path), most), {}
    words = (*words_of(action, values, paths), "--json")
    return _decoded(action, await app.commands.capture(_options_first(action, words), given))


def in_terminal(app: Viewer, action: Action, values: Mapping[str, object], files: Mapping[str, str]) -> int:
    """Its exit code. What it would ask back was asked here already. Raises ``NotAvailable``."""
    words = words_of(action, values, files)
    if action.blast in {Blast.INTERRUPTS, Blast.DESTROYS}:
        words = _options_first(action, (*words, "--yes"))
    try:
        with app.suspend():
            code = app.commands.in_terminal(words)
    except SuspendNotSupported as error:
        raise NotAvailable(
            "This terminal cannot be lent to a command; copy it with `c` and run it beside the viewer."
        ) from error
    app.refresh()
    return code


def _options_first(action: Action, words: tuple[str, ...]) -> tuple[str, ...]:
    """The last word, an option, before what stands behind ``--``."""
    at = len(action.noun.split()) + 1
    return (*words[:at], words[-1], *words[at:-1])


def _decoded(action: Action, printed: Captured) -> msgspec.Struct:
    try:
        return msgspec.json.decode(printed.output, type=action.result)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _error_of(printed) from None


class _Told(msgspec.Struct, frozen=True):
    message: str
    code: str = ""
    param: str | None = None


class _Complaint(msgspec.Struct, frozen=True):
    error: _Told


def _error_of(printed: Captured) -> CarrelError:
    for line in reversed(printed.errors.splitlines()):
        try:
            told = msgspec.json.decode(line, type=_Complaint).error
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        return error_for_code(told.code)(told.message, param=told.param)
    said = one_line(printed.errors.decode("utf-8", "replace"))[-400:]
    return CarrelError(said or f"The command ended with {printed.code} and said nothing.")
