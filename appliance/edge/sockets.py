"""Where a listener binds: a TCP address or a path, with failures said in the words of the settings."""

import errno
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import ConfigInvalid, Conflict


@dataclass(frozen=True, slots=True)
class TcpBind:
    """An address and a port; port 0 takes a free one. The settings are those that errors name."""

    host: str = "127.0.0.1"
    port: int = 7411
    host_setting: str = "host"
    port_setting: str = "port"


@dataclass(frozen=True, slots=True)
class UnixBind:
    """A path; whoever may write to the file may connect."""

    path: Path
    mode: int = 0o660


Bind = TcpBind | UnixBind


def bound_socket(bind: Bind) -> socket.socket:
    """A bound socket that does not listen yet. Raises ``Conflict`` (taken), ``ConfigInvalid``."""
    return _bound_path(bind) if isinstance(bind, UnixBind) else _bound_address(bind)


def _bound_address(bind: TcpBind) -> socket.socket:
    try:
        found = socket.getaddrinfo(bind.host, bind.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
    except OSError:
        raise _no_address(bind) from None
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as failed:
        bound.close()
        raise _why_not(bind, failed) from None
    return bound


def _why_not(bind: TcpBind, failed: OSError) -> Conflict | ConfigInvalid:
    if failed.errno == errno.EADDRINUSE:
        return Conflict(
            f"Port {bind.port} of {bind.host} is taken: stop what uses it, or choose another with"
            f" `carrel config set {bind.port_setting} PORT`."
        )
    if failed.errno == errno.EACCES:
        return ConfigInvalid(f"Port {bind.port} is reserved for the administrator; choose one above 1023.")
    return _no_address(bind)


def _no_address(bind: TcpBind) -> ConfigInvalid:
    return ConfigInvalid(
        f"This machine has no address {bind.host}; look at the setting `{bind.host_setting}`."
    )


def _bound_path(bind: UnixBind) -> socket.socket:
    _remove_stale(bind.path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(bind.path))
        # Before listen(), so that nobody can connect under the mode that umask gave.
        os.chmod(bind.path, bind.mode)  # noqa: PTH101 - pathlib's follows links
    except OSError as failed:
        bound.close()
        raise ConfigInvalid(
            f"The admin socket cannot be made: {failed.strerror or 'its path is too long'}."
        ) from None
    return bound


def _remove_stale(path: Path) -> None:
    """Remove what a killed gateway left. Raises ``Conflict`` when somebody answers, or it is no socket."""
    if not os.path.lexists(path):
        return
    if not stat.S_ISSOCK(path.lstat().st_mode):
        raise Conflict("Something that is not a socket lies where the admin socket belongs; move it away.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
        except OSError:
            pass
    raise Conflict(
        "A gateway already listens on the admin socket; `carrel status` shows it, `carrel down` stops it."
    )
