"""A source that is a folder: a stick, a share, another disk. No link is followed below it."""

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from appliance.errors import NotFound, OutboundFailed
from appliance.weights.fetching.failing import SourceFailed
from appliance.weights.fetching.origins import FolderOrigin
from appliance.weights.fetching.part import Part
from appliance.weights.fetching.reserving import FULL
from appliance.weights.folders import open_file, open_folder

_AT_ONCE: Final = 8 * 2**20
_BUFFER_BYTES: Final = 2**20


def copy(part: Part, origin: FolderOrigin, *, label: str, path: str, stopped: threading.Event) -> None:
    """Bring what is missing. Raises ``SourceFailed``, ``OSError`` of the disk that is written."""
    with _opened(origin, label, path) as source:
        if os.fstat(source).st_size != part.size_bytes:
            raise _failed(f"{path} has another size in the {label} than the recipe says; use another source.")
        copying = _Copying(source, part, label)
        for begin, end in part.missing():
            while begin < end and not stopped.is_set():
                begin += copying.some(begin, end - begin)  # noqa: PLW2901 - as far as it came


class _Copying:
    """By the kernel, which may share blocks, as long as it does that between these two; else by hand."""

    def __init__(self, source: int, part: Part, label: str) -> None:
        self._source = source
        self._part = part
        self._label = label
        self._by_hand = False

    def some(self, at: int, count: int) -> int:
        """Copy some of the ``count`` bytes from ``at`` on; how many."""
        copied = 0 if self._by_hand else self._shared(at, min(count, _AT_ONCE))
        if copied:
            return copied
        self._by_hand = True
        return self._read(at, min(count, _BUFFER_BYTES))

    def _shared(self, at: int, count: int) -> int:
        try:
            copied = os.copy_file_range(self._source, self._part.descriptor, count, at, at)
        except OSError as error:
            if error.errno in FULL:
                raise
            return 0  # by hand it will be seen which of the two files refuses
        self._part.note(at, at + copied)
        return copied

    def _read(self, at: int, count: int) -> int:
        try:
            data = os.pread(self._source, count, at)
        except OSError as error:
            raise _failed(
                f"The {self._label} cannot be read ({error.strerror}); look whether it is still there."
            ) from error
        if not data:
            raise _failed(f"A file in the {self._label} became shorter while it was read; pull again.")
        self._part.write(memoryview(data), at)
        return len(data)


@contextmanager
def _opened(origin: FolderOrigin, label: str, path: str) -> Iterator[int]:
    for parts in origin.names:
        with ExitStack() as stack:
            try:
                descriptor = _open(origin.folder, parts, stack)
            except OSError as error:
                if error.errno in {errno.ELOOP, errno.ENOTDIR, errno.EINVAL}:
                    raise _failed(
                        f"{path} is no plain file in the {label}, and links are not followed; put the file "
                        "itself there."
                    ) from error
                continue
            yield descriptor
            return
    raise SourceFailed(
        NotFound(f"The {label} has no {path}; put it there, or add another source to the recipe.")
    )


def _open(folder: Path, parts: tuple[str, ...], stack: ExitStack) -> int:
    at = stack.enter_context(open_folder(folder, follow=True))
    for name in parts[:-1]:
        at = stack.enter_context(open_folder(name, within=at))
    return stack.enter_context(open_file(parts[-1], within=at))


def _failed(message: str) -> SourceFailed:
    return SourceFailed(OutboundFailed(message, trouble="folder"))
