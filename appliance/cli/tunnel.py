"""The way to the admin socket of another machine: OpenSSH forwards it, as the user who may open it there.

One connection carries the socket and every command; whoever signs in with a password types it once.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.results import BoxPlaces
from appliance.errors import BadRequest, GatewayNotRunning, NotReady

_HOST: Final = re.compile(r"^([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9_\[][A-Za-z0-9._:\]-]*\Z")
"""As ssh takes it; it never begins with a hyphen, which ssh would take for an option."""
_KEPT_ALIVE: Final = ("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3")
_ANSWER_TIMEOUT_S: Final = 60


@dataclass(frozen=True, slots=True)
class Tunnel:
    """``socket`` is the near end. ``program`` runs the far machine's ``carrel`` in a terminal."""

    socket: Path
    program: tuple[str, ...]


@contextmanager
def tunnel(host: str) -> Iterator[Tunnel]:
    """Open for the length of a ``with`` block. ``host`` is ``user@box`` or a name of ssh's own settings.

    Raises ``BadRequest`` for what is no host, ``NotReady`` where ssh is missing, does not get there, or
    finds no Carrel, ``GatewayNotRunning``.
    """
    if not _HOST.match(host):
        raise BadRequest("`--host` must look like user@box, as ssh takes it.", param="host")
    ssh = shutil.which("ssh")
    if ssh is None:
        raise NotReady("There is no `ssh` on this machine; install OpenSSH's client.")
    with tempfile.TemporaryDirectory(prefix="carrel-") as folder:
        control = ("-o", f"ControlPath={folder}/control")
        _connect([ssh, "-M", "-f", "-N", *control, *_KEPT_ALIVE, host], host)
        try:
            near = Path(folder) / "admin.sock"
            far = _far_socket([ssh, *control, host], host)
            _forward([ssh, *control, "-O", "forward", "-L", f"{near}:{far}", host], host)
            yield Tunnel(near, (ssh, "-t", *control, host, "carrel"))
        finally:
            _asked([ssh, *control, "-O", "exit", host], host)


def _connect(words: Sequence[str], host: str) -> None:
    """The terminal is ssh's own until it is in: it may ask for a password, or about a key."""
    if subprocess.run(words, check=False).returncode:  # noqa: S603 - the host was looked at
        raise NotReady(f"ssh does not get to {host}; try `ssh {host}`.")


def _far_socket(ssh: Sequence[str], host: str) -> str:
    # A login shell, so that a command in the user's own folder is found.
    found = _asked([*ssh, "sh", "-lc", "'exec carrel where --json'"], host)
    try:
        places = msgspec.json.decode(found.stdout, type=BoxPlaces)
    except msgspec.DecodeError as error:
        raise NotReady(f"`carrel where` does not answer on {host}; is Carrel installed there?") from error
    socket = next((one.path for one in places.places if one.name == "socket"), "")
    if not socket.startswith("/") or ":" in socket:
        raise GatewayNotRunning(f"{host} has no admin socket; `ssh {host} carrel up` starts its box.")
    return socket


def _forward(words: Sequence[str], host: str) -> None:
    if _asked(words, host).returncode:
        raise NotReady(
            f"ssh to {host} forwards no sockets; its administrator can allow it (AllowStreamLocalForwarding)."
        )


def _asked(words: Sequence[str], host: str) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(  # noqa: S603 - the host was looked at
            words, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWER_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise NotReady(f"{host} does not answer over ssh; try `ssh {host} carrel status`.") from error
