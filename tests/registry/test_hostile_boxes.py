"""What a box, or somebody who pretends to be one, may try over the network."""

import base64
import secrets

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from appliance.federation.protocol import kinds
from appliance.federation.protocol.limits import MESSAGE_BYTES, NONCE_S, OVERLAP_S
from appliance.federation.protocol.messages import HeadRequest, LeaseRequest, Listing, Sync, WantedLease
from appliance.federation.protocol.replies import Refused
from appliance.registry.operating.boxes import suspend_box
from appliance.registry.receiving.rates import Rate
from appliance.trust.canonical import canonical
from tests.federation.made import new_key
from tests.registry.desks import BoxForTests, DeskForTests

EVERYTHING = (
    "message",
    "nonce",
    "box",
    "box_key",
    "batch",
    "record",
    "mark",
    "mailbox",
    "lease",
    "application",
)


def rows(desk):
    """How many there are of everything that a message could leave."""
    with desk.database.reading() as session:
        return {name: session.one(f"SELECT count(*) AS n FROM {name}")["n"] for name in EVERYTHING}


def refusal(desk, send, *, leaves_nothing=True):
    """The name of the problem; with it nothing may have been kept."""
    before = rows(desk)
    with pytest.raises(Refused) as refused:
        send()
    if leaves_nothing:
        assert rows(desk) == before
    return refused.value.name


def test_nonce_reuse_is_refused(desk):
    box = desk.box()
    nonce = desk.desk.nonce()
    desk.send(box.key, box.token(kinds.SYNC, Sync), nonce=nonce)
    again = box.token(kinds.SYNC, Sync)
    assert refusal(desk, lambda: desk.send(box.key, again, nonce=nonce)) == "bad-nonce"


def test_nonce_of_somebody_else_is_refused(desk):
    box = desk.box()
    token = box.token(kinds.SYNC, Sync)
    made_up = secrets.token_urlsafe(30)
    assert refusal(desk, lambda: desk.send(box.key, token, nonce=made_up)) == "bad-nonce"


def test_old_nonce_is_refused(desk):
    box = desk.box()
    nonce = desk.desk.nonce()
    desk.clock.now_s += NONCE_S + 1
    token = box.token(kinds.SYNC, Sync)
    assert refusal(desk, lambda: desk.send(box.key, token, nonce=nonce)) == "bad-nonce"


def test_nonce_is_good_until_its_last_second(desk):
    box = desk.box()
    nonce = desk.desk.nonce()
    desk.clock.now_s += NONCE_S
    assert desk.send(box.key, box.token(kinds.SYNC, Sync), nonce=nonce).items


def test_message_without_a_proof_is_refused(desk):
    box = desk.box()
    token = box.token(kinds.SYNC, Sync)
    assert refusal(desk, lambda: desk.desk.receive(token, None, kinds.PATHS[kinds.SYNC])) == "bad-nonce"


def test_wrong_url_is_refused(desk):
    box = desk.box()
    token = box.token(kinds.SYNC, Sync)
    assert refusal(desk, lambda: desk.send(box.key, token, host="other.example")) == "wrong-url"
    assert refusal(desk, lambda: desk.send(box.key, token, path="v1/usage")) == "wrong-url"


def test_message_at_the_address_of_another_kind_is_refused(desk):
    box = desk.box()
    token = box.token(kinds.SYNC, Sync)
    proof = desk.proof(box.key, token, kind=kinds.SYNC, path="v1/usage")
    assert refusal(desk, lambda: desk.desk.receive(token, proof, "v1/usage")) == "wrong-type"


def test_address_that_is_none_is_refused(desk):
    box = desk.box()
    token = box.token(kinds.SYNC, Sync)
    assert refusal(desk, lambda: desk.desk.receive(token, None, "v1/everything")) == "not-found"


def test_proof_of_another_message_is_refused(desk):
    box = desk.box()
    token, other = box.token(kinds.SYNC, Sync), box.token(kinds.SYNC, Sync)
    proof = desk.proof(box.key, other, kind=kinds.SYNC)
    assert refusal(desk, lambda: desk.desk.receive(token, proof, "v1/sync")) == "bad-signature"


def test_proof_by_another_key_is_refused(desk):
    box, other = desk.boxes(2)
    token = box.token(kinds.SYNC, Sync)
    assert refusal(desk, lambda: desk.send(other.key, token)) == "bad-signature"


def test_strangers_key_with_known_id_is_refused(desk):
    box = desk.box()
    stranger = BoxForTests(desk, id=box.id)
    assert refusal(desk, stranger.sync) == "bad-signature"


