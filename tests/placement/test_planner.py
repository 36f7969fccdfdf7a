"""Where a model goes, for machines that labs have."""

from dataclasses import replace

import pytest

from appliance.domain.hardware import Inventory
from appliance.policy.placement import Kind, Wishes, plan, with_room
from tests.placement.machines_for_tests import BLOOM, BLOOM_INT8, EIGHT_B, GIB, box, gpus, named

ONE_SEAT = Wishes(seats=1, context_tokens=2048)
CLASS = Wishes(seats=30, context_tokens=8192)


def test_bloom_in_bf16_is_split_over_eight_gpus_of_80_gb():
    found = plan(BLOOM, Wishes(seats=32, context_tokens=2048), named("8xA100-80GB"))
    (replica,) = found.replicas
    assert found.kind is Kind.SPLIT
    assert replica.split == "layer"
    assert replica.gpus == tuple(range(8))
    assert sum(share.layers for share in replica.shares) == 70
    assert sum(share.weight_bytes for share in replica.shares) >= 329 * GIB


def test_a_split_takes_no_more_gpus_than_it_needs():
    (replica,) = plan(BLOOM, ONE_SEAT, named("8xA100-80GB")).replicas
    assert len(replica.gpus) == 5


def test_bloom_in_bf16_does_not_fit_eight_gpus_of_40_gb_and_int8_would():
    found = plan(BLOOM, ONE_SEAT, named("8xA100-40GB"), other_forms={"int8": BLOOM_INT8})
    assert found.kind is Kind.DOES_NOT_FIT
    assert not found.replicas
    assert found.missing_bytes > 329 * GIB - 8 * 40 * GIB
    assert "missing" in found.sentence
    advice = {one.kind: one.value for one in found.advice}
    assert advice["form"] == "int8"
    assert int(advice["gpus"]) > 8
    assert plan(BLOOM_INT8, ONE_SEAT, named("8xA100-40GB")).kind is Kind.SPLIT


def test_where_another_form_alone_would_not_do_it_is_advised_with_the_seats_that_fit():
    wish = replace(ONE_SEAT, seats=32)
    found = plan(BLOOM, wish, named("8xA100-40GB"), other_forms={"int8": BLOOM_INT8})
    (advice,) = [one for one in found.advice if one.kind == "form"]
    assert advice.value == "int8"
    assert plan(BLOOM_INT8, replace(wish, seats=advice.seats), named("8xA100-40GB")).fits
    assert not plan(BLOOM_INT8, replace(wish, seats=advice.seats + 1), named("8xA100-40GB")).fits
    assert advice.text == f"the form int8 with {advice.seats} seats"


def test_8b_for_a_class_gets_one_gpu():
    found = plan(EIGHT_B, CLASS, named("8xA100-80GB"))
    assert found.kind is Kind.GPU
    assert found.replicas[0].gpus == (0,)
    assert found.replicas[0].split == "none"


@pytest.mark.parametrize("count", [2, 5, 8])
def test_8b_gets_as_many_replicas_as_asked_each_on_its_own_gpu(count):
    found = plan(EIGHT_B, replace(CLASS, replicas=count), named("8xA100-80GB"))
    assert found.kind is Kind.REPLICAS
    assert sorted(gpu for one in found.replicas for gpu in one.gpus) == list(range(count))


def test_more_replicas_than_gpus_do_not_fit_and_fewer_are_advised():
    found = plan(EIGHT_B, replace(CLASS, replicas=9), named("8xA100-80GB"))
    assert found.kind is Kind.DOES_NOT_FIT
    assert found.missing_bytes > 0
    assert ("replicas", "8") in {(one.kind, one.value) for one in found.advice}


def test_a_replica_goes_where_the_most_memory_is_free():
    assert plan(EIGHT_B, ONE_SEAT, box(20, 70, 60)).replicas[0].gpus == (1,)


def test_layers_go_where_there_is_room_for_them():
    found = plan(BLOOM_INT8, ONE_SEAT, box(80, 80, 30, 80))
    (replica,) = found.replicas
    assert set(replica.gpus) == {0, 1, 3}


def test_without_gpus_it_runs_on_the_processor():
    found = plan(EIGHT_B, ONE_SEAT, named("cpu:64GB"))
    assert found.kind is Kind.CPU
    assert (found.replicas[0].gpus, found.replicas[0].gpu_layers) == ((), 0)


def test_what_no_gpu_holds_falls_back_to_the_processor_unless_gpus_were_named():
    machine = box(3, 3, host_gib=64)
    assert plan(EIGHT_B, ONE_SEAT, machine).kind is Kind.CPU
    assert plan(EIGHT_B, replace(ONE_SEAT, gpus=(0, 1)), machine).kind is Kind.DOES_NOT_FIT


def test_the_processor_can_be_wished_for():
    assert plan(EIGHT_B, replace(ONE_SEAT, gpus=()), box(80, host_gib=64)).kind is Kind.CPU


def test_replicas_on_the_processor_share_its_memory():
    wishes = replace(ONE_SEAT, replicas=3)
    assert len(plan(EIGHT_B, wishes, named("cpu:64GB")).replicas) == 3
    found = plan(EIGHT_B, wishes, named("cpu:12GB"))
    assert found.kind is Kind.DOES_NOT_FIT
    assert ("replicas", "2") in {(one.kind, one.value) for one in found.advice}


@pytest.mark.parametrize("unfit", [{"allowed": False}, {"faults": ("lost",)}])
def test_gpus_that_are_taken_or_broken_are_not_used(unfit):
    machine = Inventory((*gpus(80, **unfit), replace(gpus(80)[0], index=1)), 0, 0, 16)
    assert plan(EIGHT_B, ONE_SEAT, machine).replicas[0].gpus == (1,)
    assert plan(EIGHT_B, replace(ONE_SEAT, gpus=(0,)), machine).kind is Kind.DOES_NOT_FIT


def test_too_many_seats_get_the_number_that_would_fit():
    found = plan(EIGHT_B, Wishes(seats=200, context_tokens=8192), named("A100-40GB"))
    assert found.kind is Kind.DOES_NOT_FIT
    seats = int(next(one.value for one in found.advice if one.kind == "seats"))
    context = int(next(one.value for one in found.advice if one.kind == "context"))
    assert plan(EIGHT_B, Wishes(seats, 8192), named("A100-40GB")).fits
    assert not plan(EIGHT_B, Wishes(seats + 1, 8192), named("A100-40GB")).fits
    assert plan(EIGHT_B, Wishes(200, context), named("A100-40GB")).fits
    assert str(seats) in found.sentence


def test_every_assumption_is_named():
    found = plan(EIGHT_B, CLASS, named("4xH100"))
    assert all(any(word in one for one in found.assumptions) for word in ("600 MiB", "KV cache", "Buffers"))


def test_what_a_stopped_model_frees_can_be_counted_on():
    machine = box(3, 3)
    assert not plan(EIGHT_B, ONE_SEAT, machine).fits
    assert plan(EIGHT_B, ONE_SEAT, with_room(machine, {1: 20 * GIB})).replicas[0].gpus == (1,)
    assert with_room(machine, {0: 500 * GIB, 1: -500 * GIB}, GIB) == box(80, 0)
