"""A lab lends its model to another lab's box: asked by letter, given with a key of its own, taken back."""

from dataclasses import replace

import pytest

from appliance.domain.allocation import Scope, Window
from appliance.domain.people import Caller
from appliance.errors import (
    BadRequest,
    Conflict,
    NotAuthenticated,
    NotFound,
    NotLicensed,
    NotPermitted,
)
from appliance.policy.licenses import Act
from appliance.services.admission.gates import Asked
from appliance.services.licenses.permits import Permits
from appliance.services.licenses.register import Register
from appliance.services.peers.gate import PeerGate
from tests.letters.labs import LISTED, OPERATOR, RECORD, ask, decide
from tests.registry.desks import DAY_S

RESTRICTIONS = '[[restriction]]\nall = true\nwhy = "short answers"\nmax_tokens = 64\n'


def key_of(lab):
    return lab.secrets.read(f"access.{LISTED}")


def mine(lab):
    return lab.loans.borrowed.of_model(LISTED)


def theirs(lab):
    (peer,) = lab.loans.peers.all()
    return peer


async def test_what_was_granted_opens_the_model_with_a_budget_of_its_own(labs):
    await labs.list()
    asked = await labs.asked(requests_per_day=40, days=30, contact="ada@south.example")
    assert (asked.institution, asked.model, asked.hosted) == ("South College", LISTED, "handbook-tiny")
    assert (asked.wanted_per_day, asked.wanted_days, asked.contact) == (40, 30, "ada@south.example")
    recipe = labs.south.catalog.find(LISTED)[0]
    assert labs.south.loans.lacks(recipe).endswith("has not answered this box's request yet.")

    await decide(labs.north, asked.id, grant=True, requests_per_day=50, conditions="Teaching only.")
    await labs.sync()
    granted = mine(labs.south)
    assert (granted.state, granted.limit_micro, granted.requests_per_day) == ("granted", 2_000_000, 50)
    assert (granted.conditions, granted.until_ms) == ("Teaching only.", theirs(labs.north).until_ms)
    assert labs.south.loans.lacks(recipe) == ""

    caller = labs.north.caller(key_of(labs.south))
    assert caller.project_id == f"peer-{asked.id.removeprefix('thr_')}"
    ((allocation, _),) = await labs.north.store.allocations.standing(caller.project_id)
    assert (allocation.scope, allocation.window, allocation.limit_micro) == (
        Scope.PROJECT, Window.TOTAL, 2_000_000,
    )  # fmt: skip
    assert labs.north.people.keys.key(caller.key_id).limits.requests_per_day == 50
    assert labs.north.log.why == labs.south.log.why == []


async def test_the_key_opens_no_other_model_whoever_uses_it(labs):
    await labs.list()
    await labs.granted()
    gate, loans = PeerGate(labs.north.loans.peers), labs.north.loans
    caller = labs.north.caller(key_of(labs.south))
    (model, _), (other, _) = labs.north.catalog.find("handbook-tiny"), labs.north.catalog.find("qwen3-8b")
    assert gate.let(Asked(caller, model, model.id, None, 0)).recipe is model
    another_key = replace(caller, key_id="key_made_later")
    for one in (caller, another_key):
        with pytest.raises(NotPermitted, match="opens handbook-tiny alone"):
            gate.let(Asked(one, other, other.id, None, 0))
    permits = Permits(Register(), lent=loans)
    assert [permits.lists(caller, one) for one in (model, other)] == [True, False]
    own = Caller("key_1", "ada", "nlp")
    assert gate.let(Asked(own, other, other.id, None, 0))
    assert permits.lists(own, other)


async def test_a_revoked_access_ends_at_once_here_and_says_why_there(labs):
    await labs.list()
    thread = await labs.granted()
    secret, ended = key_of(labs.south), []
    labs.north.people.keys.on_revoked(ended.append)
    caller = labs.north.caller(secret)
    await labs.north.lending.revoke(id=thread, reason="The term is over.", actor=OPERATOR)
    assert ended == [caller.key_id]
    with pytest.raises(NotAuthenticated):
        labs.north.caller(secret)
    await labs.sync()
    assert mine(labs.south).state == "revoked"
    assert labs.south.serving.stopped == [LISTED]
    assert not labs.south.secrets.has(f"access.{LISTED}")
    recipe = labs.south.catalog.find(LISTED)[0]
    with pytest.raises(NotLicensed, match=r"taken the access .* back: The term is over\."):
        Permits(Register(), lent=labs.south.loans).check(recipe, Act.LOAD)
    with pytest.raises(Conflict):
        await labs.north.lending.revoke(id=thread, reason="Again.", actor=OPERATOR)


@pytest.mark.slow
async def test_a_denied_request_says_why_and_may_be_made_again(labs):
    await labs.list()
    asked = await labs.asked()
    with pytest.raises(BadRequest):
        await decide(labs.north, asked.id, deny=True)
    await decide(labs.north, asked.id, deny=True, reason="Not this term.")
    await labs.sync()
    assert "did not let this box use" in labs.south.loans.lacks(labs.south.catalog.find(LISTED)[0])
    again = await labs.asked()
    assert again.id != asked.id


@pytest.mark.slow
async def test_an_access_that_is_given_back_ends_at_its_owner(labs):
    await labs.list()
    await labs.granted()
    secret = key_of(labs.south)
    await labs.south.borrowing.give_back(model=LISTED, reason="Needed no more.")
    assert not labs.south.secrets.has(f"access.{LISTED}")
    await labs.sync()
    assert (theirs(labs.north).state, theirs(labs.north).reason) == ("returned", "Needed no more.")
    with pytest.raises(NotAuthenticated):
        labs.north.caller(secret)


