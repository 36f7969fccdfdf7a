"""A repository of the hub at one commit: small files are fetched, of large ones the beginning."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from appliance.domain.listing import HubListing, ListedFile
from appliance.domain.source import WeightSource
from appliance.errors import BadRequest, IntegrityFailed
from appliance.weights.plain_names import plain_name

SMALL_BYTES: Final = 64 * 2**20
"""A tokenizer's vocabulary is under it, and every file of which a hub does not say the hash."""
_SAFETENSORS_LENGTH_BYTES: Final = 8
_LONGEST_SAFETENSORS_HEADER_BYTES: Final = 128 * 2**20
_GGUF_BEGINNING_BYTES: Final = 32 * 2**20
"""A header with a quarter of a million tokens takes 15 MB."""
_GGUF_PART_BYTES: Final = 4 * 2**20
"""The vocabulary is in the first part alone."""
_LATER_PART: Final = re.compile(r"-(?!00001-)\d{5}-of-\d{5}\.gguf\Z")


class Ranges(Protocol):
    """Gets bytes of files."""

    def read(self, listing: HubListing, file: ListedFile, begin: int, end: int) -> bytes:
        """Exactly these. Raises ``OutboundFailed``, ``NotAllowed``, ``NotFound``, ``BadRequest``."""
        ...


@dataclass(frozen=True)
class HubSource:
    """``listing`` is the hub's word; whatever comes later is checked by the recipe's hashes."""

    listing: HubListing
    ranges: Ranges

    @property
    def name(self) -> str:
        """Without its owner."""
        return self.listing.repository.rpartition("/")[2]

    @property
    def place(self) -> WeightSource:
        """The repository at its commit."""
        return WeightSource("hub", repository=self.listing.repository, commit=self.listing.commit)

    def files(self) -> Sequence[ListedFile]:
        """As the hub lists them."""
        return self.listing.files

    def sha256(self, file: ListedFile) -> str:
        """The hub's word for large files; small ones are fetched. Raises ``IntegrityFailed`` for a large one
        that it has no hash of.
        """
        if file.sha256:
            return file.sha256
        if file.size_bytes > SMALL_BYTES:
            raise IntegrityFailed(
                f"The hub does not say the hash of {file.name}; fetch the repository, and name its folder."
            )
        return hashlib.sha256(self.whole(file, SMALL_BYTES)).hexdigest()

    def whole(self, file: ListedFile, most_bytes: int) -> bytes:
        """Its content. Raises ``BadRequest`` for one that is larger."""
        if file.size_bytes > most_bytes:
            raise BadRequest(f"{file.name} has over {most_bytes} bytes, which no file of its kind needs.")
        return self.ranges.read(self.listing, file, 0, file.size_bytes) if file.size_bytes else b""

    @contextmanager
    def laid_out(self, files: Sequence[ListedFile]) -> Iterator[Mapping[str, Path]]:
        """Each with its own length, and nothing but a hole behind what a header needs."""
        with tempfile.TemporaryDirectory(prefix="carrel-recipe-") as folder:
            yield {one.name: self._lay_out(one, Path(folder)) for one in files}

    def _lay_out(self, file: ListedFile, folder: Path) -> Path:
        path = folder / plain_name(file.name)
        with path.open("xb") as opened:
            opened.write(self._beginning(file))
            opened.truncate(file.size_bytes)
        return path

    def _beginning(self, file: ListedFile) -> bytes:
        if file.name.endswith(".safetensors"):
            return self._safetensors_header(file)
        if file.name.endswith(".gguf"):
            longest = _GGUF_PART_BYTES if _LATER_PART.search(file.name) else _GGUF_BEGINNING_BYTES
            return self.ranges.read(self.listing, file, 0, min(file.size_bytes, longest))
        return self.whole(file, SMALL_BYTES)

    def _safetensors_header(self, file: ListedFile) -> bytes:
        if file.size_bytes <= _SAFETENSORS_LENGTH_BYTES:
            raise IntegrityFailed(f"{file.name} is too short to be a safetensors file.")
        length = self.ranges.read(self.listing, file, 0, _SAFETENSORS_LENGTH_BYTES)
        end = _SAFETENSORS_LENGTH_BYTES + int.from_bytes(length, "little")
        if end > min(file.size_bytes, _LONGEST_SAFETENSORS_HEADER_BYTES):
            raise IntegrityFailed(f"{file.name} is not a whole safetensors file: its header is too long.")
        return length + self.ranges.read(self.listing, file, _SAFETENSORS_LENGTH_BYTES, end)
