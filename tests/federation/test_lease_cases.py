"""Leases: the cases that follow from what was signed and when alone. What a box does then is tested with its
book of leases.
"""

import base64
import hmac
import json

import pytest

from appliance.errors import IntegrityFailed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.checking import believed
from appliance.federation.protocol.lease_state import NO_LIST, ListView, state_of
from appliance.federation.protocol.limits import SKEW_S
from appliance.federation.protocol.status_list import Statuses, pack
from tests.federation.hostile_registry import HostileRegistry
from tests.federation.made import DAY_S, NOW_S, ack, lease, listed, new_key, own

BOX, REGISTRY = new_key(), new_key()
EXP = NOW_S + 30 * DAY_S
GONE = EXP + 14 * DAY_S


def disbelieved(token: str, *, registry=REGISTRY) -> str:
    with pytest.raises(IntegrityFailed) as told:
        believed(token, keys=(listed(registry),), own=own(BOX), now_s=NOW_S, wanted=kinds.LEASE)
    return str(told.value)


def view(status, until_s: int = GONE) -> ListView:
    return ListView(status, until_s)


def test_a_lease_that_is_not_yet_valid_permits_nothing_but_for_two_clocks_that_differ():
    claims = lease(BOX)
    assert state_of(claims, now_s=NOW_S - SKEW_S - 1) == "not-yet"
    assert state_of(claims, now_s=NOW_S - SKEW_S) == "valid"


@pytest.mark.parametrize(
    ("now_s", "state"),
    [
        (EXP - 1, "valid"),
        (EXP, "grace"),
        (EXP + 1, "grace"),
        (GONE - 1, "grace"),
        (GONE, "lapsed"),
        (GONE + 1, "lapsed"),
    ],
)
def test_the_edges_of_grace_are_sharp_to_the_second(now_s, state):
    assert state_of(lease(BOX), now_s=now_s) == state


@pytest.mark.parametrize(("days", "state"), [(0, "valid"), (10, "valid"), (31, "grace"), (45, "lapsed")])
def test_the_table_of_a_lease_of_thirty_days_with_fourteen_of_grace(days, state):
    assert state_of(lease(BOX), now_s=NOW_S + days * DAY_S) == state


def test_an_old_status_list_puts_a_lease_with_a_place_in_it_into_grace():
    claims = lease(BOX, status=3)
    assert state_of(claims, now_s=NOW_S + 9, view=view("valid", NOW_S + 10)) == "valid"
    assert state_of(claims, now_s=NOW_S + 10, view=view("valid", NOW_S + 10)) == "grace"
    assert state_of(claims, now_s=NOW_S, view=NO_LIST) == "grace"


def test_a_lease_without_a_place_in_the_list_does_not_look_at_it():
    assert state_of(lease(BOX), now_s=NOW_S, view=view("revoked", 0)) == "valid"


def test_an_index_past_the_end_of_the_list_is_grace():
    statuses = Statuses.unpack(pack({}, 8))
    claims = lease(BOX, status=8)
    assert state_of(claims, now_s=NOW_S, view=view(statuses.at(claims.status))) == "grace"


def test_revoked_counts_even_when_the_list_is_stale_and_the_lease_has_not_begun():
    claims = lease(BOX, status=0)
    for now_s in (0, NOW_S, EXP, GONE, GONE + 400 * DAY_S):
        assert state_of(claims, now_s=now_s, view=view("revoked", 0)) == "revoked"


def test_suspended_is_neither_served_nor_gone_and_lapses_with_its_lease():
    claims = lease(BOX, status=0)
    assert state_of(claims, now_s=NOW_S, view=view("suspended", 0)) == "suspended"
    assert state_of(claims, now_s=GONE, view=view("suspended")) == "lapsed"
    assert state_of(claims, now_s=NOW_S, view=view("valid")) == "valid"


def test_a_clock_that_is_suspect_is_told_of_a_valid_lease_and_lengthens_none():
    assert state_of(lease(BOX), now_s=NOW_S, clock_suspect=True) == "clock-suspect"
    assert state_of(lease(BOX), now_s=EXP, clock_suspect=True) == "grace"
    assert state_of(lease(BOX), now_s=GONE, clock_suspect=True) == "lapsed"


def test_a_lease_of_another_box_is_disbelieved():
    assert "another box" in disbelieved(REGISTRY.sign(kinds.LEASE, lease(new_key())))


def test_a_lease_bound_to_a_key_that_this_box_does_not_have_is_disbelieved():
    stolen = lease(BOX, cnf=Confirmation(new_key().public.id))
    assert "another key" in disbelieved(REGISTRY.sign(kinds.LEASE, stolen))


def test_an_ack_offered_as_a_lease_is_disbelieved():
    given = ack(BOX.public.id, epoch=1, seq=1, head="a" * 64)
    assert kinds.LEASE in disbelieved(REGISTRY.sign(kinds.USAGE_ACK, given))
    assert "shape" in disbelieved(REGISTRY.sign(kinds.LEASE, given))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA", "RS256"])
def test_a_lease_with_alg_none_or_another_than_ed25519_is_disbelieved(algorithm):
    _, payload, signature = REGISTRY.sign(kinds.LEASE, lease(BOX)).split(".")
    header = {"alg": algorithm, "typ": kinds.LEASE}
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    disbelieved(f"{head}.{payload}.")
    disbelieved(f"{head}.{payload}.{signature}")
    mac = hmac.digest(REGISTRY.public.text.encode(), f"{head}.{payload}".encode(), "sha256")
    disbelieved(f"{head}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


def test_an_unknown_kid_is_disbelieved_whoever_it_names_as_its_own():
    stranger = new_key()
    assert "No key" in disbelieved(stranger.sign(kinds.LEASE, lease(BOX)))
    _, payload, signature = stranger.sign(kinds.LEASE, lease(BOX)).split(".")
    header = {"alg": "Ed25519", "typ": kinds.LEASE, "kid": REGISTRY.public.id}
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    assert "No key" in disbelieved(f"{head}.{payload}.{signature}")


def test_what_a_hostile_registry_slips_in_is_disbelieved():
    registry = HostileRegistry(lambda: NOW_S)
    registry.add_box(BOX.public.id)
    forms = (
        registry.others_lease,
        registry.stolen_lease,
        registry.forged_lease,
        registry.lease_by_the_status_key,
    )
    for make in forms:
        disbelieved(make(BOX.public.id, "opt-175b"), registry=registry.key)


def test_a_zip_bomb_in_a_status_list_is_refused():
    registry = HostileRegistry(lambda: NOW_S)
    found = believed(
        registry.zip_bomb(), keys=registry.key_list.keys, own=own(BOX), now_s=NOW_S, wanted=kinds.STATUS_LIST
    )
    with pytest.raises(IntegrityFailed):
        Statuses.unpack(found.statement.lst)
