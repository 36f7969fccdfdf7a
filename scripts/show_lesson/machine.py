"""The lab's machine: installed from a stick with no network, then up on the class's network."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.show_bundle import ROOT, Show

PORT = "7431"
LAN_PORT = "7443"
CLASS_PORT = "7480"


def stick(folder: Path, program: Path | None) -> Path:
    """A bundle with the program on it, made by another box: what the teacher has in the bag."""
    show = Show(folder)
    show.make(program or _program(folder))
    return show.bundle


def _program(folder: Path) -> Path:
    made = folder / "program"
    script = ROOT / "packaging" / "install.sh"
    subprocess.run(["bash", str(script), "--fill-program", str(made)], check=True, stdin=subprocess.DEVNULL)
    return made


@dataclass(frozen=True)
class Machine:
    """``there`` are the words that put a command on its network."""

    home: Path
    there: tuple[str, ...]

    @property
    def carrel(self) -> str:
        return str(self.home / "srv" / "bin" / "carrel")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        (self.home / "tmp").mkdir(parents=True, exist_ok=True)
        return {
            **kept,
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "CARREL_HOME": str(self.home / "box"),
            "CARREL_PORT": PORT,
        }

    def install(self, bundle: Path) -> str:
        script = bundle / "program" / "packaging" / "install.sh"
        words = ("--bundle", str(bundle), "--demo", "--without-torch", "--prefix", str(self.home / "srv"))
        return self._run("bash", str(script), *words)

    def run(self, *words: str) -> str:
        return self._run(self.carrel, *words)

    def told(self, *words: str) -> dict:
        return json.loads(self._run(self.carrel, *words, "--json"))

    def listens(self) -> list[str]:
        """What the box has open to TCP, as ``ss -ltnp`` says: addresses with ports."""
        said = self._run("ss", "-H", "-ltnp")
        return sorted(line.split()[3] for line in said.splitlines())

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [*self.there, *words], env=self.environment, capture_output=True, text=True, check=False, cwd="/",
            stdin=subprocess.DEVNULL, timeout=600,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{' '.join(words)}: code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout
