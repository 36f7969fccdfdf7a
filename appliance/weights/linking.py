"""Gives a blob a second name: by a hard link, or where the file system has none by a copy that shares its
blocks, or by a copy.
"""

import errno
import fcntl
import os
from collections.abc import Callable
from typing import Final

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed
from appliance.weights.folders import open_file, regular

_NO_LINKS: Final = frozenset(
    {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EACCES, errno.EINVAL}
)
_FICLONE: Final = 0x4004_9409  # <linux/fs.h>
_COPY_BYTES: Final = 64 * 2**20


Link = Callable[[str, str, int, int], bool]
"""Gives a file of one folder a second name in another one; False where the file system does not do that."""


class Linker:
    """From the folder ``blobs``. ``copied`` are the hashes of what had to be copied."""

    def __init__(self, blobs: int, link: Link) -> None:
        self._blobs = blobs
        self._link = link
        self.copied: list[str] = []

    def leads_to(self, file: RecipeFile, *, within: int) -> bool:
        """Whether the name there is the blob already."""
        blob, there = regular(file.sha256, within=self._blobs), regular(file.name, within=within)
        return blob is not None and there is not None and os.path.samestat(blob, there)

    def put(self, file: RecipeFile, *, within: int) -> None:
        """Give the blob the file's name there. Raises ``IntegrityFailed`` where it has none, ``OSError``."""
        found = regular(file.sha256, within=self._blobs)
        if found is None or found.st_size != file.size_bytes:
            raise IntegrityFailed(f"{file.name} is not here as a whole; run `carrel model pull` again.")
        if not self._link(file.sha256, file.name, self._blobs, within):
            _copy(file, self._blobs, within)
            self.copied.append(file.sha256)


def hard_link(name: str, new: str, source: int, target: int) -> bool:
    """False where the file system does not do that. Raises ``OSError``."""
    try:
        os.link(name, new, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True


def _copy(file: RecipeFile, blobs: int, within: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    with open_file(file.sha256, within=blobs) as source:
        target = os.open(file.name, flags, 0o600, dir_fd=within)
        try:
            if not _shares_blocks(source, target):
                while os.sendfile(target, source, None, _COPY_BYTES):
                    pass
            os.fchmod(target, os.fstat(source).st_mode & 0o777)
            os.fsync(target)
        finally:
            os.close(target)


def _shares_blocks(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True
