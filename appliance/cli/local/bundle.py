"""`carrel bundle inspect`: looks at a bundle without a running box."""

from pathlib import Path
from typing import Final

from appliance.cli.desk import Desk
from appliance.config import Places
from appliance.domain.bundle import BundleContents, OfferedRecipe
from appliance.domain.results import BundleRecipe, BundleReport
from appliance.errors import CarrelError
from appliance.trust.box_key import BoxKey
from appliance.weights.bundling.examining import examine
from appliance.weights.bundling.manifest import Manifest
from appliance.weights.bundling.reading import blobs_here


def inspect(desk: Desk, *, folder: str, full: bool) -> BundleReport:
    """Raises ``NotFound`` where there is no finished bundle, ``IntegrityFailed`` for one that is none."""
    told = ""

    def tell(line: str) -> None:
        nonlocal told
        percent = line.rpartition(":")[0]
        if percent != told:
            told = percent
            desk.progress(line)

    manifest, contents = examine(str(Path(folder).absolute()), full=full, tell=tell)
    places = desk.places
    return BundleReport(
        recipient=contents.recipient,
        version=contents.version,
        created_ms=contents.created_ms,
        signer=contents.signer,
        own=_is_own(places, contents.signer),
        whole=contents.whole,
        read_all=contents.read_all,
        size_bytes=contents.size_bytes,
        files=contents.files,
        recipes=tuple(map(_recipe, contents.recipes)),
        missing=contents.missing,
        wrong=contents.wrong,
        extra=contents.extra,
        new_bytes=_new_bytes(desk, manifest),
        installer=_installer(contents),
    )


def _recipe(one: OfferedRecipe) -> BundleRecipe:
    return BundleRecipe(
        id=one.id,
        revision=one.revision,
        title=one.title,
        forms=one.forms,
        approved_by=one.approved_by,
        license=one.license,
        redistribution=one.redistribution,
        acceptance=one.acceptance,
        license_sha256=one.license_sha256 or None,
        catalog=one.catalog or None,
    )


def _is_own(places: Places, signer: str) -> bool:
    """Looking makes no key, and a key that this user may not read is not compared."""
    try:
        return places.box_key.exists() and BoxKey.at(places.box_key).public.id == signer
    except (CarrelError, OSError):
        return False


def _new_bytes(desk: Desk, manifest: Manifest) -> int | None:
    try:
        models_dir = desk.settings().places.models_dir
    except CarrelError:
        models_dir = desk.places.models_dir
    blobs = {one.sha256: one.size_bytes for one in manifest.members if one.kind == "blob"}
    here = blobs_here(models_dir, list(blobs))
    return None if here is None else sum(size for sha256, size in blobs.items() if sha256 not in here)


def _installer(contents: BundleContents) -> str | None:
    facts = contents.program
    if not facts:
        return None
    return (
        f"Carrel {facts.get('carrel', '?')} for {facts.get('machine', '?')} with glibc "
        f"{facts.get('glibc', '?')} or newer, Python {facts.get('python', '?')}"
    )


HANDLERS: Final = {"inspect": inspect}
