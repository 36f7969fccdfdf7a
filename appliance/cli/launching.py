"""Starts a gateway in the background: through the service unit where there is one, else as a process."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from appliance.config import Places
from appliance.config.places import make_private
from appliance.errors import CarrelError
from appliance.services.finding.tail import lines_from_end

UNIT: Final = "carrel.service"
_GATEWAY: Final = (sys.executable, "-m", "appliance", "serve")


class Launch(Protocol):
    """A way to start a gateway."""

    def start(self) -> None:
        """Start it. Raises ``CarrelError`` if that fails at once."""
        ...

    def death(self) -> str | None:
        """Why it ended, as a sentence, or None while it runs."""
        ...


class Detached:
    """A process of its own session, which outlives the terminal.

    What it says before its log is open goes to ``start.log`` beside the log.
    """

    def __init__(
        self, places: Places, environment: Mapping[str, str], command: tuple[str, ...] = _GATEWAY
    ) -> None:
        self._words = places.log_dir / "start.log"
        self._environment = dict(environment)
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with the log of an earlier start overwritten."""
        make_private(self._words.parent)
        with self._words.open("wb") as words:
            self._process = subprocess.Popen(  # noqa: S603 - this program itself, with no word of the user's
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd="/",
                start_new_session=True,
            )

    def death(self) -> str | None:
        """The last thing it said."""
        if self._process is None or self._process.poll() is None:
            return None
        said = next(lines_from_end(self._words), f"it ended with code {self._process.returncode}")
        return said.removeprefix("carrel: ")


class Unit:
    """The service unit of systemd, which takes its settings from the configuration file."""

    def __init__(self, systemctl: str) -> None:
        self._systemctl = systemctl

    def start(self) -> None:
        """Have systemd start it; for a unit that reports its readiness this waits for that."""
        done = self._run("start", UNIT)
        if done.returncode != 0:
            raise CarrelError(f"systemd could not start {UNIT}; `journalctl -u {UNIT} -n 30` says why.")

    def death(self) -> str | None:
        """Points to the journal."""
        state = self._run("show", "--property=ActiveState", "--value", UNIT).stdout.strip()
        return f"`journalctl -u {UNIT} -n 30` says why" if state in {"failed", "inactive"} else None

    def is_installed(self) -> bool:
        """Whether systemd knows the unit."""
        return self._run("cat", UNIT).returncode == 0

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - fixed words, program found in PATH by its full name
            (self._systemctl, *words), capture_output=True, text=True, check=False
        )


def installed_unit(places: Places) -> Unit | None:
    """The service unit, in system mode and where systemd has it."""
    systemctl = shutil.which("systemctl") if places.mode == "system" else None
    if systemctl is None:
        return None
    unit = Unit(str(Path(systemctl)))
    return unit if unit.is_installed() else None
