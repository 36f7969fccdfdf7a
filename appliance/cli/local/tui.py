"""`carrel tui`: the viewer, of this box or of another over SSH; without a terminal, how the box is."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from appliance.cli.desk import Desk
from appliance.cli.saving import WRITERS
from appliance.cli.tunnel import Tunnel, tunnel
from appliance.domain.results import Status, Viewed
from appliance.errors import BadRequest, CarrelError, Conflict, NotFound

TOUR: Final = "tour"
"""The recording that comes with the handbook."""


def tui(
    desk: Desk, *, host: str | None, readonly: bool, record: str | None, replay: str | None, ascii: bool
) -> Viewed:
    """Returns when somebody leaves it.

    Raises ``BadRequest`` for options that exclude each other, ``Conflict`` for a recording that is there
    already, ``NotFound`` for one that is not, and whatever the way to another machine raises.
    """
    if replay and (record or host):
        raise BadRequest("A recording needs no box: give `--replay` alone.", param="replay")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Viewed(shown=False, status=_status(desk))
    # Textual is a third of a second: nothing that needs no terminal pays for it.
    from tui.starting import Viewing, view  # noqa: PLC0415

    keeping = _new_file(record) if record else None
    if replay:
        return _viewed(view(Viewing(replay=_recording(replay), ascii_only=ascii)))
    with tunnel(host) if host else nullcontext(_here(desk)) as way:
        viewing = Viewing(
            socket=way.socket,
            name=host.rpartition("@")[2] if host else desk.around.host_name,
            program=way.program,
            through_shell=bool(host),
            writers=WRITERS,
            readonly=readonly,
            ascii_only=ascii,
            record=keeping,
        )
        return _viewed(view(viewing))


def _here(desk: Desk) -> Tunnel:
    """This machine needs none."""
    return Tunnel(desk.socket, (sys.executable, "-P", "-m", "appliance"))


def _viewed(code: int) -> Viewed:
    if code:
        raise CarrelError("The viewer ended by a defect of its own, told above; the box goes on.")
    return Viewed(shown=True)


def _status(desk: Desk) -> Status | None:
    try:
        return desk.status()
    except CarrelError as error:
        desk.progress(f"carrel: {error.message}")
        return None


def _new_file(name: str) -> Path:
    path = Path(name)
    if os.path.lexists(path):
        raise Conflict(f"{path.name} is there already; choose another name.", param="record")
    if not path.absolute().parent.is_dir():
        raise BadRequest(f"{path.name} cannot be written: there is no such folder.", param="record")
    return path


def _recording(name: str) -> Path:
    path = Path(name)
    if name == TOUR and not path.exists():
        path = Path(__file__).parents[2] / "handbook" / "tour.jsonl.gz"
    if not path.is_file():
        raise NotFound(
            f"There is no recording {path.name}; `--replay {TOUR}` shows the handbook's.", param="replay"
        )
    return path


HANDLERS: Final = {"tui": tui}
