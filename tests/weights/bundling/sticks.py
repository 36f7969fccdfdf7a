"""Small bundles for tests: two models that share a file, one with a license that travels along."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from appliance.domain.bundle import BundledFile, BundledModel, BundleMade, BundleOrder
from appliance.domain.license import LicenseTerms
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.trust.box_key import BoxKey
from appliance.weights.bundling.making import Maker

PIECE_BYTES = 1000
TEXT = "Give it on under these terms.\n"
TEXT_SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
SHARED, LARGE = b"shared" * 50, bytes(range(256)) * 10
"""The larger one is three pieces."""

Tell = Callable[[str], None]


def unheard(_line: str) -> None:
    """Nobody listens."""


def file_of(contents: bytes, name: str) -> RecipeFile:
    return RecipeFile(name, len(contents), hashlib.sha256(contents).hexdigest())


def recipe(name: str, files: tuple[RecipeFile, ...], terms: LicenseTerms) -> Recipe:
    return Recipe(
        id=name, revision=1, title=name.title(), summary="A test.", terms=terms, tier="open",
        context_tokens=64, max_sequences=1, chat_template=None, add_bos=False,
        forms=(RecipeForm("q8", "llama_cpp", files),), defaults=SamplingDefaults(),
    )  # fmt: skip


class Sender:
    """A box with two models on its disk, which makes a bundle of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.models = folder / "models"
        self.bundle = folder / "stick" / "bundle"
        self.bundle.parent.mkdir(parents=True)
        self.key = BoxKey.at(folder / "box-key.pem")
        self.open = self._model("open", LicenseTerms("Apache-2.0"), {"a.gguf": SHARED, "b.gguf": LARGE})
        strict = LicenseTerms(
            "LicenseRef-Campus", text_sha256=TEXT_SHA256, acceptance="institution",
            redistribution="same-terms", attribution="By the campus.",
        )  # fmt: skip
        self.strict = self._model("strict", strict, {"s.gguf": SHARED}, TEXT)

    def _model(
        self, name: str, terms: LicenseTerms, contents: dict[str, bytes], text: str | None = None
    ) -> BundledModel:
        (self.models / name).mkdir(parents=True)
        files = []
        for file_name, raw in contents.items():
            (self.models / name / file_name).write_bytes(raw)
            files.append(BundledFile(file_of(raw, file_name), str(self.models / name / file_name)))
        made = recipe(name, tuple(one.file for one in files), terms)
        return BundledModel(made, f'id = "{name}"\n'.encode(), made.forms, tuple(files), text)

    def order(self, *models: BundledModel, **changes: object) -> BundleOrder:
        order = BundleOrder(
            folder=str(self.bundle), recipient="Lab B", models=models or (self.open, self.strict),
            piece_bytes=PIECE_BYTES, version="1.0", created_ms=7,
        )  # fmt: skip
        return replace(order, **changes)  # type: ignore[arg-type]

    def make(self, order: BundleOrder | None = None, tell: Tell = unheard) -> BundleMade:
        maker = Maker(order or self.order(), self.key, tell)
        maker.prepare()
        return maker.make()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file()
    }
