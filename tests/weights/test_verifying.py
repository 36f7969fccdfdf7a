"""A file is opened by an engine only when it is the recipe's, byte for byte."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed
from appliance.weights.verifying import verify


def refusal(file: RecipeFile, folder: Path) -> str:
    with pytest.raises(IntegrityFailed) as caught:
        verify([file], folder)
    assert str(folder) not in caught.value.message
    assert caught.value.message.startswith(file.name)
    return caught.value.message


def test_the_right_file_passes(weights: RecipeFile, tmp_path: Path) -> None:
    verify([weights], tmp_path)


def test_a_truncated_file_is_refused(weights: RecipeFile, tmp_path: Path, contents: bytes) -> None:
    (tmp_path / weights.name).write_bytes(contents[:-1])
    assert f"has {len(contents) - 1} bytes" in refusal(weights, tmp_path)


def test_a_file_with_bytes_after_its_end_is_refused(
    weights: RecipeFile, tmp_path: Path, contents: bytes
) -> None:
    (tmp_path / weights.name).write_bytes(contents + b"\0")
    assert f"has {len(contents) + 1} bytes" in refusal(weights, tmp_path)


@pytest.mark.parametrize("where", [0, 2_500_000, -1])
def test_one_flipped_bit_is_refused(weights: RecipeFile, tmp_path: Path, contents: bytes, where: int) -> None:
    changed = bytearray(contents)
    changed[where] ^= 1
    (tmp_path / weights.name).write_bytes(changed)
    assert "SHA-256 differs" in refusal(weights, tmp_path)


def test_a_missing_file_is_refused(weights: RecipeFile, tmp_path: Path) -> None:
    (tmp_path / weights.name).unlink()
    assert "cannot be read" in refusal(weights, tmp_path)


def test_a_symbolic_link_is_refused_even_to_the_right_bytes(weights: RecipeFile, tmp_path: Path) -> None:
    (tmp_path / weights.name).rename(tmp_path / "elsewhere")
    (tmp_path / weights.name).symlink_to(tmp_path / "elsewhere")
    assert "symbolic link" in refusal(weights, tmp_path)


def test_a_folder_in_place_of_a_file_is_refused(weights: RecipeFile, tmp_path: Path) -> None:
    (tmp_path / weights.name).unlink()
    (tmp_path / weights.name).mkdir()
    refusal(weights, tmp_path)


def test_a_pipe_in_place_of_a_file_is_refused_without_waiting(weights: RecipeFile, tmp_path: Path) -> None:
    (tmp_path / weights.name).unlink()
    os.mkfifo(tmp_path / weights.name)
    assert "not a regular file" in refusal(weights, tmp_path)


@pytest.mark.parametrize(
    "name", ["model.bin", "model.pt", "model.pkl", "model.ckpt", "model.py", "model", "a.GGUF"]
)
def test_a_format_that_can_carry_code_is_refused(weights: RecipeFile, tmp_path: Path, name: str) -> None:
    (tmp_path / weights.name).rename(tmp_path / name)
    assert "not a kind of file" in refusal(replace(weights, name=name), tmp_path)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.PT"])
def test_weights_in_a_pickle_are_refused_with_the_reason(
    weights: RecipeFile, tmp_path: Path, name: str
) -> None:
    assert "runs code" in refusal(replace(weights, name=name), tmp_path)


@pytest.mark.parametrize("name", ["../model.gguf", "/model.gguf", "sub/model.gguf"])
def test_a_name_that_leaves_the_folder_is_refused(
    weights: RecipeFile, tmp_path: Path, contents: bytes, name: str
) -> None:
    (tmp_path / "models" / "sub").mkdir(parents=True)
    (tmp_path / "models" / "sub" / "model.gguf").write_bytes(contents)
    assert "not a kind of file" in refusal(replace(weights, name=name), tmp_path / "models")


def test_a_file_that_no_recipe_names_is_left_alone(weights: RecipeFile, tmp_path: Path) -> None:
    (tmp_path / "model-f16.gguf").write_bytes(b"of another form")
    verify([weights], tmp_path)


def test_every_file_is_checked_not_only_the_first(weights: RecipeFile, tmp_path: Path) -> None:
    with pytest.raises(IntegrityFailed, match=r"^second\.gguf"):
        verify([weights, replace(weights, name="second.gguf")], tmp_path)


def test_progress_grows_over_all_files_and_ends_at_one(
    weights: RecipeFile, tmp_path: Path, contents: bytes
) -> None:
    second = replace(weights, name="second.gguf")
    (tmp_path / second.name).write_bytes(contents)
    parts: list[float] = []
    verify([weights, second], tmp_path, parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == 1
    assert 0.5 in parts
    assert len(parts) > 2
