"""The one ``Engine`` over any ``Embedder``."""

from appliance.engines.embedding.engine import EmbeddingEngine

__all__ = ["EmbeddingEngine"]
