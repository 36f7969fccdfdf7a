"""Sources that serve other bytes are known by name, and nobody is blamed for another's."""

import pytest

from appliance.errors import IntegrityFailed
from appliance.weights.fetching.part import open_part

MIB = 2**20


def mirror_path(desk):
    return f"/mirror/{desk.file().sha256}"


def test_a_mirror_with_other_bytes_is_named_and_dropped_and_the_next_source_brings_the_file(
    desk, other_bytes
):
    desk.hub.switches.instead[mirror_path(desk)] = other_bytes
    desk.fetch(desk.at_mirror, desk.at_server, paths=("model.gguf", "config.json"))
    assert desk.has()
    assert desk.dropped == [desk.at_mirror.label]
    # Not even for a file that it may have right.
    assert not [one for one in desk.hub.seen if one.path == f"/mirror/{desk.file('config.json').sha256}"]


def test_nothing_is_kept_where_every_source_has_other_bytes(desk, other_bytes):
    desk.hub.switches.instead[mirror_path(desk)] = other_bytes
    desk.hub.switches.instead["/files/lab/tiny/model.gguf"] = other_bytes
    with pytest.raises(IntegrityFailed, match="Every source"):
        desk.fetch(desk.at_mirror, desk.at_server)
    assert desk.dropped == [desk.at_mirror.label, desk.at_server.label]
    assert not desk.store.has(desk.file())


def test_of_two_that_sent_parts_only_the_wrong_one_is_dropped(desk, other_bytes):
    desk.hub.switches.cuts = [4 * MIB] * 5
    desk.hub.switches.instead[mirror_path(desk)] = other_bytes
    desk.fetch(desk.at_mirror, desk.at_server)
    assert desk.has()
    assert desk.dropped == [desk.at_mirror.label]


def test_of_two_that_sent_parts_the_second_can_be_the_wrong_one(desk, other_bytes):
    desk.hub.switches.cuts = [4 * MIB] * 5
    desk.hub.switches.instead["/files/lab/tiny/model.gguf"] = other_bytes
    desk.fetch(desk.at_mirror, desk.at_server)
    assert desk.has()
    assert desk.dropped == [desk.at_server.label]


def test_what_this_disk_lost_is_nobody_s_fault(desk):
    file = desk.file()
    desk.store.prepare()
    with open_part(desk.store.part(file.sha256), file.size_bytes) as part:
        part.note_source(desk.at_mirror.label)
        part.write(memoryview(b"\0" * (3 * MIB)), 0)
    desk.fetch(desk.at_mirror)
    assert desk.has()
    assert desk.dropped == []
    assert desk.last.fetched_bytes == 2 * file.size_bytes - 3 * MIB
