"""The two files on a stick: read as a stranger may have made them, within every limit."""

import io
import os
import tarfile

import pytest

from appliance.errors import BadRequest, ConfigInvalid, StorageUnavailable
from appliance.federation.bundling import reading, writing
from appliance.federation.bundling.reading import read_incoming, read_outgoing
from appliance.federation.bundling.shapes import BoxFacts
from appliance.federation.bundling.writing import write_incoming, write_outgoing
from appliance.federation.protocol.limits import MESSAGE_BYTES
from appliance.federation.protocol.replies import Problem, Reply

BOX = "b" * 43
FACTS = BoxFacts(box=BOX, registry="simulated")
REPLY = Reply(re="msg_1", items=("a.b.c",))
NO = Problem(type="urn:carrel:schema", title="No.", status=422)


def tar_of(path, *members):
    """``members`` are (name, content) or ready ``TarInfo``."""
    with tarfile.open(path, "w:") as tar:
        for one in members:
            if isinstance(one, tarfile.TarInfo):
                tar.addfile(one)
                continue
            name, content = one
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def link(kind, target):
    info = tarfile.TarInfo("outbox/1-msg_1.jws")
    info.type, info.linkname = kind, target
    return info


def test_messages_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "out.tar"
    messages = [("msg_1", "a.b.c"), ("msg_2", "d.e.f")]
    assert write_outgoing(path, messages, FACTS).messages == 2
    found = read_outgoing(path)
    assert (found.facts, [(one.jti, one.token) for one in found.messages]) == (FACTS, messages)
    assert path.stat().st_mode & 0o777 == 0o600


def test_answers_come_back_with_the_catalog(tmp_path):
    mirror, into = tmp_path / "mirror", tmp_path / "into"
    (mirror / "metadata").mkdir(parents=True)
    (mirror / "metadata" / "1.root.json").write_bytes(b"root")
    (mirror / "secret").symlink_to("/etc/passwd")
    into.mkdir()
    path = tmp_path / "in.tar"
    write_incoming(path, [("msg_1", REPLY), ("msg_2", NO)], REPLY, mirror)
    found = read_incoming(path, into)
    assert found.replies == {"msg_1": REPLY, "msg_2": NO}
    assert (found.mailbox, found.has_mirror) == (REPLY, True)
    assert (into / "metadata" / "1.root.json").read_bytes() == b"root"
    assert not (into / "secret").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/passwd",
        "tuf/../../outside",
        "tuf/./x",
        "tuf//x",
        "tuf/a b",
        "tuf/\x1b[2J",
        "tuf/é",
    ],
)
def test_a_name_that_is_not_plain_is_refused(tmp_path, name):
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(BadRequest, match="not plain"):
        read_incoming(tar_of(tmp_path / "in.tar", (name, b"x")), into)
    assert [*into.iterdir()] == []
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_a_link_or_a_device_is_refused(tmp_path, kind):
    with pytest.raises(BadRequest, match="no plain file"):
        read_outgoing(tar_of(tmp_path / "out.tar", link(kind, "/etc/passwd")))


def test_the_same_name_twice_is_refused(tmp_path):
    path = tar_of(tmp_path / "in.tar", ("mailbox.json", b'{"re":"a"}'), ("mailbox.json", b'{"re":"b"}'))
    with pytest.raises(BadRequest, match="twice"):
        read_incoming(path, tmp_path)


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BUNDLE_FILES", 3)
    members = [(f"outbox/{number}-msg_{number}.jws", b"x") for number in range(4)]
    with pytest.raises(BadRequest, match="more than 3 files"):
        read_outgoing(tar_of(tmp_path / "out.tar", *members))


def test_more_bytes_than_a_stick_s_file_holds_are_refused_before_they_are_read(tmp_path):
    path = tmp_path / "out.tar"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(BadRequest, match="too large"):
        read_outgoing(path)


def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path):
    info = tarfile.TarInfo("outbox/1-msg_1.jws")
    info.size = 10_000
    path = tmp_path / "out.tar"
    path.write_bytes(info.tobuf() + b"x" * 512)
    with pytest.raises(BadRequest):
        read_outgoing(path)


def test_a_message_that_is_too_large_is_refused(tmp_path):
    path = tar_of(tmp_path / "out.tar", ("outbox/1-msg_1.jws", b"x" * (MESSAGE_BYTES + 2)))
    with pytest.raises(BadRequest, match="larger than its kind"):
        read_outgoing(path)


def test_zip_bomb_is_refused_since_nothing_is_ever_inflated(tmp_path):
    path = tmp_path / "in.tar"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("tuf/x")
        info.size = 30 * 2**20
        tar.addfile(info, io.BytesIO(bytes(info.size)))
    assert path.stat().st_size < 100_000
    with pytest.raises(BadRequest, match="no tar"):
        read_incoming(path, tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 511, b"\xff" * 2000])
def test_what_is_no_tar_is_refused(tmp_path, content):
    path = tmp_path / "in.tar"
    path.write_bytes(content)
    with pytest.raises(BadRequest):
        read_outgoing(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mailbox.json", b'{"re":"a","unknown":1}'),
        ("mailbox.json", b"[" * 100_000),
        ("replies/msg_1.json", b'{"v":1}'),
        ("replies/.json", b"{}"),
        ("install.sh", b"rm -rf /"),
    ],
)
def test_what_no_registry_writes_is_refused(tmp_path, name, content):
    with pytest.raises(BadRequest):
        read_incoming(tar_of(tmp_path / "in.tar", (name, content)), tmp_path)


def test_a_file_without_who_it_is_from_is_refused(tmp_path):
    with pytest.raises(BadRequest, match=r"box\.json"):
        read_outgoing(tar_of(tmp_path / "out.tar", ("outbox/1-msg_1.jws", b"a.b.c")))


def test_what_is_no_file_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadRequest):
        read_outgoing(tmp_path / "pipe")
    with pytest.raises(ConfigInvalid):
        read_outgoing(tmp_path / "missing")


def test_more_messages_than_fit_are_left_for_the_next_file(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "BUNDLE_BYTES", 1000)
    written = write_outgoing(tmp_path / "out.tar", [(f"m{n}", "x" * 300) for n in range(9)], FACTS)
    assert written.messages == len(read_outgoing(tmp_path / "out.tar").messages) == 2


def test_a_file_that_cannot_be_whole_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "BUNDLE_BYTES", 10)
    with pytest.raises(StorageUnavailable):
        write_incoming(tmp_path / "in.tar", [("msg_1", REPLY)], None, None)
    assert [*tmp_path.iterdir()] == []
