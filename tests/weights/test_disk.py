"""Room on the disk, and what a file has of it before its bytes are there."""

import os

import pytest

from appliance.errors import StorageUnavailable
from appliance.weights.disk import ModelsDisk

MIB = 2**20


def test_free_room_is_what_the_system_says(tmp_path):
    found = os.statvfs(tmp_path)
    free = ModelsDisk(tmp_path).free_bytes()
    assert abs(free - found.f_bavail * found.f_frsize) < 2**30


def test_what_is_reserved_is_taken_and_what_is_a_hole_is_not(tmp_path):
    disk = ModelsDisk(tmp_path)
    reserved, hole = tmp_path / "reserved", tmp_path / "hole"
    with reserved.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, MIB)
    with hole.open("wb") as file:
        file.truncate(MIB)
    assert disk.taken_bytes(reserved) >= MIB
    assert disk.taken_bytes(hole) < MIB
    assert disk.taken_bytes(tmp_path / "nothing") == 0
    (tmp_path / "link").symlink_to(reserved)
    assert disk.taken_bytes(tmp_path / "link") == 0


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(StorageUnavailable, match="carrel doctor"):
        ModelsDisk(tmp_path / "gone").free_bytes()
