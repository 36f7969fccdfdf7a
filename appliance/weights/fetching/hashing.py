"""Hashes a part from its beginning, on a thread of its own, as its bytes come."""

import hashlib
import os
import threading
from typing import Final

from appliance.weights.fetching.part import Part

# Small enough to stay in a core's cache between being read and being hashed.
_CHUNK_BYTES: Final = 256 * 1024
_LOOK_S: Final = 0.2


class Hasher:
    """``start`` it, and ``end`` it in any case. What it reads is what was written, back from the file."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._digest = hashlib.sha256()
        self._ended = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="hashing", daemon=True)
        self.hashed_bytes = 0
        """From the beginning on."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Stop wherever it is."""
        self._ended.set()
        self._thread.join()

    @property
    def done(self) -> bool:
        """Whether all is hashed, or nothing more will be."""
        return not self._thread.is_alive()

    def wait(self, timeout_s: float) -> None:
        """For the end, so long at most."""
        self._thread.join(timeout_s)

    def hexdigest(self) -> str:
        """Of the whole file, once it is done. Raises ``OSError`` where it could not be read."""
        if self._failure is not None:
            raise self._failure
        return self._digest.hexdigest()

    def _run(self) -> None:
        buffer = memoryview(bytearray(_CHUNK_BYTES))
        try:
            while self.hashed_bytes < self._part.size_bytes and not self._ended.is_set():
                until = self._part.wait_beyond(self.hashed_bytes, _LOOK_S)
                self._hash(buffer, until)
        except OSError as error:
            self._failure = error

    def _hash(self, buffer: memoryview, until: int) -> None:
        while self.hashed_bytes < until and not self._ended.is_set():
            wanted = buffer[: until - self.hashed_bytes]
            count = os.preadv(self._part.descriptor, [wanted], self.hashed_bytes)
            if not count:
                raise OSError("the file ends too early")
            self._digest.update(wanted[:count])
            self.hashed_bytes += count
