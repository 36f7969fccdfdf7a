"""Makes a bundle: everything onto the stick and read back from it, then the manifest that signs it all.

A bundle without a manifest is unfinished; made again with the same models, what is right on it is kept.
"""

import hashlib
import io
import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec

from appliance.domain.bundle import BundledFile, BundledModel, BundleMade, BundleOrder
from appliance.errors import IntegrityFailed, NotAllowed, StorageUnavailable
from appliance.trust.box_key import BoxKey
from appliance.weights.bundling.ground import alone, files_below, open_ground
from appliance.weights.bundling.layout import LAUNCHER, README, SCRIPT, readme, slices
from appliance.weights.bundling.manifest import (
    FORMAT,
    KIND,
    MANIFEST,
    Manifest,
    Member,
    MemberKind,
    RecipeLine,
    check,
)
from appliance.weights.bundling.names import FOLDERS, check_name
from appliance.weights.bundling.writing import Stick, flush, stick_errors

Tell = Callable[[str], None]
_GB: Final = 10**9
_MOST_METADATA_BYTES: Final = 64 * 2**20


def refuse_what_may_not_travel(order: BundleOrder) -> None:
    """Raises ``NotAllowed`` naming the license that forbids to give copies on, or whose text cannot go
    along.
    """
    for model in order.models:
        terms, name = model.recipe.terms, model.recipe.id
        if terms.redistribution == "no":
            raise NotAllowed(
                f"The license of {name} ({terms.expression}) forbids to give copies of its weights to "
                "others. Leave it out of the bundle, and let the recipient get them from the source."
            )
        if terms.redistribution == "same-terms" and model.license_text is None:
            raise NotAllowed(
                f"The license of {name} ({terms.expression}) has to travel with its weights, and this box "
                "does not have its text. Put the text into the recipe's license first."
            )


