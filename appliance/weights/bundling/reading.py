"""One bundle that was looked at, and what is taken from it. What is read later is held against the manifest
that was read first, whatever the folder has become meanwhile.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.domain.bundle import BundleContents
from appliance.domain.recipe import RecipeFile
from appliance.weights.bundling.examining import examine
from appliance.weights.bundling.folder import opened
from appliance.weights.bundling.manifest import Manifest
from appliance.weights.bundling.taking import Store, Taker

_GB: Final = 10**9
KEPT_FREE_BYTES: Final = 128 * 2**20
"""For everything else that is on the models' disk."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class OpenBundle:
    """Every method blocks and raises ``IntegrityFailed`` for what is not as it was signed."""

    path: str
    manifest: Manifest
    contents: BundleContents
    store: Store

    @classmethod
    def at(cls, path: str, store: Store) -> "OpenBundle":
        """Read the manifest and compare names and sizes. Raises ``NotFound``, ``BadRequest``."""
        manifest, contents = examine(path, full=False, tell=_nobody)
        return cls(path, manifest, contents, store)

    def folder_of_catalog(self, name: str) -> Path:
        """Where a signed catalog's metadata lie, which prove themselves."""
        return Path(self.path) / "catalogs" / name

    def recipe(self, recipe_id: str) -> bytes:
        """Its TOML."""
        return self._text(f"recipes/{recipe_id}.toml", 2**20)

    def license(self, sha256: str) -> bytes:
        """A license text."""
        return self._text(f"licenses/{sha256}.txt", 2**20)

    def lacks(self, files: Sequence[RecipeFile]) -> list[str]:
        """Names of those that are not on it, by hash and size."""
        members = {one.sha256: one.size_bytes for one in self.manifest.members if one.kind == "blob"}
        return [one.name for one in files if members.get(one.sha256) != one.size_bytes]

    def missing_room(self, files: Sequence[RecipeFile]) -> int:
        """Bytes that the models' disk has too few for these, 0 or less where it has enough."""
        with opened(self.path) as folder:
            taker = Taker(folder, self.manifest, self.store, _unheard)
            needed = sum(taker.needed_bytes(one) for one in {one.sha256: one for one in files}.values())
        free = shutil.disk_usage(self.store.part("0" * 64).parent.parent).free
        return needed + KEPT_FREE_BYTES - free if needed else 0

    def take(self, files: Sequence[RecipeFile], tell: Tell) -> None:
        """Have them in the store, verified. Raises ``StorageUnavailable`` for a full disk."""
        distinct = {one.sha256: one for one in files}.values()
        total, done = sum(one.size_bytes for one in distinct), 0

        def on_bytes(count: int) -> None:
            nonlocal done
            done += count
            tell(f"bundle: {done / total:.0%} of {total / _GB:,.2f} GB taken and verified")

        self.store.prepare()
        with opened(self.path) as folder:
            taker = Taker(folder, self.manifest, self.store, on_bytes)
            for file in distinct:
                taker.reserve(file)
            for file in distinct:
                taker.take(file)

    def _text(self, name: str, most_bytes: int) -> bytes:
        with opened(self.path) as folder:
            return Taker(folder, self.manifest, self.store, _unheard).text(name, most_bytes)


def blobs_here(models_dir: Path, hashes: Sequence[str]) -> set[str] | None:
    """Which of these the store has, for a person who may look; None where this user may not."""
    folder = models_dir / ".blobs"
    try:
        return set(os.listdir(folder)) & set(hashes)  # noqa: PTH208 - names are enough
    except FileNotFoundError:
        return set()
    except OSError:
        return None


def _nobody(_line: str) -> None:
    """Hears how far it is."""


def _unheard(_count: int) -> None:
    """Hears of bytes."""
