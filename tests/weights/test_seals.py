"""A large file that was read not long ago, and is still that file, is not read again at each start."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.domain.recipe import RecipeFile
from appliance.errors import IntegrityFailed
from appliance.weights.checking import check, is_due, known_trouble
from appliance.weights.reading import read_to_end
from appliance.weights.seals import SPARED_FROM_BYTES
from appliance.weights.verifying import unheard, verify
from tests.weights.sealed import FakeSeals


@pytest.fixture
def seals() -> FakeSeals:
    return FakeSeals()


def was_read(file: RecipeFile, folder: Path, seals: FakeSeals, days: int = 7) -> bool:
    """Verify it; whether that took reading it."""
    before = dict(seals.kept)
    seals.now_ms += 1
    verify([file], folder, unheard, seals.sealing(days))
    return seals.kept != before


def test_the_first_time_it_is_read_and_then_it_is_spared(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    assert was_read(weights, tmp_path, seals)
    assert not was_read(weights, tmp_path, seals)


def test_what_is_spared_counts_as_read_for_whoever_waits(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    verify([weights], tmp_path, unheard, seals.sealing())
    parts: list[float] = []
    verify([weights], tmp_path, parts.append, seals.sealing())
    assert parts == [1.0]


def test_after_some_days_it_is_read_again(weights: RecipeFile, tmp_path: Path, seals: FakeSeals) -> None:
    assert was_read(weights, tmp_path, seals)
    seals.days_pass(6.9)
    assert not was_read(weights, tmp_path, seals)
    seals.days_pass(0.2)
    assert was_read(weights, tmp_path, seals)


def test_with_zero_days_it_is_read_each_time(weights: RecipeFile, tmp_path: Path, seals: FakeSeals) -> None:
    assert was_read(weights, tmp_path, seals, days=0)
    assert was_read(weights, tmp_path, seals, days=0)


def test_with_zero_days_it_is_time_to_read_it_again_after_one(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    assert is_due(weights, tmp_path, seals.sealing(0))
    assert was_read(weights, tmp_path, seals, days=0)
    assert not is_due(weights, tmp_path, seals.sealing(0))
    seals.days_pass(1)
    assert is_due(weights, tmp_path, seals.sealing(0))


def test_a_clock_that_was_turned_back_spares_nothing(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    assert was_read(weights, tmp_path, seals)
    seals.days_pass(-1)
    assert was_read(weights, tmp_path, seals)


def test_a_small_file_is_read_each_time(weights: RecipeFile, tmp_path: Path, seals: FakeSeals) -> None:
    sealing = replace(seals.sealing(), spared_from_bytes=SPARED_FROM_BYTES)
    for _ in range(2):
        seals.now_ms += 1
        verify([weights], tmp_path, unheard, sealing)
        assert [seal.read_ms for seal in seals.kept.values()] == [seals.now_ms]


def test_same_size_corruption_is_found_though_its_times_were_restored(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    path = tmp_path / weights.name
    verify([weights], tmp_path, unheard, seals.sealing())
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(2_500_000)
        file.write(b"\xff")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    with pytest.raises(IntegrityFailed, match="SHA-256"):
        verify([weights], tmp_path, unheard, seals.sealing())


def test_another_file_under_the_name_is_read(weights: RecipeFile, tmp_path: Path, seals: FakeSeals) -> None:
    assert was_read(weights, tmp_path, seals)
    path = tmp_path / weights.name
    (tmp_path / "copy").write_bytes(path.read_bytes())
    (tmp_path / "copy").rename(path)
    assert was_read(weights, tmp_path, seals)


def test_a_recipe_that_wants_other_bytes_is_not_content_with_the_seal(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    verify([weights], tmp_path, unheard, seals.sealing())
    with pytest.raises(IntegrityFailed, match="SHA-256"):
        verify([replace(weights, sha256="0" * 64)], tmp_path, unheard, seals.sealing())


def test_a_seal_of_another_model_spares_nothing(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    assert was_read(weights, tmp_path, seals)
    seals.kept["other", weights.name] = seals.kept.pop((tmp_path.name, weights.name))
    assert was_read(weights, tmp_path, seals)


def test_model_verify_reads_what_a_seal_would_spare(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    verify([weights], tmp_path, unheard, seals.sealing())
    seals.days_pass(1)
    assert check(weights, tmp_path, unheard, seals.sealing()).state == "ok"
    assert [seal.read_ms for seal in seals.kept.values()] == [seals.now_ms]


def test_bit_rot_that_the_system_knows_nothing_of_is_found_by_reading(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    """The seal is made to fit the changed file, as if nothing had been told of the change."""
    verify([weights], tmp_path, unheard, seals.sealing())
    path = tmp_path / weights.name
    with path.open("r+b") as file:
        file.write(b"\xff")
    found = path.stat()
    seals.change(lambda seal: replace(seal, mtime_ns=found.st_mtime_ns, ctime_ns=found.st_ctime_ns))
    assert not was_read(weights, tmp_path, seals)
    assert not is_due(weights, tmp_path, seals.sealing())
    seals.days_pass(7.1)
    assert is_due(weights, tmp_path, seals.sealing())
    with pytest.raises(IntegrityFailed, match="SHA-256"):
        read_to_end(weights, tmp_path, unheard, seals.sealing(), from_disk=True)
    assert "SHA-256" in (known_trouble(weights, tmp_path, seals.sealing()) or "")


def test_trouble_is_told_until_the_file_is_replaced(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals, contents: bytes
) -> None:
    path = tmp_path / weights.name
    path.write_bytes(b"x" * len(contents))
    assert known_trouble(weights, tmp_path, seals.sealing()) is None
    assert check(weights, tmp_path, unheard, seals.sealing()).state == "wrong"
    assert known_trouble(weights, tmp_path, seals.sealing()) is not None
    os.link(path, tmp_path / "second-name")
    assert known_trouble(weights, tmp_path, seals.sealing()) is not None
    assert not is_due(weights, tmp_path, seals.sealing())
    (tmp_path / "new").write_bytes(contents)
    (tmp_path / "new").rename(path)
    assert known_trouble(weights, tmp_path, seals.sealing()) is None
    assert is_due(weights, tmp_path, seals.sealing())


def test_whoever_leaves_marks_nothing(weights: RecipeFile, tmp_path: Path, seals: FakeSeals) -> None:
    def leave(_part: float) -> None:
        raise IntegrityFailed("Nobody waits for this any more.")

    with pytest.raises(IntegrityFailed, match="Nobody waits"):
        verify([weights], tmp_path, leave, seals.sealing())
    assert not seals.kept


def test_a_file_that_is_written_while_it_is_read_gets_no_seal(
    weights: RecipeFile, tmp_path: Path, seals: FakeSeals
) -> None:
    def touch(_part: float) -> None:
        os.utime(tmp_path / weights.name, ns=(1, 1))

    verify([weights], tmp_path, touch, seals.sealing())
    assert not seals.kept


def test_a_missing_file_has_no_trouble_that_could_be_told(tmp_path: Path, seals: FakeSeals) -> None:
    file = RecipeFile("gone.gguf", 1, "0" * 64)
    with pytest.raises(IntegrityFailed):
        verify([file], tmp_path, unheard, seals.sealing())
    assert known_trouble(file, tmp_path, seals.sealing()) is None
    assert not is_due(file, tmp_path, seals.sealing())
