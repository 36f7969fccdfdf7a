"""The files of a form that lie beside each other, opened by name and not otherwise.

The engine looks at no file that the recipe does not name, follows no link, and opens nothing that could carry
code: pickles and Python are refused by their names.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from appliance.engines.base import EngineSpec
from appliance.errors import IntegrityFailed

CONFIG: Final = "config.json"
GENERATION: Final = "generation_config.json"
TOKENIZER: Final = "tokenizer.json"
_WEIGHTS: Final = ".safetensors"
_INDEX: Final = ".safetensors.index.json"
_PICKLES: Final = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"})
_PYTHON: Final = frozenset({".py", ".pyc", ".so"})


class ModelFiles:
    """The files that ``spec`` names. Raises ``IntegrityFailed`` for names of other than plain, safe files.

    ``places`` says where those lie that do not lie side by side yet.
    """

    def __init__(self, spec: EngineSpec, places: Mapping[str, Path] | None = None) -> None:
        config = Path(spec.model_path)
        self._folder = config.parent
        self._places = places or {}
        self._names = spec.files or (config.name,)
        for name in self._names:
            _check_name(name)
        if len(set(self._names)) < len(self._names):
            raise IntegrityFailed("The form names a file twice; correct the recipe.")
        if config.name != CONFIG or CONFIG not in self._names:
            raise IntegrityFailed(f"A form for torch begins with {CONFIG}; correct the recipe.")

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def path(self, name: str) -> Path:
        """Where it lies. Raises ``IntegrityFailed`` for one that the form does not name."""
        if name not in self._names:
            raise IntegrityFailed(f"The form does not name {name}; add it to the recipe.")
        return self._places.get(name, self._folder / name)

    def weights(self) -> tuple[str, ...]:
        """The files with tensors. Raises ``IntegrityFailed`` where there is none, with the reason."""
        found = tuple(name for name in self._names if name.endswith(_WEIGHTS))
        if not found:
            raise IntegrityFailed(
                "The form names no safetensors file, and Carrel reads weights from nothing else."
            )
        return found

    def index(self) -> str | None:
        """The file that says which tensor is where, for weights in several files."""
        found = [name for name in self._names if name.endswith(_INDEX)]
        if len(found) > 1:
            raise IntegrityFailed("The form names two indexes of tensors; correct the recipe.")
        return found[0] if found else None

    def open(self, name: str) -> BinaryIO:
        """For reading. Raises ``IntegrityFailed`` for what is no regular file of this folder."""
        path = self.path(name)
        try:
            opened = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
        except OSError as error:
            linked = path.is_symlink()
            reason = "is a symbolic link, which Carrel does not follow" if linked else "cannot be opened"
            raise IntegrityFailed(f"{name} {reason}.") from error
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            opened.close()
            raise IntegrityFailed(f"{name} is not a regular file.")
        return opened

    def read(self, name: str, most_bytes: int) -> bytes:
        """All of it. Raises ``IntegrityFailed`` for one that is longer."""
        with self.open(name) as opened:
            try:
                found = opened.read(most_bytes + 1)
            except OSError as error:
                raise IntegrityFailed(f"{name} cannot be read.") from error
        if len(found) > most_bytes:
            raise IntegrityFailed(f"{name} has over {most_bytes} bytes, which no model needs.")
        return found


def _check_name(name: str) -> None:
    if not _is_plain(name):
        raise IntegrityFailed("The form names a file outside of the model's folder; correct the recipe.")
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _PICKLES:
        raise IntegrityFailed(
            f"{name} is a pickle, which runs code as it is opened. Carrel reads weights from safetensors "
            "only: take the model's safetensors files, or convert it where running its code is no danger."
        )
    if suffix in _PYTHON:
        raise IntegrityFailed(f"{name} is code. Carrel runs no code of a model; take it out of the recipe.")


def _is_plain(name: str) -> bool:
    return 0 < len(name) <= 255 and name not in (".", "..") and not any(one in name for one in "/\\\x00")
