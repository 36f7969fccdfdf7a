"""Which matrices of a model are cut, and how: Megatron-LM's scheme (Shoeybi et al., 2019).

``colwise``: a rank has some of a matrix' outputs, and computes them whole. ``rowwise``: it has some of its
inputs, and the outputs of all ranks are summed. A layer needs two sums: behind attention and behind the MLP.
"""

from collections.abc import Mapping
from typing import Final, Literal

from transformers import PretrainedConfig

from appliance.errors import ConfigInvalid

Way = Literal["colwise", "rowwise"]
Plan = Mapping[str, Way]
"""By the name of a module below the model without its head; ``*`` is any number."""

_OWN: Final[Mapping[str, Plan]] = {
    "bloom": {
        "h.*.self_attention.query_key_value": "colwise",
        "h.*.self_attention.dense": "rowwise",
        "h.*.mlp.dense_h_to_4h": "colwise",
        "h.*.mlp.dense_4h_to_h": "rowwise",
    },
    "opt": {
        "decoder.layers.*.self_attn.q_proj": "colwise",
        "decoder.layers.*.self_attn.k_proj": "colwise",
        "decoder.layers.*.self_attn.v_proj": "colwise",
        "decoder.layers.*.self_attn.out_proj": "rowwise",
        "decoder.layers.*.fc1": "colwise",
        "decoder.layers.*.fc2": "rowwise",
    },
}
"""Where transformers has none."""
_WHOLE: Final = frozenset({"replicated_with_grad_allreduce", "replicate"})
"""How transformers says that every rank has all of it."""


def plan_of(config: PretrainedConfig) -> Plan:
    """Raises ``ConfigInvalid`` for a model that nobody has a plan for."""
    if own := _OWN.get(config.model_type):
        return own
    found: Mapping[str, str] = config.base_model_tp_plan or {}
    plan = {name: way for name, way in found.items() if way not in _WHOLE}
    if not plan or not set(plan.values()) <= {"colwise", "rowwise"}:
        raise ConfigInvalid(
            f"A model of the family {config.model_type} cannot be shared by several processes: it is "
            "not known how to cut its matrices. Run it on one GPU, in a smaller precision if need be."
        )
    return {name: "colwise" if way == "colwise" else "rowwise" for name, way in plan.items()}


def require_whole_heads(heads: int, kv_heads: int, ranks: int) -> None:
    """Each rank has the same number of heads, with their keys and values. Raises ``ConfigInvalid``."""
    if heads % ranks or kv_heads % ranks:
        fitting = ", ".join(str(n) for n in range(1, kv_heads + 1) if not heads % n and not kv_heads % n)
        raise ConfigInvalid(
            f"The model has {heads} attention heads and {kv_heads} with keys and values of their own, "
            f"which cannot be shared equally by {ranks} processes. Numbers that fit: {fitting}."
        )
