"""An engine without a model: it keeps every contract, computes nothing, and fails when told to.

For tests of everything above an engine, and for trying Carrel out. ``options`` lists what can be set through
``EngineSpec.options``.
"""

from collections.abc import Callable
from time import sleep

from appliance.domain.shapes import ModelShapes
from appliance.engines.base import EngineSpec, unheard
from appliance.engines.fake.embedder import FakeEmbedder
from appliance.engines.fake.options import FakeOptions, read_options
from appliance.engines.fake.runner import ContractBreach, FakeRunner
from appliance.engines.fake.vocabulary import VOCABULARY_TOKENS, FakeVocabulary
from appliance.errors import ReplicaFailed

__all__ = [
    "ContractBreach",
    "FakeEmbedder",
    "FakeOptions",
    "FakePlugin",
    "FakeRunner",
    "FakeVocabulary",
    "plugin",
]


class FakePlugin:
    """Opens the fake parts; ``model_path`` is never read."""

    def open_runner(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> FakeRunner:
        """Raises ``ReplicaFailed`` where ``fail_load`` is set."""
        return FakeRunner(spec, _loaded(spec, on_progress))

    def open_embedder(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> FakeEmbedder:
        """Raises ``ReplicaFailed`` where ``fail_load`` is set."""
        return FakeEmbedder(spec, _loaded(spec, on_progress))

    def open_vocabulary(self, spec: EngineSpec) -> FakeVocabulary:
        """The byte vocabulary."""
        return FakeVocabulary(read_options(spec))

    def read_shapes(self, spec: EngineSpec) -> ModelShapes:  # noqa: ARG002 - the contract passes it
        """Fixed small sizes, so that costs in tests are round numbers."""
        return ModelShapes(
            matrix_weights=1_000_000,
            layers=2,
            heads=4,
            key_size=16,
            value_size=16,
            width=64,
            vocabulary=VOCABULARY_TOKENS,
        )


def _loaded(spec: EngineSpec, on_progress: Callable[[float], None]) -> FakeOptions:
    options = read_options(spec)
    for tenth in range(10):
        on_progress(tenth / 10)
        sleep(options.load_delay_ms / 10_000)
    if options.fail_load:
        raise ReplicaFailed("The fake engine was told not to load.")
    on_progress(1.0)
    return options


plugin = FakePlugin()
