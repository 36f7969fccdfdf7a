"""`carrel registry exchange`: boxes without a network, strangers, the same file twice."""

import tarfile

import pytest

from appliance.federation.bundling.reading import read_incoming
from appliance.federation.protocol import kinds
from appliance.federation.protocol.enroll_code import read_code
from appliance.federation.protocol.messages import (
    Sync,
)
from appliance.federation.protocol.replies import Problem, Reply
from tests.cli.registry.boxes_acts import kinds_of, stick
from tests.federation.made import new_key
from tests.registry.hosted import enrolled


def test_a_box_without_a_network_enrolls_and_syncs_by_stick(registry, at, tmp_path, box):
    new, code = new_key(), read_code(registry("code", "--institution", "Far Station")["text"]).code
    there, back = tmp_path / "there.tar", tmp_path / "back.tar"
    box.key, box.id = new, new.public.id
    stick(there, box, new.sign(kinds.ENROLL, box.enroll_message(code)))
    done = registry("exchange", str(there), "--out", str(back))
    assert (done["box"], done["taken"], done["refused"]) == (box.id, 1, [])
    found = read_incoming(back, tmp_path / "mirror")
    assert kinds_of(found.replies["msg_0"]) == {kinds.ENROLLMENT}
    assert kinds_of(found.mailbox) == {kinds.STATUS_LIST}
    assert (tmp_path / "mirror/metadata/timestamp.json").is_file()
    assert "PRIVATE" not in back.read_bytes().decode("latin-1")


def test_a_stick_of_nobody_gets_refusals_and_nobodys_letters(registry, at, tmp_path, box):
    registry("notice", "all", "For the box alone.")
    there, back = tmp_path / "there.tar", tmp_path / "back.tar"
    stranger = new_key()
    sync = Sync(box=box.id, jti="msg_0", iat=box.registry.clock.now_s)
    stick(there, box, stranger.sign(kinds.SYNC, sync))
    done = registry("exchange", str(there), "--out", str(back))
    assert (done["taken"], len(done["refused"]), done["items"]) == (0, 1, 0)
    found = read_incoming(back, tmp_path / "mirror")
    assert found.mailbox is None
    assert isinstance(found.replies["msg_0"], Problem)


def test_a_box_that_names_another_on_its_stick_does_not_get_its_letters(registry, at, tmp_path, box):
    other = enrolled(at, registry("code", "--institution", "South College")["text"])
    registry("notice", box.id, "For the first box alone.")
    there, back = tmp_path / "there.tar", tmp_path / "back.tar"
    stick(there, box, other.key.sign(kinds.SYNC, Sync(**other.common())))
    assert registry("exchange", str(there), "--out", str(back))["taken"] == 1
    found = read_incoming(back, tmp_path / "mirror")
    assert found.mailbox is None
    assert kinds.NOTICE not in kinds_of(found.replies["msg_0"])


@pytest.mark.slow
def test_the_same_stick_twice_is_answered_the_same(registry, at, tmp_path, box):
    there, back = tmp_path / "there.tar", tmp_path / "back.tar"
    stick(there, box, box.key.sign(kinds.USAGE_BATCH, box.batch()))
    assert registry("exchange", str(there), "--out", str(back))["duplicates"] == 0
    first = read_incoming(back, tmp_path / "one").replies["msg_0"]
    assert registry("exchange", str(there), "--out", str(back))["duplicates"] == 1
    again = read_incoming(back, tmp_path / "two").replies["msg_0"]
    assert isinstance(first, Reply)
    assert (again.re, again.duplicate) == (first.re, True)
    assert kinds_of(again) == kinds_of(first) == {kinds.USAGE_ACK}


@pytest.mark.slow
def test_what_is_no_stick_is_refused(carrel, at, tmp_path):
    (tmp_path / "no.tar").write_bytes(b"nothing")
    assert carrel("registry", "exchange", str(tmp_path / "no.tar"), "--out", "back.tar").code == 2
    assert carrel("registry", "exchange", str(tmp_path / "none.tar"), "--out", "back.tar").code == 2
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(at / "registry.toml", "registry.toml")
    assert carrel("registry", "exchange", str(tmp_path / "other.tar"), "--out", "back.tar").code == 2
