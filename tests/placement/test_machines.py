"""Machines from a text, numbers of GPUs from a text, and the day's work."""

import pytest

from appliance.domain.shapes import ModelShapes
from appliance.errors import BadRequest
from appliance.policy.placement import Wishes, facts_of, parse_gpu_numbers, plan
from appliance.policy.placement.estimate import day, estimate
from appliance.policy.placement.layout import layout_of
from appliance.policy.placement.machines import known_model, machine
from appliance.policy.placement.step_time import step_s
from tests.placement.machines_for_tests import (
    BLOOM,
    BLOOM_TORCH,
    EIGHT_B,
    EIGHT_B_INT8,
    EIGHT_B_NF4,
    EIGHT_B_TORCH,
    GIB,
)


def test_the_sums_of_the_seed_come_out():
    whole = day(tokens=200_000_000, dollars_per_hour=10)
    assert (whole.words, whole.dollars) == (150_000_000, 240)
    assert sum(one.dollars_per_hour for one in machine("8xA100-80GB").speeds) == 10


@pytest.mark.parametrize(("batch", "published_ms"), [(16, 17.84), (32, 10.89)])
def test_the_estimate_is_near_what_was_published_for_bloom(batch, published_ms):
    box = machine("8xA100-80GB")
    (replica,) = plan(BLOOM, Wishes(batch, 128), box.inventory).replicas
    seconds = step_s(BLOOM, replica, dict(enumerate(box.speeds)), seats=batch, kv_tokens=batch * 128)
    assert 1000 * seconds / batch == pytest.approx(published_ms, rel=0.15)


def test_a_day_of_replicas_is_that_many_days_of_one():
    box = machine("4xH100")
    one, _ = estimate(EIGHT_B, plan(EIGHT_B, Wishes(30, 8192), box.inventory), box.speeds)
    four, said = estimate(EIGHT_B, plan(EIGHT_B, Wishes(30, 8192, replicas=4), box.inventory), box.speeds)
    assert four.tokens == pytest.approx(4 * one.tokens, abs=4)
    assert four.words == pytest.approx(0.75 * four.tokens, abs=1)
    assert (one.dollars, four.dollars) == (60, 240)
    assert "estimate" in said[0]


def test_no_speed_is_claimed_where_it_is_not_known():
    for text in ("8x80GB", "cpu:64GB"):
        box = machine(text)
        whole, said = estimate(EIGHT_B, plan(EIGHT_B, Wishes(1, 512), box.inventory), box.speeds)
        assert whole is None
        assert said


@pytest.mark.parametrize(
    ("text", "sizes", "host_gib"),
    [
        ("8xA100-80GB", [80] * 8, 0),
        ("2XA100", [80] * 2, 0),
        ("a100-40gb", [40], 0),
        ("8x80GB", [80] * 8, 0),
        ("cpu:64GB", [], 64),
        ("2xV100-16GB + 1xV100-32GB+cpu:256GB", [16, 16, 32], 256),
    ],
)
def test_a_machine_is_read_from_a_short_text(text, sizes, host_gib):
    inventory = machine(text).inventory
    assert [gpu.memory_total_bytes for gpu in inventory.gpus] == [size * GIB for size in sizes]
    assert [gpu.index for gpu in inventory.gpus] == list(range(len(sizes)))
    assert inventory.memory_available_bytes == host_gib * GIB


@pytest.mark.parametrize(
    "text", ["", "8x", "0xH100", "8xH100-", "cpu", "cpu:xGB", "65xH100", "0GB", "x" * 200]
)
def test_what_is_no_machine_is_refused_with_what_is_one(text):
    with pytest.raises(BadRequest, match="GPUs") as caught:
        machine(text)
    assert caught.value.param == "gpus"


@pytest.mark.parametrize(
    ("name", "mib", "known"),
    [
        ("NVIDIA A100-SXM4-80GB", 81920, "A100-80GB"),
        ("NVIDIA A100-PCIE-40GB", 40960, "A100-40GB"),
        ("NVIDIA H100 80GB HBM3", 81559, "H100"),
        ("NVIDIA GeForce RTX 4090", 24564, "RTX4090"),
        ("NVIDIA L40S", 46068, "L40S"),
        ("NVIDIA L4", 23034, "L4"),
        ("Tesla T4", 15360, "T4"),
        ("NVIDIA GeForce GTX 1080", 8192, None),
    ],
)
def test_the_driver_s_name_of_a_gpu_is_understood(name, mib, known):
    found = known_model(name, mib * 2**20)
    assert (found and found.name) == known


@pytest.mark.parametrize(
    ("text", "numbers"), [("", None), ("none", ()), ("0-3,6", (0, 1, 2, 3, 6)), ("2", (2,)), ("1,1", (1,))]
)
def test_gpu_numbers_are_read(text, numbers):
    assert parse_gpu_numbers(text) == numbers


@pytest.mark.parametrize("text", ["a", "1,", "-1", "1-", "1;2", " 1"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(BadRequest):
        parse_gpu_numbers(text)


def test_facts_come_from_a_model_s_own_sizes():
    shapes = ModelShapes(
        matrix_weights=7_000_000_000, layers=32, heads=32, key_size=128, value_size=128, width=4096,
        vocabulary=128_256, kv_heads=8,
    )  # fmt: skip
    facts = facts_of(shapes, weight_bytes=4_920_000_000)
    assert facts.kv_bytes_per_token == EIGHT_B.sizes.kv_bytes_per_token
    assert (facts.layers, facts.width, facts.vocabulary) == (32, 4096, 128_256)


@pytest.mark.parametrize(("batch", "published_ms"), [(1, 44.02), (8, 5.70), (32, 1.68), (128, 0.69)])
def test_the_estimate_of_divided_matrices_is_near_what_was_published(batch, published_ms):
    box = machine("8xA100-80GB")
    (replica,) = plan(BLOOM_TORCH, Wishes(32, 2048), box.inventory).replicas
    assert replica.split == "tensor"
    seconds = step_s(BLOOM_TORCH, replica, dict(enumerate(box.speeds)), seats=batch, kv_tokens=batch * 128)
    assert 1000 * seconds / batch == pytest.approx(published_ms, rel=0.04)


def test_more_gpus_make_a_divided_model_faster():
    box, sizes = machine("8xA100-80GB"), {"seats": 8, "kv_tokens": 1024}
    layout = layout_of(BLOOM_TORCH, Wishes(1, 512))
    seven, eight = (layout.place(box.inventory.gpus[:count]) for count in (7, 8))
    times = [step_s(BLOOM_TORCH, one, dict(enumerate(box.speeds)), **sizes) for one in (seven, eight)]
    assert 0.85 < times[1] / times[0] < 1


@pytest.mark.parametrize("packed", [EIGHT_B_INT8, EIGHT_B_NF4])
def test_packed_models_are_slower_and_say_so(packed):
    box, wishes = machine("A100-80GB"), Wishes(32, 2048)
    plain, slower = (
        estimate(form, plan(form, wishes, box.inventory), box.speeds) for form in (EIGHT_B_TORCH, packed)
    )
    assert 1.1 < plain[0].tokens / slower[0].tokens < 1.22
    assert any("1.22 times" in one for one in slower[1])
    assert not any("1.22 times" in one for one in plain[1])
