"""Has the installer put the program onto a bundle, in a process of its own: that may fetch and compile."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import appliance
from appliance.errors import NotReady

_SCRIPT: Final = Path("packaging") / "install.sh"
_MOST_LINE_CHARS: Final = 200
_FROM_SHELL: Final = ("PATH", "HOME", "LANG", "TMPDIR", "http_proxy", "https_proxy", "no_proxy")
Tell = Callable[[str], None]


def installer_folder(prefix: Path = Path(sys.prefix)) -> Path | None:
    """What this program was installed from: kept beside it, or the checkout that runs. None where neither
    is.
    """
    for folder in (prefix / "installer", Path(appliance.__file__).resolve().parents[1]):
        if (folder / _SCRIPT).is_file():
            return folder
    return None


class ProgramFiller:
    """``environment`` is where proxies and pip's settings come from; little of it reaches the process."""

    def __init__(self, environment: Mapping[str, str], installer: Path | None) -> None:
        self._environment: Final = {
            name: value
            for name, value in environment.items()
            if name in _FROM_SHELL or name.startswith(("PIP_", "XDG_"))
        }
        self._installer = installer

    async def fill(self, folder: Path, tell: Tell) -> None:
        """Return when the program is there, whole. Raises ``NotReady`` with how to do it by hand."""
        if self._installer is None:
            raise NotReady(
                "The installer of this Carrel is not on the box, so it cannot go onto a bundle. Run `bash "
                "packaging/install.sh` of this version again, then repeat this."
            )
        words = ("bash", str(self._installer / _SCRIPT), "--fill-program", str(folder))
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
        )
        try:
            last = await _follow(process, tell)
            code = await process.wait()
        finally:
            _end(process)
        if code:
            raise NotReady(
                f"The program could not be put onto the bundle ({last}). It needs the network once, and a "
                "compiler. Do it where both are: `bash packaging/install.sh --fill-program BUNDLE/program`; "
                "then run this again, which takes what lies there."
            )


async def _follow(process: asyncio.subprocess.Process, tell: Tell) -> str:
    """Tell each line; answers the last one that says something."""
    last = "it said nothing"
    if process.stdout is None:
        return last
    while line := await process.stdout.readline():
        text = "".join(one for one in line.decode("utf-8", "replace") if one.isprintable()).strip()
        if text:
            last = text[:_MOST_LINE_CHARS]
            tell(f"program: {last}")
    return last


def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
