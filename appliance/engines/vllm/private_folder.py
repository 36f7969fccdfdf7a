"""A folder of this process alone, in memory, for what vLLM writes: a worker may write nowhere else.

Nobody tidies up after a process that was killed, so the next one does.
"""

import os
import shutil
from pathlib import Path
from typing import Final

_PREFIX: Final = "carrel-vllm"
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # nosec B108
"""The one place that a confined worker may write to."""


def private_folder(parent: Path = SHARED_MEMORY) -> Path:
    """Made anew, for this user only; those of processes of the same user that are gone are removed."""
    mine = f"{_PREFIX}-{os.getuid()}-"
    for left in parent.glob(f"{mine}*"):
        if not Path("/proc", left.name.removeprefix(mine)).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{mine}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder
