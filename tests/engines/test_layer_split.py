"""The proportions by which llama.cpp is told how to divide a model over GPUs."""

import msgspec
import numpy as np
import pytest

from appliance.engines.base import EngineSpec
from appliance.engines.llama_cpp.library import split_proportions
from appliance.engines.llama_cpp.plugin import plugin


def gpu_of_each_layer(proportions, layers: int, gpus: int) -> list[int]:
    """As llama.cpp assigns them, the output behind the last: cumulative parts, in single precision."""
    parts = np.array(proportions[:gpus], np.float32)
    bounds = np.cumsum(parts, dtype=np.float32) / parts.sum(dtype=np.float32)
    count = np.float32(layers + 1)
    return [
        int(np.searchsorted(bounds, np.float32(layer) / count, side="right")) for layer in range(layers + 1)
    ]


@pytest.mark.parametrize(
    "layers", [(1, 1), (16, 16), (9, 9, 9, 9, 9, 9, 8, 8), (27, 3), (40, 41, 37), (3, 1, 80)]
)
def test_each_gpu_has_its_layers_and_the_last_one_the_output(layers):
    proportions = split_proportions(layers)

    assigned = gpu_of_each_layer(proportions, sum(layers), len(layers))

    assert [assigned[:-1].count(gpu) for gpu in range(len(layers))] == list(layers)
    assert assigned[-1] == len(layers) - 1


@pytest.mark.parametrize("layers", [(), (32,)])
def test_one_gpu_divides_nothing(layers):
    assert split_proportions(layers) is None


def test_a_planned_split_loads_where_there_is_no_gpu(spec: EngineSpec):
    asked = msgspec.structs.replace(spec, split="layer", split_layers=(1, 1))

    plugin.open_runner(asked).close()
