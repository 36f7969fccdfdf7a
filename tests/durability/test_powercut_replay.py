"""The replay itself: what it keeps, what it drops, and that the reader of the log understands strace."""

import pytest

from tests.durability.powercut import after_cut, said_by
from tests.durability.strace_log import (
    Created,
    Removed,
    Renamed,
    Resized,
    Said,
    Synced,
    UnknownCall,
    Written,
    read_log,
)

FOLDER, FILE = "/data", "/data/x"
END = 1000


def nothing():
    return False


def everything():
    return True


def at(*events):
    """Events on lines 0, 1, 2 …"""
    return [make(line) for line, make in enumerate(events)]


def created(path=FILE):
    return lambda line: Created(line, line, path)


def written(data, offset=0, path=FILE):
    return lambda line: Written(line, line, path, offset, data)


def synced(path=FILE):
    return lambda line: Synced(line, line, path)


BEGINNING = (created(), synced(FOLDER))


def test_a_synced_write_is_kept_and_a_later_one_is_lost():
    events = at(*BEGINNING, written(b"kept"), synced(), written(b"lost", 4))
    assert after_cut(events, END)(nothing) == {FILE: b"kept"}
    assert after_cut(events, END)(everything) == {FILE: b"keptlost"}


def test_before_the_sync_is_done_nothing_is_certain():
    events = at(*BEGINNING, written(b"data"), synced())
    assert after_cut(events, 3)(nothing) == {FILE: b""}
    assert after_cut(events, 4)(nothing) == {FILE: b"data"}


def test_a_sync_that_had_begun_before_a_write_does_not_cover_it():
    events = [Created(0, 0, FILE), Synced(1, 1, FOLDER), Written(3, 3, FILE, 0, b"late"), Synced(2, 4, FILE)]
    assert after_cut(events, END)(nothing) == {FILE: b""}


def test_a_name_whose_folder_was_not_synced_is_lost():
    events = at(created(), written(b"data"), synced())
    assert after_cut(events, END)(nothing) == {}


def test_a_removed_name_comes_back_until_the_folder_is_synced():
    gone = lambda line: Removed(line, line, FILE)  # noqa: E731
    events = at(*BEGINNING, written(b"data"), synced(), gone)
    assert after_cut(events, END)(nothing) == {FILE: b"data"}
    assert after_cut([*events, Synced(9, 9, FOLDER)], END)(nothing) == {}


def test_a_new_file_of_an_old_name_is_another_file():
    gone = lambda line: Removed(line, line, FILE)  # noqa: E731
    events = at(*BEGINNING, written(b"old"), synced(), gone, created(), synced(FOLDER))
    assert after_cut(events, END)(nothing) == {FILE: b""}


def test_a_rename_is_whole_or_not_at_all():
    moved = lambda line: Renamed(line, line, FILE, "/data/y")  # noqa: E731
    events = at(*BEGINNING, written(b"data"), synced(), moved)
    assert after_cut(events, END)(nothing) == {FILE: b"data"}
    assert after_cut(events, END)(everything) == {"/data/y": b"data"}


def test_an_unsynced_resize_is_lost():
    cut = lambda line: Resized(line, line, FILE, 1)  # noqa: E731
    events = at(*BEGINNING, written(b"data"), synced(), cut)
    assert after_cut(events, END)(nothing) == {FILE: b"data"}
    assert after_cut(events, END)(everything) == {FILE: b"d"}


def test_an_unsynced_write_may_survive_in_part():
    events = at(*BEGINNING, written(b"a" * 512 + b"b" * 512))
    answers = iter([False, True])
    assert after_cut(events, END)(lambda: next(answers)) == {FILE: bytes(512) + b"b" * 512}


def test_what_was_begun_to_be_said_may_have_been_heard():
    events = [Said(5, 9, "1", b"ack")]
    assert said_by(events, 5) == []
    assert said_by(events, 6) == events


def hexed(text):
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def test_the_log_is_read_with_its_interleaved_calls(tmp_path):
    file, folder = hexed("/data/x"), hexed("/data")
    log = tmp_path / "log"
    log.write_text(
        "\n".join(
            [
                f'7 openat(AT_FDCWD<{hexed("/")}>, "{file}", O_RDWR|O_CREAT, 0600) = 3<{file}>',
                f'7 pwrite64(3<{file}>, "{hexed("abc")}", 3, 16 <unfinished ...>',
                f'8 write(1<{hexed("pipe:[9]")}>, "{hexed("hello")}", 5) = 5',
                "7 <... pwrite64 resumed>) = 2",
                f"7 fdatasync(3<{file}>)      = 0",
                f"7 fsync(4<{folder}>) = -1 EIO (Input/output error)",
                f'7 openat(AT_FDCWD<{folder}>, "{hexed("/etc")}", O_RDWR|O_CREAT, 0600) = 5<{hexed("/etc")}>',
                f'7 unlink("{file}") = 0',
                "7 --- SIGTERM {si_signo=SIGTERM} ---",
                f'7 pwrite64(3<{file}>(deleted), "{hexed("abc")}", 3, 16) = 3',
                f'8 sendto(6<{hexed("socket:[5]")}>, "{hexed("ack")}", 3, 0, NULL, 0 <unfinished ...>',
                "8 <... sendto resumed>) = ?",
            ]
        )
    )
    assert read_log(log, tmp_path.__class__("/data")) == [
        Created(0, 0, "/data/x"),
        Said(2, 2, "pipe:[9]", b"hello"),
        Written(1, 3, "/data/x", 16, b"ab"),
        Synced(4, 4, "/data/x"),
        Removed(7, 7, "/data/x"),
        Said(10, 12, "socket:[5]", b"ack"),
    ]


@pytest.mark.parametrize(
    "call",
    ['write(3<{0}>, "\\x61", 1) = 1', "mmap(NULL, 9, PROT_READ|PROT_WRITE, MAP_SHARED, 3<{0}>, 0) = 0x7f00"],
)
def test_a_change_that_the_replay_does_not_know_is_refused(tmp_path, call):
    log = tmp_path / "log"
    log.write_text("7 " + call.format(hexed("/data/x")) + "\n")
    with pytest.raises(UnknownCall):
        read_log(log, tmp_path.__class__("/data"))