@pytest.mark.slow
async def test_a_grant_that_is_given_again_has_a_new_key_and_the_old_one_ends(labs):
    await labs.list()
    thread = await labs.granted()
    first = key_of(labs.south)
    await decide(labs.north, thread, grant=True, credits="3")
    await labs.sync()
    assert key_of(labs.south) != first
    assert labs.north.caller(key_of(labs.south))
    with pytest.raises(NotAuthenticated):
        labs.north.caller(first)
    assert (theirs(labs.north).limit_micro, mine(labs.south).limit_micro) == (3_000_000, 3_000_000)


@pytest.mark.slow
async def test_an_access_ends_on_its_day_on_both_boxes(labs):
    await labs.list()
    await labs.granted(days=10)
    secret, recipe = key_of(labs.south), labs.south.catalog.find(LISTED)[0]
    labs.desk.clock.now_s += 10 * DAY_S - 1
    assert labs.south.loans.lacks(recipe) == ""
    assert labs.north.caller(secret)
    labs.desk.clock.now_s += 1
    assert "ended on" in labs.south.loans.lacks(recipe)
    with pytest.raises(NotAuthenticated):
        labs.north.caller(secret)


async def test_the_owner_s_restrictions_hold_for_the_peer_s_project_too(labs):
    await labs.list(restrictions=RESTRICTIONS)
    assert labs.south.catalog.find(LISTED)[0].sharing.restrictions.max_tokens == 64
    await labs.granted()
    project = theirs(labs.north).project_id
    (rule,) = labs.north.restrictions.in_force("handbook-tiny", project).rules
    assert (rule.limits.max_tokens, rule.restriction.scope.id) == (64, f"project:{project}")


@pytest.mark.slow
async def test_both_books_are_as_they_were_after_a_restart(labs):
    await labs.list()
    await labs.granted()
    for lab in (labs.north, labs.south):
        before = lab.loans.peers.all(), lab.loans.borrowed.all()
        lab.close()
        await lab.open()
        assert (lab.loans.peers.all(), lab.loans.borrowed.all()) == before


@pytest.mark.slow
async def test_nothing_is_asked_of_models_that_nobody_lends(labs):
    await labs.list()
    with pytest.raises(BadRequest, match="not hosted by another lab"):
        await labs.south.borrowing.request(
            model="handbook-tiny", purpose="x", project=None, contact=None, requests_per_day=None, days=None,
            actor=OPERATOR,
        )  # fmt: skip
    with pytest.raises(BadRequest, match="Say what for"):
        await ask(labs.south, purpose=None)
    await ask(labs.south)
    with pytest.raises(Conflict, match="asked for"):
        await ask(labs.south)


@pytest.mark.slow
async def test_a_request_that_the_registry_does_not_carry_is_no_request(labs):
    await labs.list()
    labs.north.own.models = ()
    recipe = labs.south.catalog.listed[LISTED]
    elsewhere = replace(recipe, sharing=replace(recipe.sharing, organization="west"))
    labs.south.catalog.listed[LISTED] = elsewhere
    await ask(labs.south)
    await labs.south.sync()
    assert mine(labs.south).state == "denied"
    assert "did not carry" in mine(labs.south).reason


@pytest.mark.slow
async def test_a_box_that_belongs_to_no_registry_is_told_so(labs):
    await labs.list()
    labs.south.identity.membership = None
    with pytest.raises(Conflict, match="carrel fed enroll"):
        await ask(labs.south)
    assert labs.south.loans.borrowed.all() == []


REFUSED = [
    ({"address": "http://north.example"}, "address"),
    ({"address": "https://north.example/?a=b"}, "address"),
    ({"prompt_credits": None}, "--answer-credits"),
    ({"restrictions": RESTRICTIONS + RESTRICTIONS.replace("all = true", 'tier = "open"')}, "one thing"),
    ({"restrictions": RESTRICTIONS.replace("max_tokens = 64", 'denied = ["("]')}, "pattern"),
    ({"record": "contact = 'x'"}, "record"),
    ({"model": "bge-small-en-v1.5"}, "answer in words"),
    ({"model": "opt-175b"}, "does not run"),
]


async def test_what_cannot_be_lent_is_refused_by_name(make_lab):
    north = await make_lab("North College", "north")
    for said, match in REFUSED:
        given = {
            "model": "handbook-tiny", "record": RECORD, "address": "https://north.example", "tier": None,
            "restrictions": None, "prompt_credits": "2", "answer_credits": "5",
        }  # fmt: skip
        with pytest.raises(BadRequest, match=match):
            await north.offering.entry(**(given | said))


@pytest.mark.slow
async def test_an_entry_gets_a_new_revision_only_where_it_says_something_else(labs):
    first = await labs.list()
    again = await labs.list()
    dearer = await labs.list(answer_credits="6")
    assert [one.revision for one in (first, again, dearer)] == [1, 1, 2]


@pytest.mark.slow
async def test_unknown_ids_are_not_found(labs):
    with pytest.raises(NotFound):
        await decide(labs.north, "thr_000000000000", grant=True)
    with pytest.raises(NotFound):
        await labs.south.borrowing.give_back(model=LISTED, reason="x")
