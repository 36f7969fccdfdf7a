"""Where models of the torch engine go: replicas, parts of every matrix on several GPUs, the processor."""

from dataclasses import replace

import pytest

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import load_catalog
from appliance.domain.shapes import ModelShapes
from appliance.policy.placement import Kind, PlannedForm, Wishes, facts_of, plan
from appliance.policy.placement.torch_needs import TORCH_PROCESS_BYTES, needs_on_gpus, needs_on_processor
from tests.placement.machines_for_tests import (
    BLOOM_TORCH,
    BLOOM_TORCH_INT8,
    BLOOM_TORCH_NF4,
    EIGHT_B,
    EIGHT_B_FLOAT32,
    EIGHT_B_INT8,
    EIGHT_B_NF4,
    EIGHT_B_TORCH,
    GIB,
    box,
    named,
)

ONE_SEAT = Wishes(seats=1, context_tokens=2048)
CLASS = Wishes(seats=32, context_tokens=2048)
FORMS = {"int8": BLOOM_TORCH_INT8, "nf4": BLOOM_TORCH_NF4}

# ---- GPUs ----


def test_bloom_in_bf16_has_a_part_of_every_matrix_on_eight_gpus_of_80_gb():
    found = plan(BLOOM_TORCH, CLASS, named("8xA100-80GB"))
    (replica,) = found.replicas
    assert (found.kind, replica.split, replica.gpus) == (Kind.SPLIT, "tensor", tuple(range(8)))
    assert {share.layers for share in replica.shares} == {70}
    assert sum(share.weight_bytes for share in replica.shares) == pytest.approx(352_494_542_848, abs=8)
    assert "every matrix split over 8 GPUs" in found.reason


def test_on_eight_gpus_of_40_gb_bloom_fits_packed_with_fewer_seats():
    found = plan(BLOOM_TORCH, CLASS, named("8xA100-40GB"), other_forms=FORMS)
    assert found.kind is Kind.DOES_NOT_FIT
    seats = {one.value: one.seats for one in found.advice if one.kind == "form"}
    assert 8 <= seats["int8"] < seats["nf4"] < 32
    for name, form in FORMS.items():
        assert plan(form, replace(CLASS, seats=seats[name]), named("8xA100-40GB")).kind is Kind.SPLIT


def test_a_model_that_fits_one_gpu_is_not_split():
    found = plan(EIGHT_B_TORCH, replace(CLASS, replicas=4), named("8xA100-80GB"))
    assert found.kind is Kind.REPLICAS
    assert [one.split for one in found.replicas] == ["none"] * 4


@pytest.mark.parametrize(("kv_heads", "parts"), [(8, 4), (6, 3), (2, 2), (112, 4)])
def test_a_model_has_as_many_parts_as_its_heads_can_be_divided_into(kv_heads, parts):
    sizes = replace(EIGHT_B_TORCH.sizes, kv_heads=kv_heads)
    form = replace(EIGHT_B_TORCH, sizes=sizes)
    # Too small for fewer parts than these.
    room = needs_on_gpus(form, ONE_SEAT, parts).total_bytes + GIB
    gpus = [room / GIB + 0.6 + 80 / 20] * 5
    found = plan(form, ONE_SEAT, box(*gpus))
    assert len(found.replicas[0].gpus) == parts


@pytest.mark.parametrize("kv_heads", [0, 1])
def test_where_heads_cannot_be_divided_a_model_is_not_split(kv_heads):
    form = replace(EIGHT_B_TORCH, sizes=replace(EIGHT_B_TORCH.sizes, kv_heads=kv_heads))
    assert plan(form, ONE_SEAT, box(14, 14, 14, 14)).kind is Kind.DOES_NOT_FIT
    assert plan(form, ONE_SEAT, box(30)).kind is Kind.GPU


def test_gpus_that_are_alike_share_a_model_though_others_have_more_room():
    machine = named("1xH200+2xA100-40GB+1xL40S")
    wishes = Wishes(seats=32, context_tokens=8192, gpus=(1, 2, 3))
    assert plan(EIGHT_B_TORCH, wishes, machine).replicas[0].gpus == (1, 2)
    unlike = replace(machine, gpus=(machine.gpus[1], machine.gpus[3]))
    assert plan(EIGHT_B_TORCH, wishes, unlike).replicas[0].gpus == (1, 3)


def test_replicas_of_several_gpus_each_have_their_own():
    found = plan(EIGHT_B_TORCH, Wishes(32, 8192, replicas=3), named("8xA100-40GB"))
    assert [one.gpus for one in found.replicas] == [(0, 1), (2, 3), (4, 5)]
    assert found.kind is Kind.REPLICAS


def test_what_a_group_takes_on_each_gpu_is_left_free_there():
    alone, shared = (needs_on_gpus(EIGHT_B_TORCH, ONE_SEAT, ranks) for ranks in (1, 2))
    assert shared.process_bytes - alone.process_bytes == GIB // 2
    assert shared.weight_bytes * 2 == alone.weight_bytes
    scores, cache = 512 * 2048 * 32 * (8 + 2), 2048 * 131_072 // 32
    assert alone.buffer_bytes - shared.buffer_bytes == (scores + cache) // 2


# ---- what is computed with how many bits ----


def test_float32_has_a_cache_twice_as_large():
    half, whole = (needs_on_gpus(form, CLASS, 1) for form in (EIGHT_B_TORCH, EIGHT_B_FLOAT32))
    assert whole.kv_bytes == 2 * half.kv_bytes == 2 * 32 * 2048 * 131_072
    assert whole.buffer_bytes > half.buffer_bytes


