"""The catalog of a running box: every source joined, and read again without a restart."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.catalog.entries import Entry, NoCatalogs, SignedCatalogs, entry
from appliance.catalog.joining import join
from appliance.catalog.lab import LabRecipes
from appliance.catalog.recipes import Catalog, decode_named, decode_recipe, in_order, read_raw
from appliance.domain.approval import Approval, LeftOut
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.errors import CarrelError, ConfigInvalid, ModelNotFound


@dataclass(frozen=True, slots=True)
class _Snapshot:
    catalog: Catalog
    tomls: Mapping[str, bytes]
    left_out: tuple[LeftOut, ...]


class LiveCatalog:
    """Recipes of the release, of signed catalogs, of the lab, and of models hosted elsewhere.

    Readers see one whole state or the next; ``reload`` may be called from any thread. The release's recipes
    are read once: an upgrade under a running box changes nothing until it starts again.
    """

    def __init__(
        self,
        release: Path,
        *,
        upstreams: Path | None = None,
        lab: LabRecipes | None = None,
        signed: SignedCatalogs = NoCatalogs(),  # noqa: B008 - has no state
    ) -> None:
        """Raises ``ConfigInvalid`` for a bad recipe of the release, and for no other."""
        self._release = _release(release)
        self._upstreams = upstreams
        self._lab = lab
        self._signed = signed
        self._reading = threading.Lock()
        self._now = self._read()

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """Every model, ordered by id."""
        return self._now.catalog.recipes

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What is there and not used, with the reason."""
        return self._now.left_out

    def find(self, model_id: str) -> tuple[Recipe, RecipeForm]:
        """What ``id`` or ``id@form`` names. Raises ``ModelNotFound``, with the reason for one left out."""
        now = self._now
        try:
            return now.catalog.find(model_id)
        except ModelNotFound:
            name = model_id.partition("@")[0]
            for one in now.left_out:
                if one.id == name:
                    raise ModelNotFound(f"{name} is not in the catalog. {one.reason}") from None
            raise

    def toml_of(self, recipe_id: str) -> bytes:
        """The very bytes that were approved. Raises ``ModelNotFound``."""
        found = self._now.tomls.get(recipe_id)
        if found is None:
            raise ModelNotFound(
                "No such model in the catalog; `carrel model list --all` shows what there is."
            )
        return found

    def reload(self) -> None:
        """Read every source again but the release; blocking."""
        with self._reading:
            self._now = self._read()

    def _read(self) -> _Snapshot:
        signed, bad_signed = _of_catalogs(self._signed)
        lab, bad_lab = self._lab.read() if self._lab else ([], [])
        upstreams, bad_upstreams = _of_upstreams(self._upstreams)
        joined = join(self._release, signed, lab, upstreams)
        return _Snapshot(
            in_order(one.recipe for one in joined.entries),
            {one.recipe.id: one.toml for one in joined.entries},
            (*bad_signed, *bad_lab, *bad_upstreams, *joined.left_out),
        )


def _release(folder: Path) -> list[Entry]:
    if not folder.is_dir():
        raise ConfigInvalid("The folder of recipes is missing; install Carrel again.")
    return [_named(path, Approval()) for path in sorted(folder.glob("*.toml"))]


def _of_catalogs(signed: SignedCatalogs) -> tuple[list[Entry], list[LeftOut]]:
    entries: list[Entry] = []
    left_out: list[LeftOut] = []
    for one in signed.entries():
        catalog = f"catalog {one.approval.name}"
        try:
            recipe = decode_recipe(one.recipe_toml, f"of the {catalog}")
            entries.append(entry(one.recipe_toml, recipe, one.approval))
        except ConfigInvalid as error:
            left_out.append(LeftOut("", catalog, error.message))
    return entries, [*left_out, *signed.left_out()]


def _of_upstreams(folder: Path | None) -> tuple[list[Entry], list[LeftOut]]:
    """The lab may add models that are hosted elsewhere without a signature: no file of theirs runs here."""
    entries: list[Entry] = []
    left_out: list[LeftOut] = []
    for path in _tomls(folder):
        try:
            entries.append(_upstream(path))
        except CarrelError as error:
            left_out.append(LeftOut(path.stem, "upstreams", error.message))
    return entries, left_out


def _tomls(folder: Path | None) -> Iterable[Path]:
    return sorted(folder.glob("*.toml")) if folder else ()


def _upstream(path: Path) -> Entry:
    found = _named(path, Approval(by="lab"))
    if found.recipe.upstream is None:
        raise ConfigInvalid(
            f"Recipe {path.name}: this folder is for models hosted elsewhere, so it needs `[upstream]`."
        )
    return found


def _named(path: Path, approval: Approval) -> Entry:
    raw = read_raw(path)
    return entry(raw, decode_named(raw, path.name), approval)
