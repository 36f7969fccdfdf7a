"""Writes lines into a compressed file so that what was written a second ago can be read, whatever becomes of
the program that writes.
"""

import os
import zlib
from pathlib import Path
from typing import Final

import msgspec

from appliance.errors import BadRequest, StorageUnavailable
from tui.recording.format import MOST_BYTES, MOST_LINE_BYTES, Line

_GZIP: Final = 31
"""zlib's word for gzip with the largest window."""
_LEVEL: Final = 6


class LineFile:
    """A new file that its owner alone can read. Raises ``BadRequest`` where it cannot be made.

    Its methods raise ``StorageUnavailable`` where nothing can be written any more.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._file = os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)
        except FileExistsError as error:
            raise BadRequest(f"{path} is there already; a recording needs a new file.") from error
        except OSError as error:
            raise BadRequest(f"{path} cannot be written: {error.strerror}. Choose another place.") from error
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._encoder = msgspec.json.Encoder()
        self._written = 0

    def write(self, line: Line) -> None:
        """Add a line. A reader sees it after ``flush``."""
        if self._file.closed:
            return
        data = self._encoder.encode(line) + b"\n"
        if len(data) > MOST_LINE_BYTES:
            return  # no reader would take it
        self._written += len(data)
        if self._written > MOST_BYTES:
            raise StorageUnavailable("The recording is as large as one can be; begin another one.")
        self._put(self._packer.compress(data))

    def flush(self) -> None:
        """Have all lines so far in the file."""
        if not self._file.closed:
            self._put(self._packer.flush(zlib.Z_SYNC_FLUSH))

    def close(self) -> None:
        """End the file properly. Safe twice, and after an error."""
        if self._file.closed:
            return
        try:
            self._put(self._packer.flush(zlib.Z_FINISH))
        except StorageUnavailable:
            pass  # it was told when it first went wrong, and what is there can be read
        finally:
            self._file.close()

    def _put(self, data: bytes) -> None:
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise StorageUnavailable(
                f"The recording cannot be written any more: {error.strerror}. Make room; begin another one."
            ) from error
