"""A file that is found to be wrong is named with its model, and counts as missing for a pull."""

from pathlib import Path

import pytest

from appliance.domain.license import LicenseTerms
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.errors import IntegrityFailed
from appliance.weights.blobs import BlobStore
from appliance.wiring.model_files import ModelFiles
from tests.weights.sealed import FakeSeals
from tests.weights.store import adopted


def of(file: RecipeFile) -> tuple[Recipe, RecipeForm]:
    form = RecipeForm("q8", "fake", (file,))
    recipe = Recipe(
        id="tiny", revision=1, title="Tiny", summary="For tests.", terms=LicenseTerms("Apache-2.0"),
        tier="open", context_tokens=64, max_sequences=1, chat_template=None, add_bos=False, forms=(form,),
        defaults=SamplingDefaults(),
    )  # fmt: skip
    return recipe, form


@pytest.mark.parametrize("way", ["verify", "check", "scrub"])
def test_a_wrong_file_is_told_of_and_fetched_again(tmp_path: Path, way: str) -> None:
    (tmp_path / "models").mkdir()
    store = BlobStore(tmp_path / "models")
    file = adopted(store, b"contents")
    recipe, form = of(file)
    folder = store.place("tiny", [file])
    files = ModelFiles(store_dir := tmp_path / "models", tmp_path / "bundled", FakeSeals().sealing())
    assert files.trouble_of(recipe, form) is None

    (folder / file.name).chmod(0o600)
    (folder / file.name).write_bytes(b"c0ntents")
    if way == "check":
        assert files.check(file, folder, lambda _part: None).state == "wrong"
    elif way == "scrub":
        with pytest.raises(IntegrityFailed):
            files.scrub(file, folder, lambda _bytes: None)
    else:
        with pytest.raises(IntegrityFailed):
            files.verify(form, folder, lambda _part: None)
    assert "SHA-256" in (files.trouble_of(recipe, form) or "")
    assert not store.has(file)

    adopted(BlobStore(store_dir), b"contents")
    store.place("tiny", [file])
    assert files.trouble_of(recipe, form) is None
    files.verify(form, folder, lambda _part: None)
