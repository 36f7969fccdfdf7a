"""Each file is told apart: right, wrong, or not there."""

from pathlib import Path

from appliance.domain.recipe import RecipeFile
from appliance.weights.checking import check
from appliance.weights.placing import nearest_folder
from appliance.weights.verifying import unheard
from tests.weights.test_placing import SPLIT, TINY, put


def test_a_file_of_the_recipe_is_ok(weights: RecipeFile, tmp_path: Path) -> None:
    parts: list[float] = []
    assert check(weights, tmp_path, parts.append).state == "ok"
    assert parts[-1] == 1


def test_another_file_of_that_name_is_wrong_and_says_why(weights: RecipeFile, tmp_path: Path) -> None:
    with (tmp_path / weights.name).open("r+b") as file:
        file.write(b"x")
    found = check(weights, tmp_path, unheard)
    assert found.state == "wrong"
    assert "SHA-256" in found.reason


def test_no_file_is_missing(weights: RecipeFile, tmp_path: Path) -> None:
    (tmp_path / weights.name).unlink()
    assert check(weights, tmp_path, unheard).state == "missing"


def test_a_link_that_leads_nowhere_is_wrong_and_not_missing(weights: RecipeFile, tmp_path: Path) -> None:
    (tmp_path / weights.name).unlink()
    (tmp_path / weights.name).symlink_to(tmp_path / "nowhere")
    assert check(weights, tmp_path, unheard).state == "wrong"


def test_the_nearest_folder_is_the_one_with_the_most_files(tmp_path: Path) -> None:
    models_dir, bundled = tmp_path / "models", tmp_path / "bundled"
    places = {"models_dir": models_dir, "bundled": bundled}
    assert nearest_folder(TINY, SPLIT, **places) is None
    folder = put(bundled, "one.gguf")
    assert nearest_folder(TINY, SPLIT, **places) == folder
    whole = put(models_dir, "one.gguf", "two.gguf")
    assert nearest_folder(TINY, SPLIT, **places) == whole
