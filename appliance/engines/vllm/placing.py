"""How a model is laid over GPUs, and what its KV cache takes of each. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from appliance.engines.base import EngineSpec
from appliance.errors import ConfigInvalid, DoesNotFit

_VALUE_BYTES: Final = {"float32": 4, "bfloat16": 2, "float16": 2}
_ROUNDING_TOKENS: Final = 64
"""Of each sequence: vLLM gives KV cells away by blocks of 16 to 64 tokens, and keeps a block for itself."""


@dataclass(frozen=True, slots=True)
class Layout:
    """``tensor`` GPUs share every layer, ``pipeline`` such groups share the layers."""

    tensor: int
    pipeline: int


@dataclass(frozen=True, slots=True)
class AttentionSizes:
    """What of a model the KV cache depends on."""

    layers: int
    heads: int
    kv_heads: int
    head_size: int


def layout_on(gpus: int, machines: int, sizes: AttentionSizes) -> Layout:
    """On so many GPUs of each of so many machines: matrices are divided within a machine, as far as the heads
    can be, and layers over the rest. Raises ``DoesNotFit``.
    """
    tensor = max(one for one in range(1, gpus + 1) if gpus % one == 0 and sizes.heads % one == 0)
    pipeline = gpus // tensor * machines
    if pipeline > sizes.layers:
        raise DoesNotFit(
            f"{gpus * machines} GPUs are more than {sizes.heads} heads and {sizes.layers} layers can be "
            "divided over. Run the model on fewer GPUs."
        )
    return Layout(tensor, pipeline)


def machines_of(nodes: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """GPUs on each machine and machines, as ``ray.nodes()`` tells it: the least that all with GPUs have.
    Raises ``DoesNotFit`` where there is none.
    """
    counts = [int(node.get("Resources", {}).get("GPU", 0)) for node in nodes if node.get("Alive")]
    with_gpus = [count for count in counts if count]
    if not with_gpus:
        raise DoesNotFit("The Ray cluster has no GPU. `ray status` on its head says what it has.")
    return min(with_gpus), len(with_gpus)


def cache_bytes_per_gpu(spec: EngineSpec, sizes: AttentionSizes, layout: Layout) -> int:
    """Of a KV cache with room for all that is admitted, keys and values. Raises ``ConfigInvalid``."""
    if spec.precision not in _VALUE_BYTES:
        known = ", ".join(_VALUE_BYTES)
        raise ConfigInvalid(
            f"vLLM holds models in one of {known}; the recipe's form names another precision."
        )
    tokens = spec.kv_tokens + _ROUNDING_TOKENS * (spec.max_sequences + 1)
    layers = -(-sizes.layers // layout.pipeline)
    kv_heads = -(-sizes.kv_heads // layout.tensor)
    return 2 * tokens * layers * kv_heads * sizes.head_size * _VALUE_BYTES[spec.precision]
