"""The weights that a recipe's tokens are charged for follow from the configuration its model is published
with, family by family.
"""

from dataclasses import dataclass

import pytest

from tests.policy.shipped_shapes import RECIPES


@dataclass(frozen=True)
class Config:
    """As ``config.json`` has it. ``gated`` blocks have three matrices; experts each have ``inner``."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    inner: int
    head_size: int
    gated: bool = True
    experts: int = 0
    experts_used: int = 1

    @property
    def matrix_weights(self) -> int:
        queries, keys = self.heads * self.head_size, self.kv_heads * self.head_size
        attention = 2 * self.hidden * queries + 2 * self.hidden * keys
        block = (3 if self.gated else 2) * self.hidden * self.inner * self.experts_used
        return self.layers * (attention + block + self.hidden * self.experts)


PUBLISHED = {
    "bloom-176b": Config(14_336, 70, 112, 112, 4 * 14_336, 128, gated=False),
    "gpt-neox-20b": Config(6144, 44, 64, 64, 24_576, 96, gated=False),
    "opt-125m": Config(768, 12, 12, 12, 3072, 64, gated=False),
    "opt-175b": Config(12_288, 96, 96, 96, 49_152, 128, gated=False),
    "llama-3.2-3b-instruct": Config(3072, 28, 24, 8, 8192, 128),
    "llama-3.1-8b-instruct": Config(4096, 32, 32, 8, 14_336, 128),
    "llama-3.3-70b-instruct": Config(8192, 80, 64, 8, 28_672, 128),
    "bge-small-en-v1.5": Config(384, 12, 12, 12, 1536, 32, gated=False),
    "qwen2.5-0.5b-instruct": Config(896, 24, 14, 2, 4864, 64),
    "qwen3-8b": Config(4096, 36, 32, 8, 12_288, 128),
    "qwen3-32b": Config(5120, 64, 64, 8, 25_600, 128),
    "qwen3-30b-a3b": Config(2048, 48, 32, 4, 768, 128, experts=128, experts_used=8),
    "qwen3guard-gen-0.6b": Config(1024, 28, 16, 8, 3072, 128),
}


def test_every_recipe_that_says_its_sizes_is_looked_at():
    assert {one.id for one in RECIPES.values() if one.shapes and one.id != "handbook-tiny"} == set(PUBLISHED)


@pytest.mark.parametrize("model", PUBLISHED)
def test_its_weights_follow_from_its_published_configuration(model):
    shapes, published = RECIPES[model].shapes, PUBLISHED[model]
    assert shapes.matrix_weights == published.matrix_weights
    assert (shapes.layers, shapes.heads, shapes.kv_heads) == (
        published.layers,
        published.heads,
        published.kv_heads,
    )
    assert (shapes.key_size, shapes.value_size, shapes.width) == (
        published.head_size,
        published.head_size,
        published.hidden,
    )