class Maker:
    """Of one bundle. Everything blocks. ``tell`` hears how far it is; what it raises ends the work, and what
    is right on the stick stays for the next try.
    """

    def __init__(self, order: BundleOrder, key: BoxKey, tell: Tell) -> None:
        self._order: Final = order
        self._key: Final = key
        self._tell = tell
        self._folder: Final = Path(order.folder)
        self._stick: Final = Stick(self._folder, self._on_bytes)
        self._members: list[Member] = []
        self._done_bytes = 0
        self._kept_bytes = 0
        self._total_bytes = 0

    def prepare(self) -> None:
        """Make the folder, or take up what an earlier try left; the program may be put into it then.

        Raises ``NotAllowed`` for what may not travel, ``BadRequest`` for a folder that is something else's,
        ``StorageUnavailable`` for too little room.
        """
        refuse_what_may_not_travel(self._order)
        with stick_errors():
            open_ground(self._folder)
            (self._folder / MANIFEST).unlink(missing_ok=True)
            self._stick.write(README, readme(self._order, self._key.public.id).encode())
            self._check_room()

    def make(self) -> BundleMade:
        """After ``prepare``. Raises ``IntegrityFailed`` for files that are not those of their recipe,
        ``StorageUnavailable``, ``BadRequest``.
        """
        with stick_errors(), alone(self._folder):
            for model in self._order.models:
                self._texts_of(model)
            for name, files in self._order.catalogs:
                for path, raw in files:
                    self._add_small("catalog", f"catalogs/{name}/{path}", raw)
            for one in self._blobs():
                self._blob(one)
            self._program()
            self._add_small("text", README, readme(self._order, self._key.public.id).encode())
            self._sweep()
            self._sign()
        return BundleMade(
            size_bytes=sum(one.size_bytes for one in self._members),
            files=len(self._members) + 1,
            kept_bytes=self._kept_bytes,
            signer=self._key.public.id,
        )

    def _blobs(self) -> list[BundledFile]:
        """Each once, whichever models have it."""
        return list({one.file.sha256: one for model in self._order.models for one in model.files}.values())

    def _check_room(self) -> None:
        blobs = self._blobs()
        self._total_bytes = sum(one.file.size_bytes for one in blobs)
        there = sum(_size(self._folder / "blobs", one.file.sha256) for one in blobs)
        free = shutil.disk_usage(self._folder).free
        missing = self._total_bytes - there + _MOST_METADATA_BYTES - free
        if missing > 0:
            raise StorageUnavailable(
                f"The bundle takes {self._total_bytes / _GB:,.2f} GB, and where it goes "
                f"{missing / _GB:,.2f} GB are missing. Take a larger stick, or fewer models."
            )

    def _texts_of(self, model: BundledModel) -> None:
        self._add_small("recipe", f"recipes/{model.recipe.id}.toml", model.toml)
        if model.license_text is not None:
            raw = model.license_text.encode()
            name = f"licenses/{hashlib.sha256(raw).hexdigest()}.txt"
            if name not in {one.name for one in self._members}:
                self._add_small("license", name, raw)

    def _add_small(self, kind: MemberKind, name: str, raw: bytes) -> None:
        check_name(kind, name)
        piece = self._stick.write(name, raw)
        self._members.append(Member(kind, name, piece.size_bytes, piece.sha256))

    def _blob(self, one: BundledFile) -> None:
        name, whole = f"blobs/{one.file.sha256}", hashlib.sha256()
        cuts = list(slices(one.file.size_bytes, self._order.piece_bytes))
        pieces = []
        with ExitStack() as held:
            source = held.enter_context(_source(one))
            for number, cut in enumerate(cuts):
                part = f"{name}.{number:03}" if len(cuts) > 1 else name
                written = self._stick.copy(part, source, cut, whole)
                pieces.append(written.piece)
                self._kept_bytes += written.piece.size_bytes if written.kept else 0
        if whole.hexdigest() != one.file.sha256:
            raise _not_of_the_recipe(one)
        self._members.append(
            Member(
                "blob", name, one.file.size_bytes, one.file.sha256, tuple(pieces) if len(pieces) > 1 else ()
            )
        )

    def _program(self) -> None:
        """What the installer put there, and the one command that starts it."""
        folder = self._folder / "program"
        if not self._order.program:
            return
        self._add_small("program", LAUNCHER, SCRIPT.encode())
        for path in sorted(files_below(folder)):
            name = f"program/{path.relative_to(folder).as_posix()}"
            check_name("program", name)
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            self._members.append(Member("program", name, path.stat().st_size, sha256))

    def _sweep(self) -> None:
        """What an earlier try with other models left. Only names that a bundle has are touched."""
        wanted = {name for member in self._members for name, _ in member.files()}
        for folder in FOLDERS:
            for path in files_below(self._folder / folder):
                if path.relative_to(self._folder).as_posix() not in wanted:
                    path.unlink()
        if not self._order.program:
            (self._folder / LAUNCHER).unlink(missing_ok=True)

    def _sign(self) -> None:
        order = self._order
        manifest = Manifest(
            FORMAT,
            order.created_ms,
            order.recipient,
            order.version,
            tuple(self._line(model) for model in order.models),
            tuple(self._members),
        )
        check(msgspec.convert(msgspec.to_builtins(manifest), Manifest))
        self._stick.write(MANIFEST, self._key.sign(KIND, manifest).encode("ascii"))
        flush(self._folder)

    def _line(self, model: BundledModel) -> RecipeLine:
        recipe, terms = model.recipe, model.recipe.terms
        text = model.license_text
        return RecipeLine(
            id=recipe.id,
            revision=recipe.revision,
            title=recipe.title,
            sha256=hashlib.sha256(model.toml).hexdigest(),
            forms=tuple(form.name for form in model.forms),
            approved_by=recipe.approval.label,
            license=terms.expression,
            redistribution="same-terms" if terms.redistribution == "same-terms" else "yes",
            acceptance=terms.acceptance,
            license_sha256="" if text is None else hashlib.sha256(text.encode()).hexdigest(),
            attribution=terms.attribution,
            catalog=recipe.approval.name if recipe.approval.by == "catalog" else "",
        )

    def _on_bytes(self, count: int) -> None:
        self._done_bytes += count
        part = min(1.0, self._done_bytes / self._total_bytes) if self._total_bytes else 1.0
        self._tell(f"bundle: {part:.0%} of {self._total_bytes / _GB:,.2f} GB written and read back")


def _source(one: BundledFile) -> io.FileIO:
    try:
        source = io.FileIO(one.path, opener=_open_no_link)
    except OSError as error:
        raise _not_of_the_recipe(one) from error
    if os.fstat(source.fileno()).st_size != one.file.size_bytes:
        source.close()
        raise _not_of_the_recipe(one)
    return source


def _open_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _size(folder: Path, sha256: str) -> int:
    """Bytes of a blob that an earlier try left."""
    return sum(one.stat().st_size for one in folder.glob(f"{sha256}*"))


def _not_of_the_recipe(one: BundledFile) -> IntegrityFailed:
    return IntegrityFailed(
        f"{one.file.name} is not the file of the recipe, so it goes on no bundle. `carrel model verify "
        "MODEL` says more; pull the model again."
    )
