"""What counts after a kill, after a power cut, and after damage."""

import os

import pytest

from appliance.errors import Conflict
from appliance.weights.fetching import part as part_module
from appliance.weights.fetching.journal import BLOCK_BYTES
from appliance.weights.fetching.part import journal_of, open_part

SIZE = 5 * BLOCK_BYTES + 100


@pytest.fixture
def place(tmp_path):
    return tmp_path / "x.part"


def write(part, begin, end):
    part.write(memoryview(b"x" * (end - begin)), begin)


def test_whole_blocks_count_after_a_kill(place):
    with open_part(place, SIZE, "boot") as part:
        write(part, 0, BLOCK_BYTES + 10)
        write(part, 3 * BLOCK_BYTES, SIZE)
    with open_part(place, SIZE, "boot") as part:
        assert part.missing() == [(BLOCK_BYTES, 3 * BLOCK_BYTES)]
        assert part.resumed_bytes == SIZE - 2 * BLOCK_BYTES


def test_only_what_was_on_the_disk_counts_after_a_power_cut(place):
    with open_part(place, SIZE, "boot") as part:
        write(part, 0, BLOCK_BYTES)
        part.settle()
        write(part, BLOCK_BYTES, 2 * BLOCK_BYTES)
    for boot in ("another boot", "another boot", "boot"):
        with open_part(place, SIZE, boot) as part:
            assert part.missing() == [(BLOCK_BYTES, SIZE)]


def test_what_is_settled_while_it_is_cleared_does_not_count(place, monkeypatch):
    with open_part(place, SIZE, "boot") as part:
        write(part, 0, BLOCK_BYTES)
        synced = []
        monkeypatch.setattr(part_module.os, "fdatasync", lambda _: synced or (part.clear(), synced.append(1)))
        part.settle()
        monkeypatch.undo()
    with open_part(place, SIZE, "boot") as part:
        assert part.missing() == [(0, SIZE)]


@pytest.mark.parametrize("harm", [b"", b"{", b"\xff" * 5000, b'{"version":2}'.ljust(4096)])
def test_a_journal_that_cannot_be_read_counts_as_none(place, harm):
    with open_part(place, SIZE, "boot") as part:
        write(part, 0, SIZE)
    journal_of(place).write_bytes(harm)
    with open_part(place, SIZE, "boot") as part:
        assert part.missing() == [(0, SIZE)]


def test_a_journal_of_another_size_counts_as_none(place):
    with open_part(place, SIZE, "boot") as part:
        write(part, 0, SIZE)
    os.truncate(place, SIZE + 1)
    with open_part(place, SIZE + 1, "boot") as part:
        assert part.missing() == [(0, SIZE + 1)]


def test_a_part_that_was_cut_short_counts_for_nothing(place):
    with open_part(place, SIZE, "boot") as part:
        write(part, 0, SIZE)
    os.truncate(place, SIZE - 1)
    with open_part(place, SIZE, "boot") as part:
        assert part.missing() == [(0, SIZE)]


def test_bytes_that_are_there_are_not_written_over(place):
    with open_part(place, SIZE, "boot") as part:
        part.write(memoryview(b"first"), 2)
        part.write(memoryview(b"other bytes"), 0)
        assert os.pread(part.descriptor, 11, 0) == b"otfirsttes"[:7] + b"ytes"


def test_whoever_sent_bytes_is_remembered_until_all_is_thrown_away(place):
    with open_part(place, SIZE, "boot") as part:
        part.note_source("mirror a")
        part.note_source("hub b")
    with open_part(place, SIZE, "boot") as part:
        assert part.sent_by(["hub b", "mirror a", "c"]) == (["mirror a", "hub b"], True)
        assert part.sent_by(["hub b"]) == (["hub b"], False)
        part.clear()
        assert part.sent_by(["hub b"]) == ([], True)


def test_two_do_not_fetch_the_same_file(place, monkeypatch):
    monkeypatch.setattr(part_module, "_LOCK_WAIT_S", 0.05)
    with open_part(place, SIZE, "boot"), pytest.raises(Conflict), open_part(place, SIZE, "boot"):
        pass


def test_a_link_in_place_of_a_part_is_not_followed(place, tmp_path):
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"), open_part(place, SIZE, "boot"):
        pass
