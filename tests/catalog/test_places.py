"""The recipes are found in a checkout and in an installed wheel."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import load_catalog

REPOSITORY = Path(__file__).parents[2]
ASK = "from appliance.catalog.places import recipes_folder; print(recipes_folder())"


def test_a_checkout_has_its_recipes_beside_the_package(tmp_path: Path) -> None:
    assert recipes_folder(tmp_path / "appliance") == tmp_path / "recipes"


def test_an_installed_package_has_its_recipes_inside(tmp_path: Path) -> None:
    (tmp_path / "appliance" / "_recipes").mkdir(parents=True)
    assert recipes_folder(tmp_path / "appliance") == tmp_path / "appliance" / "_recipes"


def test_the_recipes_of_this_installation_load() -> None:
    assert "handbook-tiny" in [recipe.id for recipe in load_catalog(recipes_folder()).recipes]


@pytest.mark.slow
def test_a_wheel_carries_the_recipes_and_finds_them(tmp_path: Path) -> None:
    source, wheels, target = tmp_path / "source", tmp_path / "wheels", tmp_path / "installed"
    shutil.copytree(
        REPOSITORY,
        source,
        ignore=shutil.ignore_patterns(".git", ".venv*", "tests", "__pycache__", ".*_cache"),
    )
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(wheels),
        str(source),
    )
    (wheel,) = wheels.glob("*.whl")
    run(
        sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)
    )
    answer = run(
        sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(target)!r}); {ASK}", cwd=tmp_path
    )
    assert Path(answer.strip()) == target / "appliance" / "_recipes"
    assert same_files(target / "appliance" / "_recipes", REPOSITORY / "recipes")
    assert list((target / "appliance" / "_recipes" / "licenses").glob("*.txt"))
    assert list((target / "appliance" / "handbook").glob("*.md"))


def run(*command: str, cwd: Path | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout


def same_files(one: Path, other: Path) -> bool:
    return {path.relative_to(one): path.read_bytes() for path in one.rglob("*") if path.is_file()} == {
        path.relative_to(other): path.read_bytes() for path in other.rglob("*") if path.is_file()
    }
