"""Which engines' libraries are installed, and for which processors: looked for on the disk, since neither the
gateway nor the command line ever loads one.
"""

import importlib.metadata
import importlib.util
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "llama_cpp": ("llama_cpp",),
    "torch": ("torch", "transformers", "bitsandbytes", "tokenizers"),
    "vllm": ("vllm",),
}
"""The modules that each engine imports; the first one says the build."""


@dataclass(frozen=True, slots=True)
class InstalledEngine:
    """What is there of one engine. ``version`` is empty where nothing is; ``cuda`` says whether its build can
    use NVIDIA's GPUs.
    """

    name: str
    version: str
    cuda: bool
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether it can run a model."""
        return not self.missing


def look_for(engine: str, place_of: Callable[[str], Path | None] | None = None) -> InstalledEngine:
    """What is installed of ``engine``, one of ``PACKAGES``. ``place_of`` tells a module's folder."""
    place_of = place_of or _place_of
    main = PACKAGES[engine][0]
    missing = missing_of(engine, place_of)
    folder = place_of(main)
    if folder is None:
        return InstalledEngine(engine, "", cuda=False, missing=missing)
    return InstalledEngine(engine, _version(main), cuda=_HAS_CUDA[engine](folder), missing=missing)


def missing_of(engine: str, place_of: Callable[[str], Path | None] | None = None) -> tuple[str, ...]:
    """The modules of ``engine`` that are not installed: all that ``look_for`` tells, without reading what is
    there, which every look at the models would pay for.
    """
    return tuple(name for name in PACKAGES[engine] if (place_of or _place_of)(name) is None)


def _place_of(module: str) -> Path | None:
    found = importlib.util.find_spec(module)
    return Path(found.origin).parent if found and found.origin else None


def _version(module: str) -> str:
    try:
        return importlib.metadata.version(module.replace("_cpp", "-cpp-python")).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return "of an unknown version"


def _llama_has_cuda(folder: Path) -> bool:
    return any((folder / "lib").glob("libggml-cuda*"))


def _torch_has_cuda(folder: Path) -> bool:
    try:
        said = (folder / "version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(r"^cuda\b[^=]*=\s*['\"]", said, re.MULTILINE) is not None


_HAS_CUDA: Final[Mapping[str, Callable[[Path], bool]]] = {
    "llama_cpp": _llama_has_cuda,
    "torch": _torch_has_cuda,
    # It is only built for GPUs.
    "vllm": lambda folder: True,  # noqa: ARG005 - as the others are called
}
