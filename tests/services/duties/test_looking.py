"""Duties as they are shown: every project, one, the table, the checklist; and training as it is recorded."""

import pytest

from appliance.domain.usage import Outcome
from appliance.errors import BadRequest, Conflict, ModelNotFound, NotFound
from appliance.policy.duties.domains import DOMAINS
from appliance.policy.duties.table import DUTIES, THRESHOLDS
from appliance.policy.training_flops import training_gflop
from appliance.services.duties.conduct import SignedConduct
from tests.policy.shipped_shapes import shapes_of
from tests.services.conftest import NOON_MS
from tests.services.duties.duty_box import OPERATOR, SMALL, TINY

D1, D2, *_ = (row.inference_gflop + 1 for row in THRESHOLDS)


async def test_every_project_is_listed_or_those_that_owe_something(box):
    box.use(D1)
    every = await box.view.show_all()
    assert [(one.project, one.level) for one in every.projects] == [("default", "D0"), ("nlp", "D1")]
    assert [one.project for one in (await box.view.show_all(open=True)).projects] == ["nlp"]
    assert [one.project for one in (await box.view.show_all(project="default")).projects] == ["default"]


async def test_to_look_writes_down_what_was_reached(box):
    box.use(D1)
    shown = await box.view.show(project="nlp")
    assert [one.since_ms for one in shown.standing.duties] == [NOON_MS, NOON_MS]
    assert len(box.stored.reached) == 1


async def test_what_may_still_be_spent_is_asked_for(box):
    box.use(5, outcome=Outcome.FAILED)
    box.budgets.limits["nlp"] = D2
    standing = (await box.view.show(project="nlp")).standing
    assert (standing.requested_gflop, standing.inference_gflop, standing.level) == (D2 + 5, 5, "D2")
    assert {one.due_ms for one in standing.duties} == {None}
    assert (await box.view.show(project="default")).standing.requested_gflop == 0


async def test_the_table_and_the_checklist_are_those_of_the_rule(box):
    shown = await box.view.table()
    assert [row.inference_gflop for row in shown.levels] == [row.inference_gflop for row in THRESHOLDS]
    assert {row.duty for row in shown.duties} == {one.name for one in DUTIES}
    assert {row.duty: row.course for row in shown.duties}["publication-policy"] == ""
    assert {row.tag for row in shown.domains} == set(DOMAINS)
    assert (shown.grace_days, shown.counts_days) == (14, 365)
    form = (await box.view.checklist()).form
    assert all(one.id in form for one in (await box.view.checklist()).questions)


async def record(box, **given):
    told = {"project": "nlp", "what": "On the cluster", "actor": OPERATOR, "sequence": 2048} | given
    return await box.training.record(**told)


async def test_training_is_recorded_as_it_was_told_and_counts_as_training(box):
    shown = await record(box, gflop=10**10)
    assert shown.standing.training_gflop == 10**10
    assert shown.standing.because == "has trained with 1e19 FLOP this year, above 1e18"
    (one,) = shown.trainings
    assert (one.gflop, one.what, one.recorded_by) == (10**10, "On the cluster", "uid 0")


async def test_training_of_a_model_follows_from_its_sizes(box):
    given = {"tokens": 10**6, "adapter": 20_971_520, "checkpointing": True}
    shown = await record(box, model=SMALL, **given)
    expected = training_gflop(
        shapes_of("llama-3.1-8b-instruct"),
        tokens=10**6,
        sequence_tokens=2048,
        adapter_weights=20_971_520,
        checkpointing=True,
    )
    assert shown.trainings[0].gflop == expected


async def test_training_that_was_recorded_by_mistake_is_taken_back_once(box):
    shown = await record(box, gflop=10**10)
    trained = shown.trainings[0].id
    shown = await box.training.withdraw(id=trained, reason="Twice", actor=OPERATOR)
    assert shown.standing.training_gflop == 0
    assert shown.trainings[0].withdrawn_ms == NOON_MS
    with pytest.raises(Conflict):
        await box.training.withdraw(id=trained, reason="Again", actor=OPERATOR)
    with pytest.raises(NotFound):
        await box.training.withdraw(id="trn_0", reason="None", actor=OPERATOR)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"gflop": 5, "model": SMALL},
        {"model": SMALL},
        {"gflop": 5, "tokens": 5},
        {"model": TINY, "tokens": 5},
        {"model": SMALL, "tokens": 2**53},
        {"gflop": 5, "what": "\x07"},
    ],
)
async def test_training_that_cannot_be_counted_is_refused(box, given):
    with pytest.raises(BadRequest):
        await record(box, **given)
    assert box.stored.trained == {}


async def test_training_of_a_model_that_is_not_known_is_refused(box):
    with pytest.raises(ModelNotFound):
        await record(box, model="gone", tokens=5)


class Signatures:
    """``signed`` are pairs of a person, or nobody, and a text."""

    def __init__(self, *signed):
        self.signed = signed

    def accepted(self, kind):
        return frozenset({"new"}) if kind == "conduct" else frozenset()

    def signatures(self, person, project):
        return tuple(one for who, one in self.signed if who in {person, project})


class Signature:
    def __init__(self, text, kind="conduct"):
        self.text_sha256, self.kind = text, kind


@pytest.mark.parametrize(
    ("signed", "counts"),
    [
        ((), False),
        ((("per_ada", Signature("new")),), True),
        ((("nlp", Signature("new")),), True),
        ((("per_ada", Signature("old")),), False),
        ((("per_ada", Signature("new", "access")),), False),
        ((("per_bea", Signature("new")),), False),
    ],
)
def test_the_code_of_conduct_is_signed_by_a_lead_or_for_the_project(box, signed, counts):
    assert SignedConduct(Signatures(*signed), box.directory).signed("nlp") == counts
