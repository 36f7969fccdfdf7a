"""The handbook's page on the protocol: with it alone somebody could write another registry, so all of it is
checked against the code, and its vectors are made again from their keys.
"""

import re
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from appliance.federation.protocol import kinds, limits
from appliance.federation.protocol.chain import digest_of, record_id, records_digest
from appliance.federation.protocol.checking import (
    Own,
    believed,
    check_own_key,
    check_proof,
    check_sender,
    is_canonical,
    opened,
    opened_next_key,
    sha256,
)
from appliance.federation.protocol.leaves import entry_hash
from appliance.federation.protocol.merkle import is_included
from appliance.federation.protocol.messages import NextKey, Pass, Proof
from appliance.federation.protocol.replies import STATUSES
from appliance.federation.protocol.shapes import MESSAGES, STATEMENTS
from appliance.federation.protocol.statements import RegistryKey
from appliance.federation.protocol.status_list import Statuses
from appliance.federation.protocol.usage import UsageRecord
from appliance.trust.box_key import BoxKey

PAGE = (Path(__file__).parents[2] / "appliance" / "handbook" / "registry-protocol.md").read_text("utf-8")
SHAPES = {
    **MESSAGES,
    **STATEMENTS,
    kinds.NEXT_KEY: NextKey,
    kinds.PROOF: Proof,
    kinds.PASS: Pass,
}
SHARED = {"v", "box", "jti", "iat", "iss", "sub"}
SECTIONS = dict(re.findall(r"^### `([a-z-]+\+jw[st])`\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
EXAMPLES = {
    kind: re.search(r"^    (\{.*\})$", text, re.MULTILINE)[1].encode() for kind, text in SECTIONS.items()
}
VECTORS = PAGE.partition("## Test vectors")[2]
TOKENS = re.findall(r"^    (eyJ\S+)$", VECTORS, re.MULTILINE)
VALUES = dict(re.findall(r"^\| ([^|]+?) \| `?([^`|]+?)`? \|$", VECTORS, re.MULTILINE))


def key_from(first: int) -> BoxKey:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32)))
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return BoxKey(OKPKey.import_key(pem))


BOX, NEXT, REGISTRY = key_from(0), key_from(32), key_from(64)


def example(kind: str):
    return msgspec.json.decode(EXAMPLES[kind], type=SHAPES[kind])


def test_every_kind_has_a_section():
    assert set(SECTIONS) == set(SHAPES)


@pytest.mark.parametrize("kind", SHAPES)
def test_every_field_of_a_kind_is_explained_and_none_that_it_does_not_have(kind):
    fields = {field.name for field in msgspec.structs.fields(SHAPES[kind])}
    told = set(re.findall(r"^\| `(\w+)` \|", SECTIONS[kind], re.MULTILINE))
    assert fields - SHARED <= told <= fields


@pytest.mark.parametrize("kind", SHAPES)
def test_every_example_is_canonical_and_of_its_kind_with_every_member_written(kind):
    assert is_canonical(EXAMPLES[kind])
    names = set(msgspec.json.decode(EXAMPLES[kind]))
    assert names == {field.encode_name for field in msgspec.structs.fields(SHAPES[kind])}
    assert example(kind) is not None


@pytest.mark.parametrize("kind", kinds.PATHS)
def test_every_address_is_told(kind):
    assert f"`POST /{kinds.PATHS[kind]}`" in SECTIONS[kind]


def test_every_field_of_a_record_is_told():
    section = PAGE.partition("## Usage records")[2].partition("## The order")[0]
    for field in msgspec.structs.fields(UsageRecord):
        assert f"`{field.name}`" in section, field.name


def test_every_problem_is_told_with_its_status():
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", PAGE, re.MULTILINE))
    assert told == {name: str(status) for name, status in STATUSES.items()}


