"""A registry as its own process: boxes enroll, lease, report over HTTP; it stops in order, losing nothing."""

import msgspec
import pytest

from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import HeadRequest, LeaseRequest, Sync, WantedLease
from appliance.federation.protocol.replies import Problem
from appliance.federation.protocol.shapes import STATEMENTS
from appliance.federation.protocol.statements import RegistryKeyList
from appliance.trust.signed import PublicKey, kind_of, verify
from tests.registry.desks import BoxForTests
from tests.system.real_registry import RealRegistry

pytestmark = pytest.mark.slow


@pytest.fixture
def registry(tmp_path):
    registry = RealRegistry(tmp_path)
    address = f"http://{registry.host}"
    words = ("init", "--name", "central", "--address", address, "--plain-http", "--port", str(registry.port))
    registry.document(*words)
    try:
        yield registry.start()
    finally:
        registry.kill()


def keys_of(registry):
    """As its catalog lists them, which is how any box knows them."""
    with registry.http as http:
        targets = msgspec.json.decode(http.get("tuf/metadata/2.targets.json").content)["signed"]["targets"]
        sha256 = targets["registry/keys.json"]["hashes"]["sha256"]
        content = http.get(f"tuf/targets/registry/{sha256}.keys.json").content
    listing = msgspec.json.decode(content, type=RegistryKeyList)
    return {use: PublicKey.parse(one.x) for one in listing.keys for use in one.uses}


def read(registry, reply):
    keys = keys_of(registry)
    found = {}
    for token in reply.items:
        kind = kind_of(token)
        key = keys["status" if kind == kinds.STATUS_LIST else "statements"]
        found[kind] = verify(token, kind, key, STATEMENTS[kind])
    return found


def test_from_a_code_to_a_lease_and_an_acknowledged_report(registry):
    box = BoxForTests(registry)
    enrolled = read(registry, box.enroll(registry.code()))[kinds.ENROLLMENT]
    assert (enrolled.sub, enrolled.institution) == (box.id, "North College")
    wanted = (WantedLease(model="opt-175b", files=()),)
    denied = read(registry, box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=wanted))
    assert "agreement" in denied[kinds.DENIAL].reason
    registry.document("agreement", "add", "North College", "--until", "2099-12-31")
    lease = read(registry, box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=wanted))[kinds.LEASE]
    assert (lease.model, lease.cnf.jkt) == ("opt-175b", box.key.public.id)
    ack = read(registry, box.report())[kinds.USAGE_ACK]
    assert (ack.seq, ack.head) == (1, box.head)
    registry.document("lease", "revoke", "lab box", "opt-175b", "--reason", "Ended.")
    registry.document("notice", "all", "Closed on Monday.")
    synced = read(registry, box.say(kinds.SYNC, Sync))
    assert synced[kinds.NOTICE].text == "Closed on Monday."
    assert synced[kinds.STATUS_LIST].bits == 2


def test_what_was_acknowledged_is_there_after_a_stop_and_after_a_kill(registry):
    box = BoxForTests(registry)
    box.enroll(registry.code())
    box.report()
    assert registry.stop() == 0
    registry.start()
    box.report()
    registry.kill()
    registry.start()
    ack = read(registry, box.say(kinds.HEAD_REQUEST, HeadRequest))[kinds.USAGE_ACK]
    assert (ack.seq, ack.head) == (2, box.head)
    (line,) = registry.document("usage")["lines"]
    assert line["requests"] == 20


def test_a_message_for_another_host_and_a_nonce_again_are_refused(registry):
    box = BoxForTests(registry)
    box.enroll(registry.code())
    token = box.token(kinds.SYNC, Sync)
    other = registry.post(box.key, token, host="registry.example")
    assert msgspec.json.decode(other.content, type=Problem).name == "wrong-url"
    with registry.http as http:
        nonce = http.get("v1/nonce").headers["replay-nonce"]
    assert registry.post(box.key, token, nonce=nonce).status_code == 200
    again = registry.post(box.key, token, nonce=nonce)
    assert msgspec.json.decode(again.content, type=Problem).name == "bad-nonce"
    assert again.headers["replay-nonce"] != nonce


def test_without_the_signing_folder_it_answers_all_the_same(registry, tmp_path):
    (registry.at / "signing").rename(tmp_path / "drawer")
    assert registry.stop() == 0
    registry.start()
    box = BoxForTests(registry)
    box.enroll(registry.code())
    box.report()
    assert registry.command("publish").returncode == 3
    log = (registry.at / "registry.jsonl").read_text()
    assert "failed" not in log


def test_settings_that_cannot_be_served_are_told(registry):
    registry.stop()
    toml = registry.at / "registry.toml"
    toml.write_text(toml.read_text().replace("plain_http = true", "plain_http = false"))
    done = registry.command("serve")
    assert (done.returncode, "address" in done.stderr or "http" in done.stderr) == (2, True)
