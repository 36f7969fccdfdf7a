"""How llama.cpp's KV cache is laid out for what is asked."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.engines.base import EngineSpec
from appliance.engines.llama_cpp.layout import Layout, choose_layout

MANY = 33


def spec(**changes) -> EngineSpec:
    asked = EngineSpec("llama_cpp", "", context_tokens=512, kv_tokens=512 * 256, max_sequences=MANY)
    return msgspec.structs.replace(asked, **changes)


def test_each_sequence_has_a_part_where_a_whole_context_fits():
    assert choose_layout(spec()) == Layout("split", MANY, MANY * 512)


def test_sequences_share_one_pool_where_a_whole_context_does_not_fit_each():
    asked = spec(kv_tokens=512 * MANY - 1)

    assert choose_layout(asked) == Layout("unified", MANY, asked.kv_tokens)


def test_unified_is_unified_when_asked_for():
    assert choose_layout(spec(kv_layout="unified")).kind == "unified"


@pytest.mark.parametrize("asked", [{"kv_layout": "split"}, {"deterministic": True}])
def test_split_has_fewer_sequences_where_there_are_not_cells_for_more(asked):
    assert choose_layout(spec(kv_tokens=512 * 3 + 100, **asked)) == Layout("split", 3, 512 * 3)


def test_one_sequence_can_always_be_split_off():
    assert choose_layout(spec(kv_tokens=100, kv_layout="split")) == Layout("split", 1, 512)


@given(
    st.integers(16, 5000),
    st.integers(16, 10**6),
    st.integers(1, 256),
    st.sampled_from(["auto", "unified", "split"]),
    st.booleans(),
)
def test_no_layout_takes_more_than_was_asked_or_one_context(context, cells, sequences, kind, deterministic):
    layout = choose_layout(
        spec(
            context_tokens=context,
            kv_tokens=cells,
            max_sequences=sequences,
            kv_layout=kind,
            deterministic=deterministic,
        )
    )

    assert 1 <= layout.sequences <= sequences
    assert layout.cells <= max(cells, context + 255)
    if layout.kind == "split":
        assert layout.cells // layout.sequences >= context
