"""Who signed what, for whom, when: the checks of both sides, without a store and without a network."""

import base64
import hashlib
import hmac
import json

import msgspec
import pytest
from joserfc import jws

from appliance.errors import IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.checking import (
    believed,
    check_own_key,
    check_proof,
    check_sender,
    clock_differs_s,
    is_canonical,
    opened,
    opened_next_key,
    sha256,
)
from appliance.federation.protocol.limits import MESSAGE_BYTES, SKEW_S
from appliance.federation.protocol.messages import Enroll, NextKey, Proof, Rotate, Sync
from appliance.federation.protocol.replies import Refused
from appliance.federation.protocol.statements import Notice, StatusList, TimeReset
from appliance.federation.protocol.status_list import pack
from tests.federation.made import NOW_S, batch, lease, listed, new_key, own, record

BOX, REGISTRY = new_key(), new_key()
SYNC = Sync(box=BOX.public.id, jti="msg_1", iat=NOW_S)


def raw(header: dict, payload: bytes, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), payload, signature)
    return ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts)


def signed(kind: str, payload: bytes) -> str:
    """Bytes that ``BoxKey.sign`` would not make."""
    header = {"alg": "Ed25519", "typ": kind, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": BOX.public.text}}
    return jws.serialize_compact(header, payload, BOX._private, algorithms=["Ed25519"])


def refused(token: str, **asked: str) -> str:
    with pytest.raises(Refused) as told:
        opened(token, **asked)
    return told.value.name


def test_a_message_is_opened_with_its_shape_digest_and_signer():
    message = opened(BOX.sign(kinds.SYNC, SYNC))
    assert (message.kind, message.message, message.signer.id) == (kinds.SYNC, SYNC, BOX.public.id)
    assert message.digest == hashlib.sha256(message.payload).hexdigest()


def test_a_tampered_message_is_refused():
    head, payload, signature = BOX.sign(kinds.SYNC, SYNC).split(".")
    changed = base64.urlsafe_b64encode(b'{"box":"x"}').rstrip(b"=").decode()
    assert refused(f"{head}.{changed}.{signature}") == "bad-signature"
    assert refused(f"{head}.{payload}.{signature[:-4]}AAAA") == "bad-signature"


def test_alg_none_is_refused():
    header = {"alg": "none", "typ": kinds.SYNC, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": BOX.public.text}}
    assert refused(raw(header, msgspec.json.encode(SYNC))) == "bad-signature"


def test_hs256_with_the_public_key_as_its_secret_is_refused():
    header = {
        "alg": "HS256",
        "typ": kinds.SYNC,
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": BOX.public.text},
    }
    token = raw(header, msgspec.json.encode(SYNC))
    mac = hmac.digest(BOX.public.text.encode(), token.rpartition(".")[0].encode(), "sha256")
    assert refused(raw(header, msgspec.json.encode(SYNC), mac)) == "bad-signature"


def test_a_header_that_nobody_knows_is_refused():
    header = {"alg": "Ed25519", "typ": kinds.SYNC, "crit": ["x"], "x": 1}
    header["jwk"] = {"kty": "OKP", "crv": "Ed25519", "x": BOX.public.text}
    assert refused(raw(header, msgspec.json.encode(SYNC), b"s" * 64)) == "bad-signature"


@pytest.mark.parametrize("token", ["", "a.b.c", "é.é.é", "....", "x" * 1000])
def test_what_is_no_token_is_refused(token):
    assert refused(token) == "bad-signature"


def test_statements_and_strange_kinds_are_no_messages():
    assert refused(BOX.sign(kinds.LEASE, lease(BOX))) == "wrong-type"
    assert refused(BOX.sign("made-up+jws", SYNC)) == "wrong-type"


def test_a_message_of_another_kind_than_its_address_takes_is_refused():
    assert refused(BOX.sign(kinds.SYNC, SYNC), wanted=kinds.USAGE_BATCH) == "wrong-type"


def test_a_message_under_the_name_of_another_kind_is_refused():
    assert refused(BOX.sign(kinds.ENROLL, SYNC)) == "schema"


def test_a_message_that_is_too_large_is_refused_before_it_is_read():
    assert refused("a" * (MESSAGE_BYTES + 1)) == "too-large"


def test_a_message_of_the_largest_size_is_opened():
    """The library's own bound is a quarter of that."""
    many = tuple(record(number) for number in range(500))
    token = BOX.sign(kinds.USAGE_BATCH, batch(BOX, 1, records=many))
    assert MESSAGE_BYTES * 0.7 < len(token) < MESSAGE_BYTES
    assert opened(token).message.records == many


def test_a_newer_version_of_the_protocol_is_told_from_a_wrong_shape():
    plain = {**msgspec.to_builtins(SYNC), "v": 2, "newer": True}
    assert refused(signed(kinds.SYNC, msgspec.json.encode(plain, order="sorted"))) == "bad-version"


def test_an_unknown_field_is_refused():
    plain = {**msgspec.to_builtins(SYNC), "prompt": "How do I …"}
    assert refused(signed(kinds.SYNC, msgspec.json.encode(plain, order="sorted"))) == "schema"


@pytest.mark.parametrize(
    "payload",
    [
        b'{"box": "x", "v": 1}',
        b'{"v":1,"box":"x"}',
        b'{"a":1.5}',
        b'{"a":1.0}',
        b'{"a":1,"a":1}',
        b'{"a":"\\u0041"}',
        b"[" * 100_000,
    ],
    ids=["spaces", "order", "fraction", "float", "twice", "escape", "depth"],
)
def test_json_that_is_written_another_way_is_not_canonical(payload):
    assert not is_canonical(payload)


def test_a_message_that_is_not_canonical_is_refused():
    assert refused(signed(kinds.SYNC, msgspec.json.encode(SYNC))) == "schema"


def test_integer_beyond_two_to_the_53_is_refused():
    plain = {**msgspec.to_builtins(SYNC), "iat": 2**53}
    assert refused(signed(kinds.SYNC, msgspec.json.encode(plain, order="sorted"))) == "schema"


def test_a_strangers_key_is_refused_for_a_box_that_is_known():
    message = opened(new_key().sign(kinds.SYNC, SYNC))
    with pytest.raises(Refused, match="not"):
        check_sender(message, {BOX.public.id: None}, NOW_S)


def test_a_replaced_key_counts_until_its_overlap_ends():
    message = opened(BOX.sign(kinds.SYNC, SYNC))
    check_sender(message, {BOX.public.id: NOW_S}, NOW_S)
    with pytest.raises(Refused):
        check_sender(message, {BOX.public.id: NOW_S - 1}, NOW_S)


def test_a_box_enrolls_under_no_other_name_than_its_key():
    enroll = Enroll(
        box="x" * 43, jti="msg_2", iat=NOW_S, code="c" * 26, name="A", software="", sealing_key="A" * 43
    )
    with pytest.raises(Refused, match="thumbprint"):
        check_own_key(opened(BOX.sign(kinds.ENROLL, enroll)))


def test_the_new_key_of_a_rotation_agrees_to_be_this_boxs():
    new = new_key()
    agreed = new.sign(kinds.NEXT_KEY, NextKey(box=BOX.public.id, jti="msg_3", iat=NOW_S))
    rotation = Rotate(box=BOX.public.id, jti="msg_4", iat=NOW_S, next=agreed)
    assert opened_next_key(rotation).signer.id == new.public.id
    elsewhere = new.sign(kinds.NEXT_KEY, NextKey(box="x" * 43, jti="msg_3", iat=NOW_S))
    with pytest.raises(Refused, match="another box"):
        opened_next_key(msgspec.structs.replace(rotation, next=elsewhere))
    with pytest.raises(Refused):
        opened_next_key(msgspec.structs.replace(rotation, next=BOX.sign(kinds.SYNC, SYNC)))


TOKEN = BOX.sign(kinds.SYNC, SYNC)


def proof(key=BOX, **changed: str) -> str:
    body_sha256 = sha256(TOKEN.encode())
    claims = Proof(host="registry.example", path="v1/sync", nonce="n" * 22, body_sha256=body_sha256)
    return key.sign(kinds.PROOF, msgspec.structs.replace(claims, **changed))


def check(shown: str) -> str:
    return check_proof(shown, token=TOKEN, signer=BOX.public, hosts=("registry.example",), path="v1/sync")


def test_a_good_proof_gives_its_nonce():
    assert check(proof()) == "n" * 22


@pytest.mark.parametrize("changed", [{"host": "evil.example"}, {"path": "v1/usage"}])
def test_wrong_url_is_refused(changed):
    with pytest.raises(Refused) as told:
        check(proof(**changed))
    assert told.value.name == "wrong-url"


def test_a_proof_of_another_message_or_by_another_key_is_refused():
    for shown in (proof(body_sha256="0" * 64), proof(new_key()), TOKEN):
        with pytest.raises(Refused) as told:
            check(shown)
        assert told.value.name in {"bad-signature", "wrong-type"}


def test_a_wrong_clock_is_a_hint_and_no_refusal():
    assert clock_differs_s(NOW_S + SKEW_S, NOW_S) == 0
    assert clock_differs_s(NOW_S - SKEW_S - 1, NOW_S) == -SKEW_S - 1


# ---- statements, at the box ----

KEYS = (listed(REGISTRY),)


def take(token: str, *, keys=KEYS, now_s: int = NOW_S, box=BOX, **asked):
    return believed(token, keys=keys, own=own(box), now_s=now_s, **asked)


def disbelieved(token: str, **asked) -> str:
    with pytest.raises(IntegrityFailed) as told:
        take(token, **asked)
    return str(told.value)


def test_a_statement_is_believed_with_the_key_that_signed_it():
    token = REGISTRY.sign(kinds.LEASE, lease(BOX))
    found = take(token)
    assert (found.kind, found.statement, found.key) == (kinds.LEASE, lease(BOX), REGISTRY.public.id)
    assert found.iat == NOW_S


def test_a_key_signs_only_what_it_is_listed_for():
    token = REGISTRY.sign(kinds.LEASE, lease(BOX))
    assert "No key" in disbelieved(token, keys=(listed(REGISTRY, "status"),))
    statuses = StatusList(iss="r", sub="r", iat=NOW_S, exp=NOW_S + 1, ttl=1, bits=2, lst=pack({}, 4))
    assert "No key" in disbelieved(REGISTRY.sign(kinds.STATUS_LIST, statuses))
    assert take(REGISTRY.sign(kinds.STATUS_LIST, statuses), keys=(listed(REGISTRY, "status"),))


def test_unknown_kid_is_disbelieved():
    assert "No key" in disbelieved(new_key().sign(kinds.LEASE, lease(BOX)))
    assert "No key" in disbelieved(REGISTRY.sign(kinds.LEASE, lease(BOX)), keys=())


def test_a_statement_for_another_box_or_another_key_is_disbelieved():
    assert "another box" in disbelieved(REGISTRY.sign(kinds.LEASE, lease(new_key())))
    bound = lease(BOX, cnf=Confirmation(new_key().public.id))
    assert "another key" in disbelieved(REGISTRY.sign(kinds.LEASE, bound))


def test_a_statement_from_the_future_is_disbelieved_but_for_a_signed_time():
    assert take(REGISTRY.sign(kinds.LEASE, lease(BOX, iat=NOW_S + SKEW_S)))
    assert "future" in disbelieved(REGISTRY.sign(kinds.LEASE, lease(BOX, iat=NOW_S + SKEW_S + 1)))
    reset = TimeReset(iss="r", sub=BOX.public.id, jti="time_1", iat=NOW_S)
    assert take(REGISTRY.sign(kinds.TIME_RESET, reset), now_s=0).iat == NOW_S


def test_a_statement_of_another_kind_than_was_asked_for_is_disbelieved():
    notice = Notice(iss="r", sub=BOX.public.id, jti="ntc_1", iat=NOW_S, text="Hello.")
    assert "lease" in disbelieved(REGISTRY.sign(kinds.NOTICE, notice), wanted=kinds.LEASE)
    assert "no statement" in disbelieved(REGISTRY.sign(kinds.SYNC, notice))
    assert "shape" in disbelieved(REGISTRY.sign(kinds.LEASE, notice))


def test_a_lease_that_is_too_large_is_disbelieved():
    files = tuple(f"{n:064x}" for n in range(32))
    assert take(REGISTRY.sign(kinds.LEASE, lease(BOX, files=files)))
    assert "larger" in disbelieved(REGISTRY.sign(kinds.LEASE, lease(BOX, iss="x" * 16_384)))
