"""Facts as a recipe says them."""

from appliance.catalog.architecture_shape import ArchitectureToml
from appliance.catalog.form_shape import MemoryToml
from appliance.catalog.source_shape import FolderToml, HubToml, SourceToml
from appliance.domain.recipe import MemoryFacts
from appliance.domain.shapes import ModelShapes
from appliance.domain.source import WeightSource


def memory_toml(facts: MemoryFacts) -> MemoryToml:
    """As a recipe says it."""
    return MemoryToml(
        weight_bytes=facts.weight_bytes,
        kv_bytes_per_token=facts.kv_bytes_per_token,
        layers=facts.layers,
        width=facts.width,
        vocabulary=facts.vocabulary,
        parameters=facts.parameters,
        kv_heads=facts.kv_heads,
    )


def architecture_toml(shapes: ModelShapes) -> ArchitectureToml:
    """As a recipe says it."""
    return ArchitectureToml(
        matrix_weights=shapes.matrix_weights,
        layers=shapes.layers,
        heads=shapes.heads,
        key_size=shapes.key_size,
        value_size=shapes.value_size,
        width=shapes.width,
        vocabulary=shapes.vocabulary,
        kv_heads=shapes.kv_heads,
        other_weights=shapes.other_weights,
        window_tokens=shapes.window_tokens,
    )


def source_toml(place: WeightSource) -> SourceToml:
    """As a recipe says it; folders and repositories are what recipes are made of."""
    if place.kind == "hub":
        return HubToml(place.repository, place.commit)
    return FolderToml(place.folder)
