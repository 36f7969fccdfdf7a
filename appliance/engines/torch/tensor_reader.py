"""Reads tensors out of verified safetensors files, or parts of them.

Nothing is mapped into memory: a mapped file counts as resident for as long as it is open, which would double
what a load takes. Bytes go through a buffer of bounded size into the tensor that is kept.
"""

import io
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import torch
from torch import Tensor

from appliance.engines.hf_folder.folder import TensorPlace
from appliance.errors import IntegrityFailed

_DTYPES: Final = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_BUFFER_BYTES: Final = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Cut:
    """The part ``start`` to ``stop`` of a tensor's dimension ``dim`` (0 or 1); of one that is named in the
    file as ``source``, where that is another name than the parameter's. ``stop`` None: all of it.
    """

    source: str
    dim: int = 0
    start: int = 0
    stop: int | None = None


class TensorReader:
    """Keeps one file open: tensors that follow each other are mostly in the same one."""

    def __init__(self) -> None:
        self._open: io.FileIO | None = None
        self._name = ""
        self._buffer = torch.empty(_BUFFER_BYTES, dtype=torch.uint8)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open:
            self._open.close()

    def read(self, place: TensorPlace, cut: Cut, *, dtype: torch.dtype, device: torch.device) -> Tensor:
        """A new tensor. Raises ``IntegrityFailed`` where the file has become shorter than it was."""
        shape = place.shape or (1,)
        stop = shape[cut.dim] if cut.stop is None else cut.stop
        wanted = [stop - cut.start if dim == cut.dim else size for dim, size in enumerate(shape)]
        target = torch.empty(wanted, dtype=dtype, device=device)
        first, last = (cut.start, stop) if cut.dim == 0 else (0, shape[0])
        stored = _DTYPES[place.dtype]
        row_bytes = (place.end - place.start) // shape[0]
        at_once = max(1, _BUFFER_BYTES // max(1, row_bytes))
        file = self._file(place)
        file.seek(place.start + first * row_bytes)
        for begin in range(first, last, at_once):
            rows = min(at_once, last - begin)
            found = self._bytes(file, rows * row_bytes).view(stored).view(rows, *shape[1:])
            if cut.dim:
                found = found[:, cut.start : stop]
            target[begin - first : begin - first + rows] = found
        return target if place.shape else target[0]

    def _file(self, place: TensorPlace) -> io.FileIO:
        if self._open is None or self._name != str(place.file):
            if self._open:
                self._open.close()
            self._open, self._name = io.FileIO(place.file), str(place.file)
        return self._open

    def _bytes(self, file: io.FileIO, count: int) -> Tensor:
        buffer = self._buffer if count <= _BUFFER_BYTES else torch.empty(count, dtype=torch.uint8)
        view = buffer.numpy().data[:count]
        done = 0
        while done < count:
            got = file.readinto(view[done:])
            if not got:
                raise IntegrityFailed("A file of the model has become shorter while it was read.")
            done += got
        return buffer[:count]