@pytest.mark.parametrize("packed", [EIGHT_B_INT8, EIGHT_B_NF4])
def test_what_is_packed_is_computed_with_32_bits_on_the_processor_only(packed):
    on_gpu, on_processor = needs_on_gpus(packed, CLASS, 1), needs_on_processor(packed, CLASS)
    assert on_processor.kv_bytes == 2 * on_gpu.kv_bytes
    embeddings_and_norms = 2 * 128_256 * 4096 + 65 * 4096
    more = on_processor.weight_bytes - on_gpu.weight_bytes
    assert more == pytest.approx(2 * embeddings_and_norms, rel=0.01)
    plain = needs_on_processor(EIGHT_B_TORCH, CLASS)
    assert plain.kv_bytes == on_gpu.kv_bytes
    assert plain.weight_bytes == EIGHT_B_TORCH.sizes.weight_bytes


def test_half_a_layer_is_unpacked_at_a_time():
    plain, packed = (needs_on_gpus(form, CLASS, 1) for form in (EIGHT_B_TORCH, EIGHT_B_NF4))
    assert packed.buffer_bytes - plain.buffer_bytes == pytest.approx(8_030_261_248 / 32, rel=0.01)


# ---- the processor ----


def test_on_the_processor_it_is_one_process_with_all_of_torch():
    found = plan(EIGHT_B_TORCH, ONE_SEAT, named("cpu:64GB"))
    (share,) = found.replicas[0].shares
    assert (found.kind, found.replicas[0].split, found.replicas[0].gpu_layers) == (Kind.CPU, "none", 0)
    assert share.reserve_bytes == TORCH_PROCESS_BYTES
    assert any("600 MiB a replica" in one for one in found.assumptions)


def test_an_engine_built_for_the_processor_leaves_gpus_to_the_others():
    machine = replace(box(80, 80, host_gib=64), processor_engines=frozenset({"torch"}))
    assert plan(EIGHT_B_TORCH, ONE_SEAT, machine).kind is Kind.CPU
    assert plan(EIGHT_B_TORCH, replace(ONE_SEAT, gpus=(0,)), machine).kind is Kind.DOES_NOT_FIT
    assert plan(EIGHT_B, ONE_SEAT, machine).kind is Kind.GPU


def test_an_engine_that_needs_gpus_is_never_on_the_processor():
    form = replace(EIGHT_B_TORCH, engine="vllm", precision="")
    assert plan(form, ONE_SEAT, named("2xA100-40GB")).kind is Kind.GPU
    found = plan(form, ONE_SEAT, named("cpu:512GB"))
    assert (found.kind, found.missing_bytes > 0) == (Kind.DOES_NOT_FIT, True)
    assert "needs GPUs" in found.reason


def test_its_assumptions_are_those_of_its_engine():
    found = plan(EIGHT_B_NF4, CLASS, named("4xH100"))
    said = " ".join(found.assumptions)
    assert all(words in said for words in ("KV heads", "1 GiB for the driver", "9/16"))
    assert "9/16" not in " ".join(plan(EIGHT_B_TORCH, CLASS, named("4xH100")).assumptions)


# ---- sizes from a folder, and those of the recipes ----

LLAMA_8B = ModelShapes(
    matrix_weights=6_979_321_856, layers=32, heads=32, key_size=128, value_size=128, width=4096,
    vocabulary=128_256, kv_heads=8, other_weights=1_050_939_392,
)  # fmt: skip
BLOOM_176B = ModelShapes(
    matrix_weights=172_637_552_640, layers=70, heads=112, key_size=128, value_size=128, width=14_336,
    vocabulary=250_880, kv_heads=112, other_weights=3_609_718_784,
)  # fmt: skip


@pytest.mark.parametrize(
    ("shapes", "form", "near"),
    [
        (LLAMA_8B, EIGHT_B_FLOAT32, 0),
        (LLAMA_8B, EIGHT_B_TORCH, 0),
        (LLAMA_8B, EIGHT_B_INT8, 1e-3),
        (LLAMA_8B, EIGHT_B_NF4, 0),
        (BLOOM_176B, BLOOM_TORCH, 0),
        (BLOOM_176B, BLOOM_TORCH_INT8, 1e-3),
        (BLOOM_176B, BLOOM_TORCH_NF4, 0),
    ],
)
def test_weights_take_what_their_precision_makes_of_them(shapes, form: PlannedForm, near):
    facts = facts_of(shapes, 1, form.precision)
    assert facts.weight_bytes == pytest.approx(form.sizes.weight_bytes, rel=near, abs=0)
    assert replace(facts, weight_bytes=form.sizes.weight_bytes) == form.sizes


@pytest.mark.parametrize(
    ("model", "form"),
    [
        ("bloom-176b@bf16", BLOOM_TORCH),
        ("bloom-176b@int8", BLOOM_TORCH_INT8),
        ("bloom-176b@nf4", BLOOM_TORCH_NF4),
        ("llama-3.1-8b-instruct@bf16", EIGHT_B_TORCH),
        ("llama-3.1-8b-instruct@int8", EIGHT_B_INT8),
        ("llama-3.1-8b-instruct@nf4", EIGHT_B_NF4),
    ],
)
def test_the_recipes_say_so_too(model, form: PlannedForm):
    _, found = load_catalog(recipes_folder()).find(model)
    assert (found.memory, found.engine, found.precision) == (form.sizes, form.engine, form.precision)
