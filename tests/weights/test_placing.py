"""The folder of a model is the one that holds all its files."""

from pathlib import Path

import pytest

from appliance.domain.license import LicenseTerms
from appliance.domain.recipe import Recipe, RecipeFile, RecipeForm, SamplingDefaults
from appliance.weights.placing import folder_of, names_in


def form(name: str, *files: str) -> RecipeForm:
    return RecipeForm(name, "fake", tuple(RecipeFile(file, 1, "0" * 64) for file in files))


Q8, SPLIT = form("q8", "q8.gguf"), form("split", "one.gguf", "two.gguf")
TINY = Recipe(
    id="tiny", revision=1, title="Tiny", summary="For tests.", terms=LicenseTerms("Apache-2.0"), tier="open",
    context_tokens=64, max_sequences=1, chat_template=None, add_bos=False, forms=(Q8, SPLIT),
    defaults=SamplingDefaults(),
)  # fmt: skip


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    return tmp_path / "bundled"


def put(place: Path, *files: str) -> Path:
    (place / "tiny").mkdir(parents=True, exist_ok=True)
    for file in files:
        (place / "tiny" / file).write_bytes(b"x")
    return place / "tiny"


def test_a_model_that_is_nowhere_has_no_folder(models_dir: Path, bundled: Path) -> None:
    assert folder_of(TINY, Q8, models_dir=models_dir, bundled=bundled) is None


def test_a_bundled_model_is_found_where_it_is_bundled(models_dir: Path, bundled: Path) -> None:
    folder = put(bundled, "q8.gguf")
    assert folder_of(TINY, Q8, models_dir=models_dir, bundled=bundled) == folder


def test_files_in_the_models_folder_go_before_bundled_ones(models_dir: Path, bundled: Path) -> None:
    put(bundled, "q8.gguf")
    folder = put(models_dir, "q8.gguf")
    assert folder_of(TINY, Q8, models_dir=models_dir, bundled=bundled) == folder


def test_what_was_added_for_another_revision_does_not_hide_what_is_bundled(
    models_dir: Path, bundled: Path
) -> None:
    new = put(bundled, "q8.gguf")
    old = put(models_dir, "q8.gguf")
    (old / "q8.gguf").write_bytes(b"of another size")
    assert folder_of(TINY, Q8, models_dir=models_dir, bundled=bundled) == new


def test_files_of_other_sizes_are_found_where_there_are_no_others(models_dir: Path, bundled: Path) -> None:
    old = put(models_dir, "q8.gguf")
    (old / "q8.gguf").write_bytes(b"of another size")
    assert folder_of(TINY, Q8, models_dir=models_dir, bundled=bundled) == old


def test_a_form_with_one_file_missing_has_no_folder(models_dir: Path, bundled: Path) -> None:
    put(models_dir, "one.gguf")
    put(bundled, "two.gguf")
    assert folder_of(TINY, SPLIT, models_dir=models_dir, bundled=bundled) is None


def test_forms_are_placed_one_by_one(models_dir: Path, bundled: Path) -> None:
    folder = put(bundled, "one.gguf", "two.gguf")
    assert folder_of(TINY, SPLIT, models_dir=models_dir, bundled=bundled) == folder
    assert folder_of(TINY, Q8, models_dir=models_dir, bundled=bundled) is None


def test_names_are_those_of_files_and_of_no_other_folder(tmp_path):
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "b.gguf").touch()
    (folder / "a.json").touch()
    (folder / "inner").mkdir()
    (folder / "link").symlink_to(folder / "b.gguf")
    (tmp_path / "outside.gguf").touch()
    assert names_in("tiny", tmp_path / "models") == ["a.json", "b.gguf"]
    for other in ("nothing", "..", "tiny/inner", ".blobs"):
        assert names_in(other, tmp_path / "models") == []
