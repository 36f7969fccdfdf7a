"""From a deed to what came of it: asked for, asked back for, done, shown."""

import time
from collections.abc import Mapping

import msgspec

from appliance.domain.action import Place
from appliance.domain.plain_text import one_line
from appliance.domain.results import ClassDetail, ProjectList, ProjectShown
from appliance.errors import CarrelError
from tui.acting.calls import Call, agreed, call_of, done, read_first, rehearsed
from tui.acting.form import Filled, Form
from tui.acting.ladder import looks_only, refusal
from tui.acting.local import in_terminal, is_captured
from tui.acting.new_keys import new_keys
from tui.acting.shown import Shown, ShownOnce
from tui.acting.undos import undo_of
from tui.acting.waiting import Waiting, awaited
from tui.deeds import UNDO_S, Deed, Ended
from tui.viewer import Viewer

_READ_S = 20.0
"""How long an error stays, to be read."""


async def carry_out(app: Viewer, deed: Deed) -> None:
    """Ask, ask back, do, show. Where it is refused, the form is there again with what was typed."""
    if app.box.readonly and not looks_only(deed.row):
        _tell(app, refusal(deed.row), "refused", "warning")
        return
    form = deed.form or _lacks_some(deed)
    texts: Mapping[str, str] | None = None
    wrong: CarrelError | None = None
    while True:
        filled = await _asked(app, deed, texts, wrong) if form else None
        if form and filled is None:
            return
        try:
            await _carried_out(app, await call_of(deed, filled))
        except CarrelError as error:
            if filled is None:
                _tell(app, error.message, _words(deed), "error")
                return
            texts, wrong = filled.texts, error
        else:
            return


def take_back(app: Viewer) -> None:
    """What was done last, for some seconds after it."""
    deed = app.doings.undo(time.monotonic())
    if deed is None:
        _tell(app, "There is nothing that could be taken back now.", "undo", "warning")
    else:
        app.act(deed)


def show_ended(app: Viewer, ended: Ended) -> None:
    """What came of something that went on in the background; after that it is shown nowhere."""
    if ended in app.doings.ended:
        app.doings.ended.remove(ended)
    call = Call(ended.deed, ended.arguments, ended.arguments, {})
    _show(app, call, ended.command, ended.result, whole=True)


def _lacks_some(deed: Deed) -> bool:
    return any(one.required and deed.arguments.get(one.name) is None for one in deed.row.arguments)


async def _asked(
    app: Viewer, deed: Deed, texts: Mapping[str, str] | None, wrong: CarrelError | None
) -> Filled | None:
    async def preview(filled: Filled) -> CarrelError | None:
        try:
            call = await call_of(deed, filled)
            result = await rehearsed(app, call)
        except CarrelError as error:
            return error
        app.push_screen(Shown(f"{call.words}: preview, nothing was changed", result, call.command))
        return None

    rehearses = preview if deed.row.place is Place.GATEWAY else None
    form = Form(deed.row, deed.arguments, texts=texts, wrong=wrong, preview=rehearses)
    return await app.push_screen_wait(form)


async def _carried_out(app: Viewer, call: Call) -> None:
    read = await read_first(app, call)
    if read is None or not await agreed(app, read):
        return
    call = read
    if call.action.place is Place.LOCAL and not is_captured(call.action):
        code = in_terminal(app, call.action, call.values, call.files)
        _tell(
            app,
            f"It ended with {code}." if code else "Done.",
            call.words,
            "warning" if code else "information",
        )
        return
    waiting = Waiting(call.words, call.command, ends_with_viewer=call.action.long)
    came = await awaited(app, done(app, call), waiting)
    if came.seen:
        _show(app, call, call.command, came.result)
        return
    app.doings.ended.append(Ended(call.deed, call.arguments, call.command, came.result))
    _tell(app, f"Done: `:` and `result` show what came of {call.words}.", call.words, "information")


def _show(app: Viewer, call: Call, command: str, result: msgspec.Struct, *, whole: bool = False) -> None:
    """A key is always shown; what can be taken back is a line with the way back; else a dialog."""
    keys = new_keys(result)
    writer = app.commands.writer(call.action)
    if keys:
        app.doings.cannot_undo()
        app.push_screen(ShownOnce(call.words, result, command, keys, writer=writer))
        return
    for sentence in _warnings(result):
        _tell(app, sentence, call.words, "warning")
    if whole or not _told_shortly(app, call, command):
        app.push_screen(Shown(call.words, result, command, writer=writer))


def _told_shortly(app: Viewer, call: Call, command: str) -> bool:
    """Whether a line says enough."""
    if looks_only(call.action):
        return False
    undo = undo_of(call.action, call.arguments)
    if undo is not None:
        back = Deed(undo.action, undo.arguments, quiet=True, subject=call.deed.subject)
        app.doings.can_undo(back, time.monotonic())
        way = f"u undoes it for {UNDO_S:.0f} s ({undo.action.replace('.', ' ')})."
        app.notify(f"{one_line(command)}\n{way}", title="done", markup=False, timeout=UNDO_S)
        return True
    app.doings.cannot_undo()
    if call.action.follows:
        _tell(app, f"{command}\nIt goes on in the box; screen 3 shows how far it is.", "begun", "information")
        app.go("jobs")
        return True
    if call.deed.quiet:
        _tell(app, command, "done", "information")
    return call.deed.quiet


def _warnings(result: msgspec.Struct) -> tuple[str, ...]:
    return result.warnings if isinstance(result, ProjectList | ProjectShown | ClassDetail) else ()


def _words(deed: Deed) -> str:
    return deed.action.replace(".", " ")


def _tell(app: Viewer, text: str, title: str, severity: str) -> None:
    timeout = _READ_S if severity in {"error", "warning"} else None
    said = "\n".join(one_line(line) for line in text.split("\n"))
    app.notify(said, title=title, severity=severity, timeout=timeout, markup=False)  # type: ignore[arg-type]
