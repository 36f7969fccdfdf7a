"""The room of all files is taken before the first byte comes."""

import errno
import os
from dataclasses import replace

import pytest

from appliance.domain.recipe import RecipeFile
from appliance.errors import StorageUnavailable
from appliance.weights.fetching.reserving import allocate

PATHS = ("model.gguf", "parts/second.gguf")


def test_a_full_disk_is_told_before_anything_is_asked_and_leaves_nothing(desk):
    def full_at_the_second(descriptor, size_bytes):
        if size_bytes == desk.file(PATHS[1]).size_bytes:
            raise OSError(errno.ENOSPC, "No space left on device")
        allocate(descriptor, size_bytes)

    desk.allocate = full_at_the_second
    with pytest.raises(StorageUnavailable, match="no room"):
        desk.fetch(desk.at_mirror, paths=PATHS)
    assert not desk.hub.seen
    assert not list((desk.models_dir / ".incoming").iterdir())

    desk.allocate = allocate
    desk.fetch(desk.at_mirror, paths=PATHS)
    assert all(desk.has(path) for path in PATHS)


def test_what_was_there_before_is_kept_by_a_full_disk(desk):
    desk.hub.switches.cuts = [4 * 2**20] * 5
    with pytest.raises(Exception, match="goes on"):
        desk.fetch(desk.at_mirror)
    desk.hub.switches.cuts = []

    def full(descriptor, size_bytes):
        raise OSError(errno.ENOSPC, "No space left on device")

    desk.allocate = full
    with pytest.raises(StorageUnavailable):
        desk.fetch(desk.at_mirror)
    desk.allocate = allocate
    before = desk.hub.sent_bytes
    desk.fetch(desk.at_mirror)
    assert desk.hub.sent_bytes - before == desk.file().size_bytes - 4 * 2**20


def test_the_error_says_how_much_is_missing(desk):
    order = replace(desk.order(desk.at_mirror), files=(RecipeFile("huge.gguf", 2**49, "ab" * 32),))
    with pytest.raises(StorageUnavailable, match=r"it needs 56\d{4}\.\d GB more"):
        desk.carry_out(order)


def test_a_disk_that_is_too_small_is_not_filled_to_its_last_byte(desk):
    asked = []
    desk.allocate = lambda _descriptor, size_bytes: asked.append(size_bytes)
    order = replace(desk.order(desk.at_mirror), files=(RecipeFile("huge.gguf", 2**49, "ab" * 32),))
    with pytest.raises(StorageUnavailable):
        desk.carry_out(order)
    assert not asked


def test_a_reserved_file_has_its_blocks(tmp_path):
    place = tmp_path / "part"
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT)
    allocate(descriptor, 2**20)
    os.close(descriptor)
    assert place.stat().st_size == 2**20
    assert place.stat().st_blocks * 512 >= 2**20
