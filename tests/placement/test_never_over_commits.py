"""Over any machine: a plan gives out no more than is free, and more memory never turns a fit into none."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.hardware import Gpu, Inventory
from appliance.domain.recipe import MemoryFacts
from appliance.policy.placement import Kind, Placement, Wishes, plan, with_room

GIB = 2**30


@st.composite
def gpu_lists(draw):
    made = []
    for index in range(draw(st.integers(0, 6))):
        total = draw(st.integers(1, 96)) * GIB
        free = draw(st.integers(0, total))
        allowed, faults = draw(st.sampled_from([(True, ())] * 6 + [(False, ()), (True, ("lost",))]))
        made.append(Gpu(index, "GPU", total, free, "575", faults=faults, allowed=allowed))
    return tuple(made)


@st.composite
def inventories(draw):
    total = draw(st.sampled_from([0, 8, 64, 512])) * GIB
    return Inventory(draw(gpu_lists()), total, draw(st.integers(0, total)), 16)


@st.composite
def models(draw):
    parameters = draw(st.integers(10**6, 2 * 10**11))
    layers = draw(st.integers(1, 120))
    return MemoryFacts(
        weight_bytes=parameters * draw(st.integers(1, 4)) // 2,
        kv_bytes_per_token=layers * draw(st.integers(1, 2**16)),
        layers=layers,
        width=draw(st.integers(1, 2**14)),
        vocabulary=draw(st.integers(1, 2**18)),
        parameters=parameters,
    )


wishes = st.builds(
    Wishes,
    seats=st.integers(1, 200),
    context_tokens=st.sampled_from([512, 2048, 8192, 131_072]),
    replicas=st.integers(1, 4),
    gpus=st.sampled_from([None, None, None, (), (0, 1, 2)]),
)
FEW = settings(max_examples=150, deadline=None)


@FEW
@given(models(), wishes, inventories())
def test_nothing_is_given_out_twice_or_without_being_free(facts: MemoryFacts, wish: Wishes, box: Inventory):
    found = plan(facts, wish, box)
    used = [share.gpu for one in found.replicas for share in one.shares if share.gpu is not None]
    assert len(used) == len(set(used))
    free = {gpu.index: gpu for gpu in box.gpus}
    for share in (share for one in found.replicas for share in one.shares if share.gpu is not None):
        gpu = free[share.gpu]
        assert share.total_bytes <= gpu.memory_free_bytes
        assert gpu.allowed
        assert not gpu.faults
    on_host = [share for one in found.replicas for share in one.shares if share.gpu is None]
    assert sum(share.total_bytes for share in on_host) <= box.memory_available_bytes


@FEW
@given(models(), wishes, inventories())
def test_a_plan_is_whole_and_agrees_with_itself(facts: MemoryFacts, wish: Wishes, box: Inventory):
    found = plan(facts, wish, box)
    assert found == plan(facts, wish, box)
    assert found.fits == (len(found.replicas) == wish.replicas)
    assert found.fits == (found.missing_bytes == 0)
    for one in found.replicas:
        assert sum(share.layers for share in one.shares) == facts.layers
        assert sum(share.weight_bytes for share in one.shares) >= facts.weight_bytes
        assert sum(share.kv_bytes for share in one.shares) >= wish.kv_tokens * facts.kv_bytes_per_token
        assert one.memory_bytes == sum(share.total_bytes for share in one.shares)
        assert one.gpus == tuple(share.gpu for share in one.shares if share.gpu is not None)


@FEW
@given(models(), wishes, inventories(), st.integers(0, 5), st.integers(0, 96 * GIB))
def test_more_memory_never_turns_a_fit_into_none(
    facts: MemoryFacts, wish: Wishes, box: Inventory, gpu: int, more: int
):
    if not plan(facts, wish, box).fits:
        return
    assert plan(facts, wish, with_room(box, {gpu: more}, more)).fits
    another = Gpu(len(box.gpus), "GPU", 96 * GIB, more, "575")
    assert plan(facts, wish, replace(box, gpus=(*box.gpus, another))).fits


@FEW
@given(models(), wishes, inventories())
def test_advice_is_true(facts: MemoryFacts, wish: Wishes, box: Inventory):
    changed = {"seats": "seats", "context": "context_tokens", "replicas": "replicas"}
    found = plan(facts, wish, box)
    for one in found.advice:
        if one.kind in changed:
            assert plan(facts, replace(wish, **{changed[one.kind]: int(one.value)}), box).fits


@FEW
@given(models(), inventories())
def test_what_is_missing_would_make_it_fit(facts: MemoryFacts, box: Inventory):
    wish = Wishes(4, 2048, gpus=tuple(gpu.index for gpu in box.gpus) or None)
    found = plan(facts, wish, box)
    usable = [gpu for gpu in box.gpus if gpu.allowed and not gpu.faults]
    if found.fits or not usable:
        return
    each = -(-found.missing_bytes // len(usable))
    assert plan(facts, wish, _larger(box, each)).fits
    assert not plan(facts, wish, _larger(box, each - 1)).fits


def _larger(box: Inventory, more: int) -> Inventory:
    gpus = tuple(replace(gpu, memory_free_bytes=gpu.memory_free_bytes + more) for gpu in box.gpus)
    return replace(box, gpus=gpus)


@pytest.mark.parametrize("kind", list(Kind))
def test_only_one_kind_does_not_fit(kind):
    assert Placement(kind, 1, 512).fits is (kind is not Kind.DOES_NOT_FIT)
