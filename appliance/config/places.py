"""Where everything lies: one folder under CARREL_HOME, the system's places, or the user's own.

Users' places keep the admin socket in the state folder and not in ``/run/user/<uid>``: that one vanishes
at the last log-out, under a box that goes on running, and cron and ``su`` do not know it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from appliance.errors import ConfigInvalid

_LONGEST_SOCKET_PATH_BYTES: Final = 107
"""``sun_path`` of Linux holds 108 bytes with its final NUL (unix(7))."""


@dataclass(frozen=True, slots=True)
class UserFolders:
    """What platformdirs names for this user."""

    config: Path
    data: Path
    state: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Places:
    """All paths that Carrel uses. The folders need not exist; ``prepare_places`` makes them."""

    mode: str
    """``home``, ``system`` or ``user``."""
    config_file: Path
    data_dir: Path
    models_dir: Path
    runtime_dir: Path
    log_dir: Path

    @property
    def database(self) -> Path:
        """The ledger, keys and projects."""
        return self.data_dir / "carrel.db"

    @property
    def upstreams_dir(self) -> Path:
        """The lab's recipes of models that are hosted elsewhere."""
        return self.config_file.parent / "upstreams"

    @property
    def upstream_keys_dir(self) -> Path:
        """The keys that their hosts want, a file each, for the box's own user alone."""
        return self.data_dir / "upstream-keys"

    @property
    def box_key(self) -> Path:
        """The box's own key, with which it signs what it was told and did."""
        return self.data_dir / "box-key.pem"

    @property
    def tls_dir(self) -> Path:
        """The box's own authority and the certificate that it signed, with their keys."""
        return self.data_dir / "tls"

    @property
    def lab_recipes_dir(self) -> Path:
        """The lab's own recipes, each with its approval."""
        return self.config_file.parent / "recipes"

    @property
    def licenses_dir(self) -> Path:
        """License texts of the lab's recipes."""
        return self.config_file.parent / "licenses"

    @property
    def packs_dir(self) -> Path:
        """The lab's own packs of patterns."""
        return self.config_file.parent / "packs"

    @property
    def registry_keys_dir(self) -> Path:
        """Public keys of the registries that this box believes, a file each."""
        return self.config_file.parent / "registry-keys"

    @property
    def catalogs_dir(self) -> Path:
        """The signed catalogs that this box trusts, a folder each."""
        return self.config_file.parent / "catalogs"

    @property
    def catalog_cache_dir(self) -> Path:
        """What was verified of them, a folder each."""
        return self.data_dir / "catalogs"

    @property
    def organization_dir(self) -> Path:
        """Where the lab's organization signs for its models; the box reads all of it but the keys."""
        return self.config_file.parent / "organization"

    @property
    def federation_key(self) -> Path:
        """The key that speaks for this box to its registry."""
        return self.data_dir / "federation" / "key.pem"

    @property
    def federation_sealing_key(self) -> Path:
        """The key pair that other boxes seal letters to."""
        return self.data_dir / "federation" / "sealing.json"

    @property
    def federation_secret(self) -> Path:
        """What pseudonyms of projects are made with; 32 bytes that never leave the box."""
        return self.data_dir / "federation" / "pseudonyms"

    @property
    def admin_socket(self) -> Path:
        """Where the gateway listens to operators."""
        return self.runtime_dir / "admin.sock"

    @property
    def pid_file(self) -> Path:
        """The gateway's process id, as decimal text."""
        return self.runtime_dir / "gateway.pid"

    @property
    def log_file(self) -> Path:
        """JSON lines; older ones beside it as ``.1``, ``.2`` …"""
        return self.log_dir / "carrel.jsonl"

    def with_models_dir(self, folder: str) -> "Places":
        """The same places with the model files elsewhere; an empty name changes nothing."""
        return replace(self, models_dir=Path(folder)) if folder else self


SYSTEM: Final = Places(
    mode="system",
    config_file=Path("/etc/carrel/carrel.toml"),
    data_dir=Path("/var/lib/carrel"),
    models_dir=Path("/var/lib/carrel/models"),
    runtime_dir=Path("/run/carrel"),
    log_dir=Path("/var/log/carrel"),
)


def find_places(environ: Mapping[str, str], uid: int, folders: UserFolders) -> Places:
    """Decide between the three. ``CARREL_MODE`` overrules the uid: a service unit does not run as root.

    Raises ``ConfigInvalid`` for a home that is not absolute or too long for a socket, or an unknown mode.
    """
    home = environ.get("CARREL_HOME", "")
    if home:
        return _checked(_home_places(home))
    mode = environ.get("CARREL_MODE", "") or ("system" if uid == 0 else "user")
    if mode not in {"system", "user"}:
        raise ConfigInvalid(
            f"`{mode}` from the environment (CARREL_MODE) must be system or user.", param="mode"
        )
    return SYSTEM if mode == "system" else _checked(_user_places(folders))


def socket_of_box(places: Places, system: Places = SYSTEM) -> Path:
    """The admin socket to talk to: a user without a box of their own means the machine's."""
    own = places.admin_socket
    borrows = places.mode == "user" and not _is_there(own) and _is_there(system.admin_socket)
    return system.admin_socket if borrows else own


def prepare_places(places: Places) -> None:
    """Make the folders that are missing, readable by this user alone; those that exist stay as they are.

    Raises ``ConfigInvalid`` where the system refuses.
    """
    for folder in (places.data_dir, places.models_dir, places.runtime_dir, places.log_dir):
        make_private(folder)


def make_private(folder: Path) -> None:
    """Make a folder and its missing parents with mode 0700. Raises ``ConfigInvalid`` where refused."""
    try:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigInvalid(
            f"The folder `{folder.name}` cannot be made ({error.strerror}); see who owns the folder above it."
        ) from error


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except OSError:
        # Also for a folder that this user may not enter: that box is not theirs to use.
        return False
    return True


def _home_places(home: str) -> Places:
    folder = Path(home)
    if not folder.is_absolute():
        raise ConfigInvalid("CARREL_HOME must be an absolute path.", param="home")
    return Places(
        mode="home",
        config_file=folder / "carrel.toml",
        data_dir=folder / "data",
        models_dir=folder / "models",
        runtime_dir=folder / "run",
        log_dir=folder / "log",
    )


def _user_places(folders: UserFolders) -> Places:
    return Places(
        mode="user",
        config_file=folders.config / "carrel.toml",
        data_dir=folders.data,
        models_dir=folders.data / "models",
        runtime_dir=folders.state / "run",
        log_dir=folders.log,
    )


def _checked(places: Places) -> Places:
    over = len(os.fsencode(places.admin_socket)) - _LONGEST_SOCKET_PATH_BYTES
    if over > 0:
        raise ConfigInvalid(
            f"The path of Carrel's socket is {over} bytes too long; set CARREL_HOME to a shorter one.",
            param="home",
        )
    return places