def test_the_limits_are_those_of_the_code():
    told = PAGE.partition("## Limits")[2].partition("## Test vectors")[0]
    for words in (
        f"| {limits.MESSAGE_BYTES // 1024} KiB |",
        f"| {limits.RECORDS:,} |",
        f"| {limits.STATUS_LIST_BYTES // 1024} KiB |",
        f"| {limits.NONCE_S // 60} minutes, once |",
        f"| {limits.BUNDLE_BYTES // 2**20} MiB, {limits.BUNDLE_FILES:,} files |",
        f"| {limits.OVERLAP_S // 86_400} days |",
    ):
        assert words in told


# ---- the vectors ----


@pytest.mark.parametrize(("who", "key"), [("box", BOX), ("next key", NEXT), ("registry", REGISTRY)])
def test_the_keys_are_those_of_their_bytes(who, key):
    assert VALUES[f"{who}: `x`"] == key.public.text
    assert VALUES[f"{who}: thumbprint"] == key.public.id


def test_signing_makes_the_very_tokens_again():
    sync, proof, lease = TOKENS
    assert BOX.sign(kinds.SYNC, example(kinds.SYNC)) == sync
    assert BOX.sign(kinds.PROOF, example(kinds.PROOF)) == proof
    assert REGISTRY.sign(kinds.LEASE, example(kinds.LEASE)) == lease


def test_the_tokens_are_taken_by_the_checks_of_both_sides():
    sync, proof, lease = TOKENS
    message = opened(sync)
    check_sender(message, {BOX.public.id: None}, message.message.iat)
    hosts = ("registry.example:8443",)
    nonce = check_proof(proof, token=sync, signer=message.signer, hosts=hosts, path=kinds.PATHS[kinds.SYNC])
    assert nonce == example(kinds.PROOF).nonce
    own = Own(frozenset({BOX.public.id}), frozenset({BOX.public.id}))
    keys = (RegistryKey(REGISTRY.public.text, ("statements",)),)
    found = believed(lease, keys=keys, own=own, now_s=example(kinds.LEASE).iat)
    assert found.statement == example(kinds.LEASE)


def test_the_examples_of_enrollment_and_rotation_hold():
    check_own_key(opened(BOX.sign(kinds.ENROLL, example(kinds.ENROLL))))
    assert opened_next_key(example(kinds.ROTATE)).signer.id == NEXT.public.id


def test_digests_and_ids_are_those_of_the_example():
    batch = example(kinds.USAGE_BATCH)
    assert VALUES["digest of the batch above"] == digest_of(EXAMPLES[kinds.USAGE_BATCH])
    assert example(kinds.USAGE_ACK).head == VALUES["digest of the batch above"]
    assert records_digest(batch.records) == batch.records_sha256 == VALUES["its `records_sha256`"]
    (record,) = batch.records
    names = ("day", "group", "purpose", "model", "revision", "file_sha256", "backend", "op", "lease")
    key = {name: getattr(record, name) for name in names}
    assert record_id(box=batch.box, epoch=1, number=0, **key) == record.id == VALUES["id of its record"]


def test_the_row_of_the_example_is_in_the_tree_of_the_batch():
    (leaf,) = example(kinds.CHECK_ANSWER).leaves
    batch = example(kinds.USAGE_BATCH)
    assert VALUES["entry of the row above in the tree"] == entry_hash(leaf)
    assert is_included(
        leaf=entry_hash(leaf),
        index=leaf.index,
        size=batch.leaves,
        proof=leaf.proof,
        root=batch.merkle_root,
    )


def test_the_status_list_of_the_example_says_what_the_page_says():
    statuses = Statuses.unpack(example(kinds.STATUS_LIST).lst)
    told = [one.strip() for one in VALUES["status of place 3, 16 and 17 of the list above"].split(",")]
    assert [statuses.at(place) for place in (3, 16, 17)] == told


def test_what_the_applicant_agreed_to_is_everything_else():
    plain = msgspec.json.decode(EXAMPLES[kinds.APPLICATION])
    told = plain.pop("agreed_sha256")
    assert told == sha256(msgspec.json.encode(plain, order="sorted"))
    assert told == VALUES["`agreed_sha256` of the application above"]
