"""What a project owes: fulfilled, waiting, due, overdue, and the property that more compute owes no less."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.duties import Compute, DutyFacts, DutyRecord, Level
from appliance.domain.people import Project
from appliance.policy.duties.deciding import decide
from appliance.policy.duties.table import DUTIES, FULFILLED_MS, GRACE_MS, THRESHOLDS

NOW = 1_800_000_000_000
SPAN = {row.level: row.inference_gflop + 1 for row in THRESHOLDS}


def project(**more):
    return Project("nlp", "NLP", created_ms=0, **more)


def facts(level=Level.D0, **more):
    """Reached by answers, long ago, with nothing done about it."""
    compute = Compute(inference_gflop=SPAN.get(level, 0))
    reached = {one: NOW for one in Level if Level.D0 < one <= level}
    told = {"project": project(), "compute": compute, "reached": reached, "has_lead": True} | more
    return DutyFacts(**told)


def record(duty, **more):
    done = {"accepted_ms": NOW, "accepted_by": "uid 0", "until_ms": NOW + FULFILLED_MS} | more
    return DutyRecord(f"dut_{duty}", "nlp", duty, "Ada", "uid 0", NOW, **done)


def states(owed):
    return {one.duty: one.state for one in owed.duties}


@pytest.mark.parametrize(
    ("level", "kind", "duties"),
    [
        (Level.D0, "research", set()),
        (Level.D1, "research", {"conduct", "description"}),
        (Level.D2, "research", {"conduct", "description", "review"}),
        (Level.D2, "evaluation", {"conduct", "description", "review", "publication-policy"}),
        (
            Level.D3,
            "research",
            {"conduct", "description", "review", "publication-policy", "extended-review"},
        ),
        (Level.D3, "course", {"conduct", "description", "review", "extended-review"}),
        (Level.D4, "research", {one.name for one in DUTIES}),
    ],
)
def test_each_level_owes_its_duties_and_those_below(level, kind, duties):
    owed = decide(facts(level, project=project(kind=kind)), NOW)
    assert owed.level is level
    assert {one.duty for one in owed.duties} == duties
    assert bool(owed.because) == (level is not Level.D0)


def test_what_is_plain_to_see_needs_no_record():
    owed = decide(facts(Level.D1, project=project(purpose="Bias in answers"), conduct_signed=True), NOW)
    assert states(owed) == {"conduct": "fulfilled", "description": "fulfilled"}
    assert owed.open == ()


def test_a_purpose_of_blanks_describes_nothing():
    assert states(decide(facts(Level.D1, project=project(purpose="  ")), NOW))["description"] == "owed"


def test_there_are_14_days_from_the_crossing_and_then_requests_end():
    known = facts(Level.D1)
    (conduct, _) = decide(known, NOW + GRACE_MS - 1).duties
    assert (conduct.state, conduct.since_ms, conduct.due_ms) == ("owed", NOW, NOW + GRACE_MS)
    assert {one.state for one in decide(known, NOW + GRACE_MS).duties} == {"overdue"}


@pytest.mark.parametrize("level", [Level.D3, Level.D4])
def test_use_that_grows_has_its_days_at_the_high_levels_too(level):
    assert decide(facts(level), NOW).overdue == ()
    assert decide(facts(level), NOW + GRACE_MS).overdue


def test_training_crosses_the_high_levels_on_purpose_and_has_no_days():
    training = Compute(training_gflop=THRESHOLDS[2].training_gflop + 1)
    known = facts(Level.D3, compute=training)
    overdue = {one.duty for one in decide(known, NOW).overdue}
    assert overdue == {"publication-policy", "extended-review"}
    grown = replace(known, compute=replace(training, inference_gflop=SPAN[Level.D3]))
    assert {one.duty for one in decide(grown, NOW).overdue} == overdue


def test_a_level_reached_a_moment_ago_counts_from_now():
    (conduct, *_) = decide(facts(Level.D1, reached={}), NOW).duties
    assert (conduct.since_ms, conduct.due_ms) == (NOW, NOW + GRACE_MS)


def test_what_is_only_asked_for_is_owed_and_never_overdue():
    owed = decide(facts(requested_gflop=SPAN[Level.D2]), NOW + 100 * GRACE_MS)
    assert owed.level is Level.D2
    assert states(owed) == {"conduct": "owed", "description": "owed", "review": "owed"}
    assert {one.due_ms for one in owed.duties} == {None}


def test_an_accepted_record_fulfills_until_it_runs_out_and_then_there_are_days_again():
    known = facts(Level.D2, records=(record("review"),))
    (*_, review) = decide(known, NOW + FULFILLED_MS - 1).duties
    assert (review.state, review.until_ms) == ("fulfilled", NOW + FULFILLED_MS)
    (*_, review) = decide(known, NOW + FULFILLED_MS).duties
    assert (review.state, review.due_ms) == ("owed", NOW + FULFILLED_MS + GRACE_MS)
    assert decide(known, NOW + FULFILLED_MS + GRACE_MS).duties[-1].state == "overdue"


def test_what_was_taken_back_counts_no_more_and_gives_no_new_days():
    taken = record("review", withdrawn_ms=NOW + 5, withdrawn_by="rev")
    known = facts(Level.D2, records=(taken,))
    assert decide(known, NOW + 6).duties[-1].due_ms == NOW + GRACE_MS


def test_what_was_submitted_waits_for_a_reviewer():
    waiting = record("review", accepted_ms=None, accepted_by="", until_ms=None)
    known = facts(Level.D2, records=(waiting,))
    review = decide(known, NOW).duties[-1]
    assert (review.state, review.waits_for) == ("submitted", "reviewer")
    assert review.next_step == "`carrel duty accept dut_review`"
    late = decide(known, NOW + GRACE_MS).duties[-1]
    assert (late.state, late.waits_for) == ("overdue", "reviewer")


def test_an_extended_review_is_a_review():
    known = facts(Level.D3, records=(record("extended-review"),))
    assert states(decide(known, NOW))["review"] == "fulfilled"
    assert states(decide(facts(Level.D3, records=(record("review"),)), NOW))["extended-review"] == "owed"


@pytest.mark.parametrize(("has_lead", "whom"), [(True, "lead"), (False, "operator")])
def test_every_open_duty_says_whom_it_waits_for_and_the_next_command(has_lead, whom):
    owed = decide(facts(Level.D4, has_lead=has_lead), NOW)
    assert {one.waits_for for one in owed.duties} == {whom}
    assert all("`carrel " in one.next_step and " nlp" in one.next_step for one in owed.duties)
    over_http = [one.duty for one in owed.duties if "`POST /v1/" in one.next_step]
    assert over_http == ([one.name for one in DUTIES] if has_lead else [])


amounts = st.integers(0, 10**16)
some_records = st.lists(
    st.builds(
        record,
        st.sampled_from([one.name for one in DUTIES]),
        accepted_ms=st.sampled_from([None, NOW]),
        withdrawn_ms=st.sampled_from([None, NOW]),
    ),
    max_size=4,
).map(tuple)


@given(
    kind=st.sampled_from(["research", "course", "evaluation"]),
    tags=st.sampled_from([(), ("health",)]),
    amounts=st.tuples(amounts, amounts, amounts, amounts),
    more=st.tuples(amounts, amounts, amounts, amounts),
    reached=st.dictionaries(st.sampled_from(list(Level)), st.integers(0, NOW)),
    records=some_records,
    later_ms=st.sampled_from([0, GRACE_MS, FULFILLED_MS, 2 * FULFILLED_MS]),
)
def test_more_compute_never_owes_less(*, kind, tags, amounts, more, reached, records, later_ms):
    def owed(answers, training, model, requested):
        known = DutyFacts(
            project(kind=kind, tags=tags),
            Compute(answers, training, model),
            requested,
            reached=reached,
            records=records,
        )
        return decide(known, NOW + later_ms)

    less = owed(*amounts)
    most = owed(*(one + other for one, other in zip(amounts, more, strict=True)))
    assert less.level <= most.level
    assert {one.duty for one in less.duties} <= {one.duty for one in most.duties}
    assert {one.duty for one in less.open} <= {one.duty for one in most.open}
    assert {one.duty for one in less.overdue} <= {one.duty for one in most.overdue}
