"""Whom to stop: never more than needed, never who serves, who was used last is spared first."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.hardware import Gpu, Inventory
from appliance.services.models.making_room import Occupant, what_would_free, whom_to_stop, without

GPUS = 3
TOTAL = 1000

occupants = st.lists(
    st.builds(
        Occupant,
        id=st.uuids().map(str),
        idle=st.booleans(),
        last_used_s=st.floats(0, 100),
        gpu_bytes=st.dictionaries(st.integers(0, GPUS - 1), st.integers(0, 400)),
        host_bytes=st.integers(0, 400),
    ),
    max_size=6,
    unique_by=lambda one: one.id,
)
needs = st.lists(st.integers(0, TOTAL), min_size=GPUS, max_size=GPUS)


def machine(present: list[Occupant]) -> Inventory:
    held = [sum(one.gpu_bytes.get(gpu, 0) for one in present) for gpu in range(GPUS)]
    gpus = tuple(Gpu(i, "Test", TOTAL * 3, TOTAL * 3 - held[i], "1") for i in range(GPUS))
    return Inventory(gpus, TOTAL, TOTAL, 8)


@given(occupants, needs)
def test_enough_is_stopped_and_no_more_and_only_who_is_idle(present: list[Occupant], needed: list[int]):
    def fits(one: Inventory) -> bool:
        return all(gpu.memory_free_bytes >= 2 * need for gpu, need in zip(one.gpus, needed, strict=True))

    inventory = machine(present)
    idle = [one for one in present if one.idle]
    chosen = whom_to_stop(present, inventory, fits)
    if chosen is None:
        assert not fits(without(inventory, idle))
        return
    stopped = [one for one in present if one.id in chosen]
    assert all(one.idle for one in stopped)
    assert fits(without(inventory, stopped))
    for spared in stopped:
        assert not fits(without(inventory, [one for one in stopped if one is not spared]))


def test_nobody_is_stopped_for_what_fits():
    assert whom_to_stop([], machine([]), lambda _: True) == ()


def test_a_refusal_names_who_holds_how_much():
    assert what_would_free([]) == "No other model of this box holds memory."
    sentence = what_would_free([Occupant("a", True, 0, {0: 2**30}, 0), Occupant("b", False, 0, {}, 2**31)])
    assert sentence == "Stopping models would free: b 2.0 GiB (serving), a 1.0 GiB (idle)."