def test_stranger_is_unknown(desk):
    assert refusal(desk, BoxForTests(desk).sync) == "unknown-box"


def test_message_for_another_box_is_refused(desk):
    box, other = desk.boxes(2)
    box.id = other.id
    assert refusal(desk, box.sync) == "bad-signature"


def test_head_of_another_box_is_not_told(desk):
    box, other = desk.boxes(2)
    other.report()
    token = box.key.sign(kinds.HEAD_REQUEST, HeadRequest(**other.common()))
    assert refusal(desk, lambda: desk.desk.receive(token)) == "bad-signature"


def test_tampered_message_is_refused(desk):
    box = desk.box()
    head, payload, signature = box.token(kinds.SYNC, Sync).split(".")
    raw = bytearray(base64.urlsafe_b64decode(payload + "=="))
    raw[raw.index(b"msg_") + 5] ^= 1
    changed = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    token = f"{head}.{changed}.{signature}"
    assert refusal(desk, lambda: desk.send(box.key, token)) == "bad-signature"


def test_huge_body_is_refused_before_anything_is_read(desk):
    box = desk.box()
    token = box.token(kinds.SYNC, Sync) + "A" * MESSAGE_BYTES
    assert refusal(desk, lambda: desk.desk.receive(token)) == "too-large"


def test_unknown_field_is_refused(desk):
    box = desk.box()
    token = _signed(box.key, kinds.SYNC, {**box.common(), "v": 1, "software": "", "prompts": ["hello"]})
    assert refusal(desk, lambda: desk.send(box.key, token)) == "schema"


def test_unknown_field_in_a_record_is_refused(desk):
    box = desk.box()
    batch = msgspec.to_builtins(box.batch())
    batch["records"][0]["person"] = "somebody"
    token = _signed(box.key, kinds.USAGE_BATCH, batch)
    assert refusal(desk, lambda: desk.send(box.key, token)) == "schema"


def test_integer_above_2_53_is_refused(desk):
    box = desk.box()
    batch = msgspec.to_builtins(box.batch())
    batch["records"][0]["gflop"] = 2**53
    token = _signed(box.key, kinds.USAGE_BATCH, batch)
    assert refusal(desk, lambda: desk.send(box.key, token)) == "schema"


def test_number_with_a_fraction_is_refused(desk):
    box = desk.box()
    batch = msgspec.to_builtins(box.batch())
    batch["records"][0]["gflop"] = 1000.0
    token = _signed(box.key, kinds.USAGE_BATCH, batch)
    assert refusal(desk, lambda: desk.send(box.key, token)) == "schema"


def test_another_version_is_refused(desk):
    box = desk.box()
    token = _signed(box.key, kinds.SYNC, {**box.common(), "v": 2, "software": ""})
    assert refusal(desk, lambda: desk.send(box.key, token)) == "bad-version"


def test_alg_none_is_refused(desk):
    box = desk.box()
    header = {
        "alg": "none",
        "typ": kinds.SYNC,
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": box.key.public.text},
    }
    parts = [_b64(msgspec.json.encode(header)), _b64(canonical(Sync(**box.common()))), ""]
    assert refusal(desk, lambda: desk.desk.receive(".".join(parts))) == "bad-signature"


def test_alg_hs256_with_the_public_key_as_secret_is_refused(desk):
    box = desk.box()
    header = {
        "alg": "HS256",
        "typ": kinds.SYNC,
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": box.key.public.text},
    }
    secret = OctKey.import_key(base64.urlsafe_b64decode(box.key.public.text + "="))
    token = jws.serialize_compact(
        header, canonical(Sync(**box.common())), secret, algorithms=["HS256"]
    )  # fmt: skip
    assert refusal(desk, lambda: desk.desk.receive(token)) == "bad-signature"


def test_statement_of_the_registry_is_no_message(desk):
    box = desk.box()
    (ack,) = box.report().items
    assert refusal(desk, lambda: desk.desk.receive(ack)) == "wrong-type"


def test_proof_is_no_message(desk):
    box = desk.box()
    proof = desk.proof(box.key, box.token(kinds.SYNC, Sync), kind=kinds.SYNC)
    assert refusal(desk, lambda: desk.desk.receive(proof)) == "wrong-type"


