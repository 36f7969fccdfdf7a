"""One call of an action: with files read, asked back for, done where its place is."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.client.given_files import text_given
from appliance.client.presenting.downloads import removal_sentence
from appliance.domain.action import Action, Blast, Kind, Place
from appliance.domain.command_line import command_of
from appliance.domain.results import AgreementText, LicenseDetail, Removal, Status
from appliance.errors import BadRequest, CarrelError
from tui.acting.confirming import Confirm, Consent
from tui.acting.folders import whole
from tui.acting.form import Filled
from tui.acting.ladder import REHEARSAL, Asks, step_of
from tui.acting.local import captured
from tui.deeds import Deed
from tui.viewer import STATUS, Viewer

_STATUS_S: Final = 2.0
"""How long the count of what runs is waited for."""


@dataclass(frozen=True, slots=True)
class Call:
    """``arguments`` hold the texts of files, ``values`` their paths, which ``files`` are."""

    deed: Deed
    arguments: Mapping[str, object]
    values: Mapping[str, object]
    files: Mapping[str, str]

    @property
    def action(self) -> Action:
        """Its row of the table."""
        return self.deed.row

    @property
    def words(self) -> str:
        """As the command line calls it."""
        return self.action.name.replace(".", " ")

    @property
    def command(self) -> str:
        """The command that does the same."""
        return command_of(self.action, self.values, self.files)


async def call_of(deed: Deed, filled: Filled | None) -> Call:
    """From what a form held, or from the deed alone. Raises ``ConfigInvalid`` and ``BadRequest`` for files
    that cannot be given, with the argument's name.
    """
    known = {name: value for name, value in deed.arguments.items() if value is not None}
    if filled is None:
        return Call(deed, known, known, {})
    here = {one.name for one in deed.row.arguments if one.kind is Kind.FILE or one.name == REHEARSAL}
    kept = {name: value for name, value in known.items() if name in here}
    values = {**kept, **filled.values}
    if deed.row.place is Place.LOCAL:
        return Call(deed, values, values, filled.files)
    texts = {}
    for name, path in filled.files.items():
        most = next(one.most for one in deed.row.arguments if one.name == name)
        texts[name] = await _read(name, path, most)
    return Call(deed, {**values, **texts}, values, filled.files)


async def _read(name: str, path: str, most: int) -> str:
    try:
        return await asyncio.to_thread(text_given, whole(path), most)
    except CarrelError as error:
        raise BadRequest(error.message, param=name) from error


async def done(app: Viewer, call: Call) -> msgspec.Struct:
    """The action's result, of one whose answer is shown here."""
    if call.action.place is Place.LOCAL:
        return await captured(app, call.action, call.values, call.files)
    return await app.box.run(call.action.name, call.arguments)


async def rehearsed(app: Viewer, call: Call) -> msgspec.Struct:
    """What the action says it would do."""
    return await app.box.run(call.action.name, {**call.arguments, REHEARSAL: True})


async def agreed(app: Viewer, call: Call) -> bool:
    """Whether somebody goes on, knowing what can be lost."""
    action = call.action
    said, status = "", None
    if action.blast is Blast.DESTROYS and any(one.name == REHEARSAL for one in action.arguments):
        result = await rehearsed(app, call)
        said = removal_sentence(result) if isinstance(result, Removal) else ""
    if action.blast is Blast.INTERRUPTS and action.place is Place.GATEWAY:
        status = await _status(app)
    step = step_of(action, call.arguments, status, subject=call.deed.subject, rehearsed=said)
    if step.asks is Asks.NOTHING:
        return True
    answer: bool | None = await app.push_screen_wait(Confirm(call.words, step, call.command))
    return bool(answer)


async def _status(app: Viewer) -> Status | None:
    try:
        found: msgspec.Struct | None = await asyncio.wait_for(app.box.run("status", {}), _STATUS_S)
    except (CarrelError, TimeoutError):
        found = app.latest(STATUS)
    return found if isinstance(found, Status) else None


async def read_first(app: Viewer, call: Call) -> Call | None:
    """The call with the hash of the text that was read and accepted; None for a no. As it is where there is
    no text, or its hash is there already.
    """
    if call.arguments.get("text") or call.action.name not in {"license.accept", "agreement.sign"}:
        return call
    text, sha256 = await (_license(app, call) if call.action.noun == "license" else _agreement(app))
    if not text or not sha256:
        return call
    if not await app.push_screen_wait(Consent(call.words, text)):
        return None
    more = {"text": sha256}
    return Call(call.deed, {**call.arguments, **more}, {**call.values, **more}, call.files)


async def _license(app: Viewer, call: Call) -> tuple[str, str]:
    found = await app.box.run("license.show", {"model": call.arguments.get("model"), "text": True})
    if not isinstance(found, LicenseDetail) or found.terms is None:
        return "", ""
    return found.text or "", found.terms.text_sha256 or ""


async def _agreement(app: Viewer) -> tuple[str, str]:
    found = await app.box.run("agreement.show", {})
    return (found.text, found.text_sha256) if isinstance(found, AgreementText) else ("", "")
