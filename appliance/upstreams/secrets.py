"""The keys that hosts want, a file each, which only the box's own user may read. They are in nothing else."""

import os
import re
import stat
from pathlib import Path
from typing import Final

from appliance.config.places import make_private
from appliance.errors import BadRequest, ConfigInvalid

MOST_BYTES: Final = 4096
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_SECRET: Final = re.compile(r"[!-~]{1,4096}\Z")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Secrets:
    """Of one folder, which need not exist. A name is the lab's word for a key, never the key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        """Whether one of that name is stored."""
        return self._path(name).is_file()

    def read(self, name: str) -> str:
        """Raises ``ConfigInvalid`` where there is none, or others may read it."""
        try:
            with self._path(name).open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(MOST_BYTES + 2).decode("ascii", "replace").strip()
        except OSError as error:
            raise ConfigInvalid(
                f"There is no key of the name {name} that this box can read; store it with "
                f"`carrel upstream key {name}`."
            ) from error
        if mode & _OTHERS:
            raise ConfigInvalid(
                f"Others than the box may read the key {name}, so it is not used; replace it at its host and "
                f"store the new one with `carrel upstream key {name}`."
            )
        return _checked(text)

    def write(self, name: str, secret: str) -> None:
        """Store it for the owner of the folder above, in the place of an older one. Raises ``BadRequest``,
        ``ConfigInvalid``.
        """
        path, secret = self._path(name), _checked(secret.strip())
        try:
            make_private(self._folder)
            owner = self._folder.parent.stat()
            new = path.with_name(f".{name}.new")
            new.unlink(missing_ok=True)
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secret + "\n")
                file.flush()
                os.fsync(file.fileno())
            if os.geteuid() == 0:
                # Root may store it for a box that is not root's.
                os.chown(new, owner.st_uid, owner.st_gid)
                os.chown(self._folder, owner.st_uid, owner.st_gid)
            new.replace(path)
        except OSError as error:
            raise ConfigInvalid(f"The key {name} cannot be stored: {error.strerror}.") from error

    def forget(self, name: str) -> None:
        """Remove it, if it is there. Raises ``ConfigInvalid``."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise ConfigInvalid(f"The key {name} cannot be removed: {error.strerror}.") from error

    def _path(self, name: str) -> Path:
        if not NAME.match(name):
            raise BadRequest("A key's name is made of a-z, 0-9, dot, dash and underscore.", param="name")
        return self._folder / name


def _checked(secret: str) -> str:
    if not _SECRET.match(secret):
        raise BadRequest(
            f"A key is one line of up to {MOST_BYTES} printable ASCII characters without spaces.", param="key"
        )
    return secret
