"""What a model needs of memory, from the sizes in its own file: for recipes that do not say it."""

from appliance.domain.recipe import MemoryFacts, Precision
from appliance.domain.shapes import ModelShapes
from appliance.policy.placement.precision import weight_bytes as bytes_in

_KV_VALUE_BYTES = 2


def facts_of(shapes: ModelShapes, weight_bytes: int, precision: Precision = "") -> MemoryFacts:
    """``weight_bytes`` is the size of the form's files, and that of the weights unless the engine makes a
    ``precision`` of its own. Windows are not counted: full attention is the upper bound.
    """
    values_per_layer = kv_heads_of(shapes) * (shapes.key_size + shapes.value_size)
    others = shapes.other_weights or shapes.vocabulary * shapes.width
    if precision:
        weight_bytes = bytes_in(shapes.matrix_weights, others, shapes.width, precision)
    return MemoryFacts(
        weight_bytes=weight_bytes,
        kv_bytes_per_token=shapes.layers * values_per_layer * _KV_VALUE_BYTES,
        layers=shapes.layers,
        width=shapes.width,
        vocabulary=shapes.vocabulary,
        parameters=shapes.matrix_weights + others,
        kv_heads=kv_heads_of(shapes),
    )


def kv_heads_of(shapes: ModelShapes) -> int:
    """Heads that have keys and values of their own; all of them where the file does not say."""
    return shapes.kv_heads or shapes.heads
