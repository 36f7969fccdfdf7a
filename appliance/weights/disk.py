"""Room on the disk that the models are on."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.errors import StorageUnavailable

_BLOCK_BYTES: Final = 512  # of st_blocks, whatever the file system's own are: stat(2)


@dataclass(frozen=True, slots=True)
class ModelsDisk:
    """The one of ``models_dir``. Both methods block."""

    models_dir: Path

    def free_bytes(self) -> int:
        """Room that this user may use. Raises ``StorageUnavailable`` where nobody can tell."""
        try:
            found = os.statvfs(self.models_dir)
        except OSError as error:
            raise StorageUnavailable(
                f"The models' folder cannot be looked at ({error.strerror}); `carrel doctor` says more of it."
            ) from error
        return found.f_bavail * found.f_frsize

    def taken_bytes(self, path: Path) -> int:
        """What a file has of it, written or reserved; 0 for one that is not there."""
        try:
            found = path.lstat()
        except OSError:
            return 0
        return found.st_blocks * _BLOCK_BYTES if stat.S_ISREG(found.st_mode) else 0
