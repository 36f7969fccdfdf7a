"""Begins the viewer for the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tui.app import CarrelApp
from tui.box import Box
from tui.commands import NoCommands, Subprocesses, Writer
from tui.live import LiveBox
from tui.recording.recorder import Recorder
from tui.recording.replaying import ReplayBox


@dataclass(frozen=True, slots=True)
class Viewing:
    """What the command line was told. ``socket`` is the box's, or the near end of a tunnel to it;
    ``program`` the words that run its command there.
    """

    socket: Path = Path()
    name: str = ""
    program: Sequence[str] = ()
    readonly: bool = False
    ascii_only: bool = False
    record: Path | None = None
    replay: Path | None = None
    through_shell: bool = False
    """The program hands its words to a shell, as ``ssh`` does."""
    writers: Mapping[str, Writer] = field(default_factory=dict)
    """What makes files of what actions answer, by action."""


def view(viewing: Viewing) -> int:
    """Show it until somebody leaves; the exit code. Raises ``BadRequest`` for a recording that cannot be read
    or made.
    """
    live = Subprocesses(viewing.program, viewing.writers, through_shell=viewing.through_shell)
    commands = NoCommands() if viewing.replay else live
    app = CarrelApp(box_of(viewing), commands, ascii_only=viewing.ascii_only)
    app.run()
    return app.return_code or 0


def box_of(viewing: Viewing) -> Box:
    """The box to look at: live, recorded meanwhile, or a recording."""
    if viewing.replay is not None:
        return ReplayBox.open(viewing.replay)
    live = LiveBox(viewing.socket, viewing.name, readonly=viewing.readonly)
    return live if viewing.record is None else Recorder(live, viewing.record)
