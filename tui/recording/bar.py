"""The line above the keys while a recording is looked at: the moment, how far it goes, how fast."""

from dataclasses import dataclass
from typing import Final

from textual.binding import BindingsMap
from textual.widgets import Static

from tui.box import Box
from tui.parts.cells import Cell, duration
from tui.parts.lines import drawn
from tui.recording.replaying import ReplayBox
from tui.themes import tones_of

KEYS: Final = (
    ("space", "replay_pause", "pause"),
    ("comma,left", "replay_move(-10)", "back 10 s"),
    ("full_stop,right", "replay_move(10)", "on 10 s"),
    ("less_than_sign", "replay_move(-300)", "back 5 min"),
    ("greater_than_sign", "replay_move(300)", "on 5 min"),
    ("plus", "replay_hurry(1)", "faster"),
    ("minus", "replay_hurry(-1)", "slower"),
)
"""Keys, what a screen does with them, what they are for."""

_EVERY_S: Final = 0.25
_LEAST_BAR: Final = 8
_SAYS: Final = "  space , . < > + -"


def replayed(box: Box) -> ReplayBox | None:
    """The recording that is looked at; None of a box that is there."""
    return box if isinstance(box, ReplayBox) else None


def bind_keys(bindings: BindingsMap) -> None:
    """Have a screen take the keys of a recording before its own."""
    for keys, action, says in KEYS:
        for key in keys.split(","):
            own = bindings.key_to_bindings.pop(key, [])
            # A table that moves by arrows keeps them; a field that is typed into keeps all it takes.
            bindings.bind(key, action, says, show=False, priority=key not in {"left", "right"})
            bindings.key_to_bindings[key] += own


class ReplayBar(Static):
    """Draws itself four times a second, and only what changed."""

    DEFAULT_CSS = "ReplayBar { height: 1; background: $surface; padding: 0 1; text-wrap: nowrap; }"

    def __init__(self, box: ReplayBox, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self._box = box
        self._drawn: tuple[object, ...] = ()

    def on_mount(self) -> None:
        """Begin to draw."""
        self.set_interval(_EVERY_S, self.tick)
        self.tick()

    def on_resize(self) -> None:
        """The bar has another width."""
        self.tick()

    def tick(self) -> None:
        """Draw where it is now."""
        player = self._box.player
        at_end = player.position_ms >= player.length_ms
        scene = Scene(
            clock=self._box.clock,
            at_ms=player.position_ms,
            length_ms=player.length_ms,
            stands="" if player.playing else "ENDED" if at_end else "PAUSED",
            speed=player.speed,
            lost=self._box.lost,
        )
        ascii_only = bool(getattr(self.app, "ascii_only", False))
        line = pieces(scene, max(0, self.size.width - 2), ascii_only=ascii_only)
        state = (self.app.theme, *line)
        if state != self._drawn:
            self._drawn = state
            self.update(drawn([line], tones_of(self.app.theme)))

    def redraw(self) -> None:
        """In the tones of another theme."""
        self.tick()


@dataclass(frozen=True, slots=True)
class Scene:
    """What the bar says. ``stands`` is why it does not go on, empty where it does."""

    clock: str
    at_ms: int
    length_ms: int
    stands: str
    speed: int
    lost: str


def pieces(scene: Scene, room: int, *, ascii_only: bool = False) -> list[Cell | str]:
    """The line in so many characters: how it goes, the moment, a bar, how far; keys where there is room."""
    head = f"{scene.stands or f'PLAYS {scene.speed}x':<9} {scene.clock} "
    if scene.lost:
        return [Cell(head, "strong"), Cell(f"THE BOX COULD NOT BE REACHED: {scene.lost}", "bad")]
    tail = f" {duration(scene.at_ms // 1000)} of {duration(scene.length_ms // 1000)}"
    keys = _SAYS if len(head) + len(tail) + len(_SAYS) + _LEAST_BAR <= room else ""
    width = max(0, room - len(head) - len(tail) - len(keys))
    full = round(width * scene.at_ms / scene.length_ms) if scene.length_ms else width
    done, left = ("#", "-") if ascii_only else ("━", "─")
    return [
        Cell(head, "warn" if scene.stands else "strong"),
        Cell(done * full, "strong"),
        Cell(left * (width - full), "quiet"),
        Cell(tail),
        Cell(keys, "quiet"),
    ]
