"""Has the disk begin early with what was written, so that it does not all wait for the end."""

import ctypes
from functools import cache
from typing import Final

_SYNC_FILE_RANGE_WRITE: Final = 2  # <linux/fs.h>


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def begin_writeback(descriptor: int) -> None:
    """By ``sync_file_range(2)`` over the whole file. It waits for nothing, and promises nothing; where a
    file system has no such thing, the kernel begins when it likes.
    """
    everything = ctypes.c_int64(0)
    _library().sync_file_range(descriptor, everything, everything, _SYNC_FILE_RANGE_WRITE)
