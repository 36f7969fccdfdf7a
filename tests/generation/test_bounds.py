"""What the lab's rules bound of a request that only shows once it is prepared."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from appliance.domain.generation import Bounds, EmbeddingRequest
from appliance.domain.upstream import Price, Upstream
from appliance.errors import BudgetExhausted, CarrelError, RateLimited, Restricted
from appliance.services.admission.admission import LATER, Admission
from appliance.services.allowance import Allowance
from appliance.services.generation.planning_embeddings import plan_embeddings
from tests.generation.fakes import CALLER, Box
from tests.generation.test_gates import Names

BY = "restriction all@2 (short ones)"


def bounded(box: Box, text: str = "Hello", *, prompt: int | None = None, answer: int | None = None, **more):
    return replace(box.request(text, **more), bounds=Bounds(prompt, answer, BY, "all@2"))


@pytest.mark.parametrize("tokens", [4, 5])
async def test_a_prompt_is_taken_to_its_bound(box: Box, tokens: int):
    run = await box.generator.start(CALLER, bounded(box, "H" * tokens, prompt=5))
    assert run.accepted.prompt_tokens == tokens


async def test_a_prompt_above_its_bound_is_refused_before_it_holds_anything(box: Box):
    with pytest.raises(Restricted) as refused:
        await box.generator.start(CALLER, bounded(box, "H" * 6, prompt=5))
    assert refused.value.message == f"The prompt has 6 tokens: {BY} allows at most 5. Shorten it."
    assert refused.value.details["restriction"] == {"name": "all@2", "limit": "prompt_tokens"}
    assert box.ledger.holds == {}


@pytest.mark.parametrize(("stated", "bound", "held"), [(None, 7, 7), (3, 7, 3), (0, 7, 0)])
async def test_an_answer_of_no_stated_length_is_as_long_as_its_bound(box: Box, stated, bound, held):
    more = {"prompt_logprobs": 0} if stated == 0 else {}
    await box.generator.start(CALLER, bounded(box, answer=bound, max_tokens=stated, **more))
    (hold,) = box.ledger.holds.values()
    assert hold.max_completion_tokens == held


async def test_a_bound_above_the_models_default_leaves_the_default(box: Box):
    await box.generator.start(CALLER, bounded(box, answer=10**6))
    (hold,) = box.ledger.holds.values()
    assert hold.max_completion_tokens == box.model.defaults.max_tokens


@pytest.mark.parametrize("limit", ["prompt", "rate", "budget"])
async def test_what_is_refused_behind_the_gates_is_told_to_who_hears_of_refusals(box: Box, limit: str):
    told: list[tuple[str, type[CarrelError]]] = []
    box.generator._admission = Admission(
        Names(), [], box.clock, refused=lambda asked, gate, error: told.append((gate, type(error)))
    )
    if limit == "rate":
        box.generator._allowance = Allowance(requests_per_minute=1, clock=box.clock)
        box.generator._allowance.count(CALLER, "m")
    box.ledger.refuse = limit == "budget"
    request = bounded(box, prompt=2 if limit == "prompt" else None)
    kind = {"prompt": Restricted, "rate": RateLimited, "budget": BudgetExhausted}[limit]
    with pytest.raises(kind):
        await box.generator.start(CALLER, request)
    assert told == [(LATER, kind)]


@pytest.mark.parametrize(("bound", "fits"), [(6, True), (5, False)])
def test_inputs_whose_vectors_are_asked_for_are_bounded_together(box: Box, bound: int, fits: bool):
    request = EmbeddingRequest("req_1", "m", (), bounds=Bounds(bound, None, BY, "all@2"))
    rest = {"caller": CALLER, "model": box.model, "work_id": 1, "now_ms": 0}
    with nullcontext() if fits else pytest.raises(Restricted):
        plan_embeddings(request, inputs=[(1, 2, 3), (4, 5, 6)], **rest)


async def test_a_model_elsewhere_keeps_the_same_bounds(box: Box):
    there = Upstream("lab", "https://api.example.org/v1", "m", "", Price(1, 1, 1), frozenset({"chat"}))
    box.model = replace(box.model, remote=there)
    box.generator._models = box
    run = await box.generator.start(CALLER, bounded(box, prompt=5, answer=7))
    assert run.hold.max_completion_tokens == 7
    with pytest.raises(Restricted):
        await box.generator.start(CALLER, bounded(box, "Hello!", prompt=5))
