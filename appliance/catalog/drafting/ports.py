"""What writing a recipe needs from others."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from appliance.domain.inspection import Inspection
from appliance.domain.listing import ListedFile
from appliance.domain.recipe import MemoryFacts, Pooling, Precision
from appliance.domain.shapes import ModelShapes
from appliance.domain.source import WeightSource


class Source(Protocol):
    """A folder, or a repository at one commit. Every error is one of Carrel's, with the next step."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def place(self) -> WeightSource:
        """Where its files can be had from now on."""
        ...

    def files(self) -> Sequence[ListedFile]:
        """All of them."""
        ...

    def sha256(self, file: ListedFile) -> str:
        """Of its content, from the listing or by reading it."""
        ...

    def whole(self, file: ListedFile, most_bytes: int) -> bytes:
        """Its content. Raises ``BadRequest`` for one that is larger."""
        ...

    def laid_out(self, files: Sequence[ListedFile]) -> AbstractContextManager[Mapping[str, Path]]:
        """Where each lies by its name: with its whole length, at least with the header at its beginning."""
        ...


class Inspect(Protocol):
    """Looks into files in a process of its own."""

    def __call__(self, files: Mapping[str, Path], *, engine: str, pooling: Pooling) -> Inspection:
        """``files``: what the engine opens goes first. Raises ``IntegrityFailed`` with the reason."""
        ...


Remember = Callable[[ModelShapes, int, Precision], MemoryFacts]
"""What a form needs of memory: sizes, bytes of its weights, precision."""

Tell = Callable[[str], None]
"""Says how far it is, in a line for a person."""
