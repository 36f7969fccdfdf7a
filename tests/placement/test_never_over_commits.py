"""Over any machine: a plan gives out no more than is free, and more memory never turns a fit into none."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.hardware import Gpu, Inventory
from appliance.domain.recipe import MemoryFacts
from appliance.policy.placement import Kind, Placement, PlannedForm, ReplicaPlacement, Wishes, plan, with_room

pytestmark = pytest.mark.slow

GIB = 2**30
ENGINES = [
    *[("llama_cpp", "")] * 4,
    *[("torch", precision) for precision in ("float32", "bfloat16", "int8", "nf4")],
    ("vllm", ""),
]


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
    sizes = MemoryFacts(
        weight_bytes=parameters * draw(st.integers(1, 4)) // 2,
        kv_bytes_per_token=layers * draw(st.integers(1, 2**16)),
        layers=layers,
        width=draw(st.integers(1, 2**14)),
        vocabulary=draw(st.integers(1, 2**18)),
        parameters=parameters,
        kv_heads=draw(st.sampled_from([0, 1, 2, 6, 8, 112])),
    )
    engine, precision = draw(st.sampled_from(ENGINES))
    return PlannedForm(sizes, engine, precision)


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
def test_nothing_is_given_out_twice_or_without_being_free(form: PlannedForm, wish: Wishes, box: Inventory):
    found = plan(form, wish, box)
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
def test_a_plan_is_whole_and_agrees_with_itself(form: PlannedForm, wish: Wishes, box: Inventory):
    found = plan(form, wish, box)
    assert found == plan(form, wish, box)
    assert found.fits == (len(found.replicas) == wish.replicas)
    assert found.fits == (found.missing_bytes == 0)
    for one in found.replicas:
        _is_divided(form, one)
        assert sum(share.weight_bytes for share in one.shares) >= form.sizes.weight_bytes
        assert sum(share.kv_bytes for share in one.shares) >= wish.kv_tokens * form.sizes.kv_bytes_per_token
        assert one.memory_bytes == sum(share.total_bytes for share in one.shares)
        assert one.gpus == tuple(share.gpu for share in one.shares if share.gpu is not None)


@FEW
@given(models(), wishes, inventories(), st.integers(0, 5), st.integers(0, 96 * GIB))
def test_more_memory_never_turns_a_fit_into_none(
    form: PlannedForm, wish: Wishes, box: Inventory, gpu: int, more: int
):
    if not plan(form, wish, box).fits:
        return
    assert plan(form, wish, with_room(box, {gpu: more}, more)).fits
    another = Gpu(len(box.gpus), "GPU", 96 * GIB, more, "575")
    assert plan(form, wish, replace(box, gpus=(*box.gpus, another))).fits


@FEW
@given(models(), wishes, inventories())
def test_advice_is_true(form: PlannedForm, wish: Wishes, box: Inventory):
    changed = {"seats": "seats", "context": "context_tokens", "replicas": "replicas"}
    found = plan(form, wish, box)
    for one in found.advice:
        if one.kind in changed:
            assert plan(form, replace(wish, **{changed[one.kind]: int(one.value)}), box).fits


@FEW
@given(models(), inventories())
def test_what_is_missing_would_make_it_fit(form: PlannedForm, box: Inventory):
    wish = Wishes(4, 2048, gpus=tuple(gpu.index for gpu in box.gpus) or None)
    found = plan(form, wish, box)
    usable = [gpu for gpu in box.gpus if gpu.allowed and not gpu.faults]
    if found.fits or not usable:
        return
    each = -(-found.missing_bytes // len(usable))
    assert plan(form, wish, _larger(box, each)).fits
    assert not plan(form, wish, _larger(box, each - 1)).fits


def _is_divided(form: PlannedForm, replica: ReplicaPlacement) -> None:
    """Layers once each; or equal parts of all of them, as many as heads can be divided into."""
    layers, ranks = form.sizes.layers, len(replica.shares)
    if form.engine == "llama_cpp":
        assert replica.split == ("layer" if ranks > 1 else "none")
        assert sum(share.layers for share in replica.shares) == layers
        return
    assert replica.split == ("tensor" if ranks > 1 else "none")
    assert {share.layers for share in replica.shares} == {layers}
    assert len({(share.weight_bytes, share.kv_bytes, share.buffer_bytes) for share in replica.shares}) == 1
    assert ranks == 1 or (form.sizes.kv_heads and form.sizes.kv_heads % ranks == 0)
    assert replica.gpus == tuple(sorted(replica.gpus))


def _larger(box: Inventory, more: int) -> Inventory:
    gpus = tuple(replace(gpu, memory_free_bytes=gpu.memory_free_bytes + more) for gpu in box.gpus)
    return replace(box, gpus=gpus)


@pytest.mark.parametrize("kind", list(Kind))
def test_only_one_kind_does_not_fit(kind):
    assert Placement(kind, 1, 512).fits is (kind is not Kind.DOES_NOT_FIT)


@FEW
@given(models(), st.integers(1, 64), st.sampled_from([1, 2, 4]))
def test_a_gpu_that_lacks_one_byte_is_not_given_out(form: PlannedForm, seats: int, count: int):
    wish = Wishes(seats, 2048, gpus=tuple(range(count)))
    total = 2**50  # so much that no number of GPUs is refused for its reserve
    gpus = tuple(Gpu(index, "GPU", total, total, "575") for index in range(count))
    (replica,) = plan(form, wish, Inventory(gpus, 0, 0, 16)).replicas
    needed = replica.shares[0].total_bytes
    tight = Inventory((replace(gpus[0], memory_free_bytes=needed),), 0, 0, 16)
    assert plan(form, replace(wish, gpus=(0,)), tight).fits
    one_less = Inventory((replace(gpus[0], memory_free_bytes=needed - 1),), 0, 0, 16)
    assert not plan(form, replace(wish, gpus=(0,)), one_less).fits


@FEW
@given(models(), st.integers(1, 3))
def test_memory_that_lacks_one_byte_is_not_given_out(form: PlannedForm, replicas: int):
    wish = Wishes(4, 2048, replicas=replicas, gpus=())
    found = plan(form, wish, Inventory((), 2**50, 2**50, 16))
    if form.engine == "vllm":
        assert not found.fits
        return
    needed = sum(one.memory_bytes for one in found.replicas) + 2**50 // 20
    assert plan(form, wish, Inventory((), 2**50, needed, 16)).fits
    assert not plan(form, wish, Inventory((), 2**50, needed - 1, 16)).fits