def test_suspended_box_gets_nothing_but_what_was_taken_back(desk):
    box = desk.box()
    suspend_box(desk.office, box.id, "It reported nonsense.")
    assert refusal(desk, box.report) == "box-suspended"
    wanted = (WantedLease(model="demo", files=()),)
    asks = lambda: box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=wanted)  # noqa: E731
    assert refusal(desk, asks) == "box-suspended"
    assert refusal(desk, lambda: desk.send(box.key, box.rotation(new_key()))) == "box-suspended"
    assert desk.only(box.sync(), kinds.STATUS_LIST)


def test_replaced_key_counts_for_seven_days_and_not_a_second_longer(desk):
    box = desk.box()
    old, box.key = box.key, new_key()
    desk.send(old, box.rotation(box.key, by=old))
    desk.clock.now_s += OVERLAP_S
    token = old.sign(kinds.SYNC, Sync(**box.common()))
    assert desk.send(old, token).items
    desk.clock.now_s += 1
    token = old.sign(kinds.SYNC, Sync(**box.common()))
    assert refusal(desk, lambda: desk.send(old, token)) == "bad-signature"
    assert box.sync().items


def test_box_that_talks_too_much_has_to_wait(database):
    desk = DeskForTests(database, box_rate=Rate(burst=3, per_s=0.5))
    box, quiet = desk.boxes(2)
    for _ in range(3):
        box.sync()
    with pytest.raises(Refused) as refused:
        box.sync()
    problem = refused.value.problem()
    assert (problem.name, problem.status, problem.retryable) == ("rate", 429, True)
    assert problem.retry_after_s == 2
    quiet.sync()
    desk.clock.now_s += problem.retry_after_s
    box.sync()


def test_address_that_talks_too_much_is_not_even_listened_to(database):
    desk = DeskForTests(database, address_rate=Rate(burst=2, per_s=1))
    send = lambda: desk.desk.receive("nonsense", address="192.0.2.7")  # noqa: E731
    assert [refusal(desk, send) for _ in range(3)] == ["bad-signature", "bad-signature", "rate"]
    with pytest.raises(Refused, match="cannot be read"):
        desk.desk.receive("nonsense", address="192.0.2.8")


def test_message_that_was_answered_is_answered_again(desk):
    box = desk.box()
    token = box.token(kinds.LEASE_REQUEST, LeaseRequest, wanted=(WantedLease(model="demo", files=()),))
    first, again = desk.send(box.key, token), desk.send(box.key, token)
    assert not first.duplicate
    assert again == msgspec.structs.replace(first, duplicate=True)


def test_other_words_under_an_id_that_was_used_are_refused(desk):
    box = desk.box()
    wanted = (WantedLease(model="demo", files=()),)
    box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=wanted, jti="msg_1")
    other = (WantedLease(model="other", files=()),)
    again = lambda: box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=other, jti="msg_1")  # noqa: E731
    assert refusal(desk, again) == "conflict"


def test_two_boxes_may_use_one_id(desk):
    wanted = (WantedLease(model="demo", files=()),)
    for box in desk.boxes(2):
        assert not box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=wanted, jti="msg_1").duplicate


def test_box_that_asks_too_often_in_a_day_has_to_wait_and_others_need_not(desk, monkeypatch):
    monkeypatch.setattr("appliance.registry.receiving.desk.MOST_A_DAY", 2)
    box, other = desk.boxes(2)
    wanted = (WantedLease(model="demo", files=()),)
    ask = lambda box, **more: box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=wanted, **more)  # noqa: E731
    for number in range(2):
        ask(box, jti=f"msg_{number}")
    assert refusal(desk, lambda: ask(box)) == "rate"
    assert ask(box, jti="msg_1").duplicate
    ask(other)
    desk.clock.now_s += 86_401
    ask(box)


def test_kind_that_nobody_here_takes_is_refused(desk):
    box = desk.box()
    say = lambda: box.say(kinds.LISTING, Listing, organization="north", metadata="AAAA")  # noqa: E731
    assert refusal(desk, say) == "wrong-type"


def test_box_is_told_to_come_again_while_the_database_is_away(desk):
    box = desk.box()
    desk.database.close()
    with pytest.raises(Refused) as refused:
        box.sync()
    problem = refused.value.problem()
    assert (problem.name, problem.status, problem.retryable) == ("maintenance", 503, True)
    assert problem.retry_after_s == 30


def _signed(key, kind, plain):
    header = {"alg": "Ed25519", "typ": kind, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": key.public.text}}
    return jws.serialize_compact(
        header, msgspec.json.encode(plain, order="sorted"), key._private, algorithms=["Ed25519"]
    )


def _b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
