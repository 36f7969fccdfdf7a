"""How a box and the registry reach each other: over HTTPS' plain sister on this machine, or by a folder that
stands for a stick.
"""

from dataclasses import dataclass
from pathlib import Path

from scripts.demo_federation.parties import Box, Registry


@dataclass
class Network:
    """The registry answers; boxes sync."""

    registry: Registry
    name: str = "over the network"

    def begin(self) -> None:
        self.registry.serve()

    def enroll(self, box: Box, code: Path) -> None:
        box.carrel("fed", "enroll", code.read_text().strip(), "--name", box.name)

    def sync(self, box: Box, *, today: bool = False) -> None:
        box.carrel("fed", "sync", *(("--today",) if today else ()))


@dataclass
class Stick:
    """Nobody answers: the boxes are offline, and a folder goes back and forth."""

    registry: Registry
    folder: Path
    name: str = "by stick, without any network"

    def begin(self) -> None:
        self.folder.mkdir()

    def enroll(self, box: Box, code: Path) -> None:
        there, back = self._files(box)
        box.carrel("fed", "enroll", code.read_text().strip(), "--name", box.name, "--request", str(there))
        self._exchange(box, there, back)

    def sync(self, box: Box, *, today: bool = False) -> None:
        there, back = self._files(box)
        box.carrel("fed", "export", str(there), *(("--today",) if today else ()))
        self._exchange(box, there, back)

    def _exchange(self, box: Box, there: Path, back: Path) -> None:
        self.registry.carrel("registry", "exchange", str(there), "--out", str(back))
        box.carrel("fed", "import", str(back))

    def _files(self, box: Box) -> tuple[Path, Path]:
        there, back = self.folder / f"{box.name}-there.tar", self.folder / f"{box.name}-back.tar"
        there.unlink(missing_ok=True)
        back.unlink(missing_ok=True)
        return there, back


Way = Network | Stick
