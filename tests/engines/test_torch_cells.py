"""Which sequence holds which cells of the torch engine's KV cache."""

import pytest

from appliance.engines.base import EngineSpec, KvExhausted
from appliance.engines.torch.cells import PooledCells, SlotCells, choose_cells

SPEC = EngineSpec(
    engine="torch", model_path="", context_tokens=100, kv_tokens=800, max_sequences=8, batch_tokens=32
)


def test_each_sequence_has_a_slot_where_a_whole_context_fits():
    cells = choose_cells(SPEC)

    assert isinstance(cells, SlotCells)
    assert (cells.slots, cells.cells_per_slot, cells.sequences) == (8, 100, 8)


@pytest.mark.parametrize(
    ("changes", "kind", "sequences"),
    [
        ({"kv_tokens": 799}, PooledCells, 8),
        ({"kv_layout": "unified"}, PooledCells, 8),
        ({"kv_tokens": 799, "kv_layout": "split"}, SlotCells, 7),
        ({"kv_tokens": 250, "deterministic": True}, SlotCells, 2),
        ({"kv_tokens": 50, "deterministic": True}, SlotCells, 1),
    ],
)
def test_layouts_that_are_asked_for_or_needed(changes, kind, sequences):
    import msgspec

    cells = choose_cells(msgspec.structs.replace(SPEC, **changes))

    assert type(cells) is kind
    assert cells.sequences == sequences


def test_cells_of_a_slot_follow_each_other():
    cells = SlotCells(3, 100)

    assert list(cells.hold(1, 3)) == [100, 101, 102]
    assert list(cells.hold(1, 2)) == [103, 104]
    cells.cut(1, 1)
    assert list(cells.hold(1, 1)) == [101]


def test_a_fork_of_a_slot_is_a_copy():
    cells = SlotCells(3, 100)
    cells.hold(0, 9)

    copies = cells.fork(0, 2, 4)

    assert list(copies.sources) == [0, 1, 2, 3]
    assert list(copies.targets) == [200, 201, 202, 203]
    assert list(cells.hold(2, 1)) == [204]


def test_slots_that_swap_copy_what_each_holds():
    cells = SlotCells(3, 100)
    cells.hold(0, 1)
    cells.hold(1, 2)

    copies = cells.swap(0, 1)

    assert dict(zip(copies.sources, copies.targets, strict=True)) == {0: 100, 100: 0, 101: 1}
    assert list(cells.hold(0, 1)) == [2]
    assert list(cells.hold(1, 1)) == [101]


def test_pooled_cells_are_free_when_their_last_holder_lets_go():
    cells = PooledCells(3, 10)
    held = cells.hold(0, 8)
    cells.fork(0, 1, 5)

    cells.cut(0, 0)
    cells.require(5)
    with pytest.raises(KvExhausted):
        cells.require(6)

    cells.cut(1, 0)
    cells.require(10)
    assert len(set(held)) == 8


def test_pooled_cells_are_never_held_by_two_that_did_not_fork():
    cells = PooledCells(3, 10)
    cells.hold(0, 4)
    cells.hold(1, 4)
    cells.fork(0, 2, 2)
    cells.swap(1, 2)

    cells.cut(0, 0)
    fresh = set(cells.hold(0, 4))

    others = {*memoryview(cells.held(1)).cast("i"), *memoryview(cells.held(2)).cast("i")}
    assert not fresh & others
