"""What is on a bundle, who signed it, and whether it is all there. Changes nothing."""

import hashlib
import os
from collections.abc import Callable

from appliance.domain.bundle import BundleContents, OfferedRecipe
from appliance.weights.bundling.digests import chunks
from appliance.weights.bundling.folder import BundleFolder, differences, opened
from appliance.weights.bundling.manifest import Manifest, RecipeLine, read_manifest

Tell = Callable[[str], None]


def examine(path: str, *, full: bool, tell: Tell) -> tuple[Manifest, BundleContents]:
    """``full`` reads every file to its end; else names and sizes are compared. Blocks.

    Raises ``NotFound`` where there is no finished bundle, ``IntegrityFailed`` for a manifest that is none and
    for a folder that holds links or devices.
    """
    with opened(path) as folder:
        manifest, key = read_manifest(folder.manifest())
        missing, wrong, extra = differences(manifest, folder.sizes())
        if full:
            wrong = sorted({*wrong, *_misread(folder, manifest, {*missing, *wrong}, tell)})
        facts = _facts(folder) if manifest.member("program/program.txt") else {}
    return manifest, BundleContents(
        recipient=manifest.recipient,
        version=manifest.version,
        created_ms=manifest.created_ms,
        signer=key.id,
        size_bytes=manifest.size_bytes,
        files=len(manifest.files),
        recipes=tuple(map(_offered, manifest.recipes)),
        missing=tuple(missing),
        wrong=tuple(wrong),
        extra=tuple(extra),
        read_all=full,
        program=facts,
    )


def _offered(line: RecipeLine) -> OfferedRecipe:
    return OfferedRecipe(
        id=line.id,
        revision=line.revision,
        title=line.title,
        sha256=line.sha256,
        forms=line.forms,
        approved_by=line.approved_by,
        license=line.license,
        redistribution=line.redistribution,
        acceptance=line.acceptance,
        license_sha256=line.license_sha256,
        catalog=line.catalog,
    )


def _misread(folder: BundleFolder, manifest: Manifest, known: set[str], tell: Tell) -> list[str]:
    """Those whose bytes are not what the manifest says."""
    wrong: list[str] = []
    for number, (name, piece) in enumerate(manifest.files.items()):
        tell(f"bundle: {number} of {len(manifest.files)} files read")
        if name not in known and _digest(folder, name) != piece.sha256:
            wrong.append(name)
    return wrong


def _digest(folder: BundleFolder, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with folder.open(name) as descriptor:
            for chunk in chunks(descriptor, 0, os.fstat(descriptor).st_size):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _facts(folder: BundleFolder) -> dict[str, str]:
    """For which machines its program is, as the installer wrote it down."""
    try:
        with folder.open("program/program.txt") as descriptor:
            text = os.read(descriptor, 4096).decode("ascii", "replace")
    except OSError:
        return {}
    pairs = (line.partition(" ") for line in text.splitlines())
    return {name: value for name, _, value in pairs if value and value.isprintable()}
