"""What bundles need from others."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from appliance.domain.bundle import BundleContents, BundleMade, BundleOrder
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm
from appliance.policy.licenses import Act

Tell = Callable[[str], None]
"""Hears how far something is, in words; what it raises ends the work."""


class Catalog(Protocol):
    """What is approved, as it is at this moment."""

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """Raises ``ModelNotFound``."""
        ...

    def toml_of(self, recipe_id: str) -> bytes:
        """The very bytes that were approved."""
        ...


class Approving(Protocol):
    """Has the lab approve a recipe. Blocks."""

    def approve(self, toml: bytes, who: str, license_text: bytes) -> None:
        """It is in the catalog when this returns. Raises ``ConfigInvalid``, ``BadRequest``, ``Conflict``."""
        ...


class SignedCatalogs(Protocol):
    """Catalogs that this box trusts."""

    def mirror_of(self, name: str) -> tuple[tuple[str, bytes], ...]:
        """The files by which it proves itself elsewhere, path and content; none where there are none. Blocks.
        Raises ``IntegrityFailed``.
        """
        ...

    async def bring(self, name: str, folder: Path) -> None:
        """Bring a trusted one up to date from a folder, as far as what lies there proves itself and is newer;
        else nothing changes.
        """
        ...


class Files(Protocol):
    """Where the files of models lie."""

    def folder_of(self, recipe: Recipe, form: RecipeForm) -> Path | None:
        """The folder that holds all files of the form, or None."""
        ...


class Texts(Protocol):
    """License texts of this box."""

    def text(self, sha256: str) -> str | None:
        """The text of that hash, or None."""
        ...


class Permits(Protocol):
    """What licenses allow."""

    def check(self, recipe: Recipe, act: Act, form: RecipeForm | None = None) -> None:
        """Raises ``NotLicensed`` where that may not be done with it now, with what to do."""
        ...


class Accepting(Protocol):
    """Records that a license was accepted for the box."""

    async def accept(
        self, recipe: Recipe, *, text_sha256: str, who: str, authority: str, purpose: str
    ) -> None:
        """Raises ``BadRequest`` for another text."""
        ...


class Inspector(Protocol):
    """Looks inside files whose bytes are right, in a process of its own."""

    async def inspect(self, recipe: Recipe, form: RecipeForm, files: Mapping[str, Path]) -> object:
        """``files`` is where each name of the form lies. Raises ``IntegrityFailed`` with the reason."""
        ...


class Blobs(Protocol):
    """The files of all models, each once, by hash. Every method blocks."""

    def blob(self, sha256: str) -> Path:
        """Where a verified one is, or would be."""
        ...

    def has(self, file: RecipeFile) -> bool:
        """Whether it is there, verified when it came."""
        ...

    def place(self, recipe_id: str, files: Sequence[RecipeFile]) -> Path:
        """Put verified blobs under their names into the model's folder."""
        ...


class Maker(Protocol):
    """Writes one bundle. Both methods block."""

    def prepare(self) -> None:
        """Make the folder. Raises ``NotAllowed``, ``BadRequest``, ``StorageUnavailable``."""
        ...

    def make(self) -> BundleMade:
        """Write it all and sign it. Raises ``IntegrityFailed``, ``StorageUnavailable``, ``BadRequest``."""
        ...


MakerOf = Callable[[BundleOrder, Tell], Maker]


class Program(Protocol):
    """Puts the program onto a bundle."""

    async def fill(self, folder: Path, tell: Tell) -> None:
        """Raises ``NotReady`` with how to do it by hand."""
        ...


class Bundle(Protocol):
    """A bundle that was looked at. Every method blocks; what is not as it was signed raises
    ``IntegrityFailed``.
    """

    @property
    def contents(self) -> BundleContents:
        """What is on it."""
        ...

    def folder_of_catalog(self, name: str) -> Path:
        """Where a signed catalog's metadata lie."""
        ...

    def recipe(self, recipe_id: str) -> bytes:
        """Its TOML."""
        ...

    def license(self, sha256: str) -> bytes:
        """A license text."""
        ...

    def lacks(self, files: Sequence[RecipeFile]) -> list[str]:
        """Names of those that are not on it."""
        ...

    def missing_room(self, files: Sequence[RecipeFile]) -> int:
        """Bytes that the models' disk has too few for these."""
        ...

    def take(self, files: Sequence[RecipeFile], tell: Tell) -> None:
        """Have them in the store, verified."""
        ...


Open = Callable[[str], Bundle]
"""Raises ``NotFound``, ``BadRequest``, ``IntegrityFailed``."""
