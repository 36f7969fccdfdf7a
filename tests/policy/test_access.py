"""The rule of tiers: what is missing, and for whom a signature or a grant counts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.access import (
    TIERS,
    AccessFacts,
    Agreement,
    Countersignature,
    EarlyStage,
)
from appliance.domain.people import Person, Role
from appliance.policy.access.agreements import accepted_texts, covers, is_text
from appliance.policy.access.deciding import fits, lacks_for_box
from appliance.policy.access.reviewing import self_approved, somebody_else_reviews
from tests.policy.access_facts import (
    ACCESS,
    ADA,
    DAY_MS,
    FACTS,
    GRANTED,
    LAB,
    NOBODY,
    NOW_MS,
    OLD,
    PROF,
    STUDENT,
    TEXT,
    YES,
    ask,
    grant,
    signed,
)


@pytest.mark.parametrize(
    ("tier", "facts", "lacks"),
    [
        ("open", AccessFacts(), ""),
        ("registered", FACTS, ""),
        ("registered", replace(FACTS, signatures=()), "agreement"),
        ("registered", replace(FACTS, signatures=(signed("bob"),)), "agreement"),
        ("registered", replace(FACTS, signatures=(signed(text=OLD),)), "agreement"),
        ("registered", replace(FACTS, signatures=(signed(kind="access"),)), "agreement"),
        ("registered", replace(FACTS, accepted=frozenset({TEXT, OLD}), signatures=(signed(text=OLD),)), ""),
        ("approved", FACTS, "grant"),
        ("approved", GRANTED, ""),
        ("approved", replace(GRANTED, signatures=()), "agreement"),
        ("approved", replace(FACTS, grants=(grant(until_ms=NOW_MS),)), "grant"),
        ("approved", replace(FACTS, grants=(grant(until_ms=NOW_MS + 1),)), ""),
        ("approved", replace(FACTS, grants=(grant("other"),)), "grant"),
        ("approved", replace(FACTS, grants=(grant("", "approved"),)), ""),
        ("approved", replace(FACTS, grants=(grant("", "restricted"),)), ""),
        ("restricted", replace(FACTS, grants=(grant("", "approved"),)), "grant"),
        ("restricted", GRANTED, "countersignature"),
        ("restricted", replace(GRANTED, countersigned=(YES,)), ""),
        ("restricted", replace(GRANTED, countersigned=(replace(YES, until_ms=NOW_MS),)), "countersignature"),
        ("restricted", replace(GRANTED, countersigned=(replace(YES, grant="grt_0"),)), "countersignature"),
        ("restricted", replace(GRANTED, countersigned=(replace(YES, model="x"),)), "countersignature"),
        ("restricted", replace(FACTS, countersigned=(YES,)), "grant"),
        ("unheard-of", replace(GRANTED, countersigned=(YES,)), ""),
        ("unheard-of", GRANTED, "countersignature"),
        ("open", replace(FACTS, early=EarlyStage("m", 36, NOW_MS + 1, ("ada",))), ""),
        ("open", replace(FACTS, early=EarlyStage("m", 36, NOW_MS, ("ada",))), "early"),
        ("open", replace(FACTS, early=EarlyStage("m", 36, NOW_MS + 1, ("bob",))), "early"),
        ("approved", replace(GRANTED, early=EarlyStage("m", 36, NOW_MS + 1)), "early"),
    ],
)
def test_what_is_missing(tier, facts, lacks):
    found = ask(tier, facts)
    assert (found.lacks, found.allowed) == (lacks, not lacks)
    assert bool(found.message) == bool(found.waits_for) == bool(lacks)


def test_a_project_that_does_not_say_what_it_does_is_asked_to():
    assert ask("registered", asker=replace(ADA, project=replace(LAB, purpose=""))).lacks == "purpose"
    assert ask("open", asker=replace(ADA, project=replace(LAB, purpose=""))).allowed


@pytest.mark.parametrize(
    ("signature", "asker", "counts"),
    [
        (signed("prof", project="cs50", for_project=True), STUDENT, True),
        (signed("prof", project="cs50", for_project=True), PROF, True),
        (signed("prof", project="cs50"), STUDENT, False),
        (signed("prof", project="other", for_project=True), STUDENT, False),
        (signed("sam", project="other"), STUDENT, True),
        (signed("", for_project=True), NOBODY, True),
        (signed("", for_project=True), ADA, False),
        (signed("", project="cs50", for_project=True), STUDENT, True),
        (signed("", project="cs50", for_project=True), NOBODY, False),
        (signed("ada"), NOBODY, False),
        (signed(""), NOBODY, False),
    ],
)
def test_for_whom_a_signature_counts(signature, asker, counts):
    """Once for all in a course; by an operator for keys of nobody; else everybody for themselves."""
    assert covers(signature, asker) is counts


def test_whoever_has_everything_is_told_by_which_grant_and_what_to_expect():
    stage = EarlyStage("m", 36, NOW_MS + DAY_MS, ("ada",))
    soon = replace(
        GRANTED,
        early=stage,
        accepted=frozenset({TEXT, OLD}),
        signatures=(signed(text=OLD),),
        asks_from_ms=NOW_MS + DAY_MS,
    )
    found = ask("approved", soon)
    assert found.grant == grant()
    assert found.notices == (
        "m is in early access until 2026-09-22: what is wrong with it is wanted, by POST /v1/reports.",
        "The code of conduct has a new text, which asks from 2026-09-22 on: POST /v1/me/agreement/show.",
    )
    assert ask("approved", GRANTED).notices == ()


@pytest.mark.parametrize("tier", ["approved", "restricted", "unheard-of"])
def test_a_model_that_no_project_may_use_is_not_brought_here(tier):
    assert "`carrel access grant m --project PROJECT` gives one" in lacks_for_box("m", tier, (), NOW_MS)
    over = (grant(until_ms=NOW_MS),)
    assert "every grant for it has run out" in lacks_for_box("m", tier, over, NOW_MS)
    assert lacks_for_box("m", tier, (grant(),), NOW_MS) == ""


@pytest.mark.parametrize("tier", ["open", "registered"])
def test_a_model_that_asks_for_no_grant_is_brought_here_without(tier):
    assert lacks_for_box("m", tier, (), NOW_MS) == ""


VERSIONS = [
    Agreement("conduct", "1", "", 1, 1, "release"),
    Agreement("conduct", "2", "", 5, 20, "lab"),
    Agreement("conduct", "3", "", 6, 10, "lab"),
]


@pytest.mark.parametrize(("now_ms", "accepted"), [(6, "123"), (9, "123"), (10, "3"), (30, "3")])
def test_an_older_text_counts_until_a_newer_one_asks(now_ms, accepted):
    assert accepted_texts(VERSIONS, now_ms) == frozenset(accepted)


def test_a_text_is_shown_to_have_been_read_by_its_first_digits():
    assert is_text(TEXT[:12], TEXT)
    assert is_text(TEXT.upper(), TEXT)
    assert not is_text(TEXT[:11], TEXT)
    assert not is_text(OLD, TEXT)


def people(**roles):
    return [Person("default", "", 1), *(Person(one, one, 1, role=Role(role)) for one, role in roles.items())]


def test_only_who_is_here_and_reviews_can_decide_in_anothers_place():
    both = people(ada="reviewer", bob="admin")
    assert somebody_else_reviews(both, "ada")
    assert not somebody_else_reviews(people(ada="reviewer", bob="member"), "ada")
    gone = [replace(one, ended_ms=5) if one.id == "bob" else one for one in both]
    assert not somebody_else_reviews(gone, "ada")


@pytest.mark.parametrize(
    ("known", "members", "person", "alone"),
    [
        ({}, [], "", True),
        ({"ada": "admin"}, [], "", True),
        ({"ada": "admin", "bob": "member"}, [], "", False),
        ({"ada": "admin", "bob": "member"}, ["ada"], "ada", True),
        ({"ada": "admin", "bob": "member"}, ["ada", "bob"], "ada", False),
        ({"ada": "admin", "bob": "member"}, ["bob"], "ada", False),
    ],
)
def test_what_is_given_by_the_only_one_who_has_it_is_self_approved(known, members, person, alone):
    assert self_approved(people(**known), members, person) is alone


SIGNATURES = st.builds(
    signed,
    person=st.sampled_from(["", "ada", "bob"]),
    text=st.sampled_from([TEXT, OLD]),
    project=st.sampled_from(["nlp", "cs50"]),
    for_project=st.booleans(),
)
GRANTS = st.builds(
    grant,
    model=st.sampled_from(["m", "other", ""]),
    tier=st.sampled_from(["", "approved", "restricted"]),
    until_ms=st.none() | st.integers(NOW_MS - 2, NOW_MS + 2),
    id=st.sampled_from(["grt_1", "grt_2"]),
)
SIGNED = st.builds(
    Countersignature,
    grant=st.sampled_from(["grt_1", "grt_2"]),
    model=st.sampled_from(["m", "other"]),
    until_ms=st.integers(NOW_MS - 2, NOW_MS + 2),
)
STAGES = st.builds(
    EarlyStage,
    model=st.just("m"),
    most=st.just(36),
    until_ms=st.integers(NOW_MS - 2, NOW_MS + 2),
    people=st.sampled_from([(), ("ada",), ("bob",)]),
)
SEEN = st.builds(
    AccessFacts,
    conduct=st.just(TEXT),
    agreement=st.just(ACCESS),
    accepted=st.sampled_from([frozenset({TEXT}), frozenset({TEXT, OLD})]),
    signatures=st.lists(SIGNATURES, max_size=3).map(tuple),
    grants=st.lists(GRANTS, max_size=3).map(tuple),
    countersigned=st.lists(SIGNED, max_size=3).map(tuple),
    early=st.none() | STAGES,
)
ASKERS = st.sampled_from([ADA, NOBODY, STUDENT, PROF, replace(ADA, project=replace(LAB, purpose=""))])


@given(SEEN, ASKERS)
def test_a_higher_tier_asks_for_all_that_a_lower_one_does_and_no_refusal_is_silent(facts, asker):
    found = [ask(tier, facts, asker) for tier in TIERS]
    assert [one.allowed for one in found] == sorted((one.allowed for one in found), reverse=True)
    for one in found:
        assert one.allowed == (not one.message) == (not one.waits_for)


@given(SEEN, ASKERS)
def test_nothing_is_allowed_by_what_has_run_out_or_is_anothers(facts, asker):
    good = replace(
        facts,
        signatures=tuple(one for one in facts.signatures if covers(one, asker)),
        grants=tuple(one for one in facts.grants if one.until_ms is None or one.until_ms > NOW_MS),
        countersigned=tuple(one for one in facts.countersigned if one.model == "m" and one.until_ms > NOW_MS),
    )
    for tier in TIERS:
        assert ask(tier, facts, asker).lacks == ask(tier, good, asker).lacks


@given(GRANTS)
def test_a_grant_for_a_tier_is_for_what_asks_for_a_grant_and_no_more(one):
    assert not fits(one, "unnamed", "open")
    assert not fits(one, "unnamed", "registered")
    if fits(one, "unnamed", "restricted"):
        assert fits(one, "unnamed", "approved")
