"""Bundles: what goes onto one that is to be made, and what is found on one that lies there."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file of a model and where it lies on this box."""

    file: RecipeFile
    path: str


@dataclass(frozen=True, slots=True)
class BundledModel:
    """One recipe with the forms that go along. ``toml`` is the recipe as it was approved; ``license_text``
    None where this box has none.
    """

    recipe: Recipe
    toml: bytes
    forms: tuple[RecipeForm, ...]
    files: tuple[BundledFile, ...]
    license_text: str | None = None


@dataclass(frozen=True, slots=True)
class BundleOrder:
    """``folder`` is the bundle's own, with its whole path. ``catalogs`` are names of signed catalogs with
    the files by which each proves itself elsewhere: path and content. ``program``: whatever lies in the
    bundle's folder ``program`` belongs to it.
    """

    folder: str
    recipient: str
    models: tuple[BundledModel, ...]
    piece_bytes: int
    version: str
    created_ms: int
    catalogs: tuple[tuple[str, tuple[tuple[str, bytes], ...]], ...] = ()
    program: bool = False


@dataclass(frozen=True, slots=True)
class BundleMade:
    """What lies there now. ``kept_bytes`` of it were there from an earlier try, and right."""

    size_bytes: int
    files: int
    kept_bytes: int
    signer: str
    """Thumbprint of the key that signed it."""


@dataclass(frozen=True, slots=True)
class OfferedRecipe:
    """A recipe on a bundle, as whoever made the bundle says. ``sha256`` is of its TOML."""

    id: str
    revision: int
    title: str
    sha256: str
    forms: tuple[str, ...]
    """Those whose files are there."""
    approved_by: str
    license: str
    redistribution: str
    acceptance: str
    license_sha256: str
    """Of its text, which is there; empty: it is not."""
    catalog: str
    """The signed catalog that lists it, whose metadata are there; empty: none."""


@dataclass(frozen=True, slots=True)
class BundleContents:
    """What is on a bundle. ``missing``, ``wrong`` and ``extra`` are paths in it; ``wrong`` have another size
    or, where all was read, other bytes.
    """

    recipient: str
    version: str
    created_ms: int
    signer: str
    """Thumbprint of the key that signed it; whether that is to be trusted nobody here knows."""
    size_bytes: int
    files: int
    recipes: tuple[OfferedRecipe, ...]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    extra: tuple[str, ...]
    read_all: bool
    program: Mapping[str, str]
    """Facts about the program on it by their name; none: it carries no program."""

    @property
    def whole(self) -> bool:
        """Nothing is amiss, as far as was looked."""
        return not (self.missing or self.wrong or self.extra)
