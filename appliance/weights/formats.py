"""Which kinds of files a model may have, told by their names alone."""

from pathlib import PurePosixPath
from typing import Final

SAFE_SUFFIXES: Final = frozenset({".gguf", ".safetensors", ".json", ".txt", ".jinja", ".model", ".md"})
"""Weights, settings, vocabularies, templates, and what people read."""
_FOR_PEOPLE: Final = frozenset({"LICENSE", "NOTICE", "USE_POLICY"})
_PICKLES: Final = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz"})
_CODE: Final = frozenset({".py", ".pyc", ".so", ".dll", ".dylib", ".sh", ".exe"})
_ARCHIVES: Final = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".nemo"})


def refusal_of(name: str) -> str | None:
    """Why a file of that name is never opened, in a sentence; None where it may be."""
    suffix = PurePosixPath(name).suffix
    if suffix in SAFE_SUFFIXES or name in _FOR_PEOPLE:
        return None
    return f"{name} is not a kind of file that Carrel opens{_reason(suffix.lower())}; correct the recipe."


def _reason(suffix: str) -> str:
    """For people who expect their model's file to be opened."""
    if suffix in _PICKLES:
        return ", since a pickle runs code as it is read: take the model's safetensors"
    if suffix in _CODE:
        return ", since Carrel runs no code of a model"
    if suffix in _ARCHIVES:
        return ", since nobody could say what is in an archive: name the files in it"
    return ""
