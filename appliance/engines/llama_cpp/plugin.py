"""The llama.cpp engine's entry point. Imports the library only when a part is opened."""

from collections.abc import Callable

from appliance.domain.shapes import ModelShapes
from appliance.engines.base import Embedder, EngineSpec, Runner, Vocabulary, unheard
from appliance.errors import ConfigInvalid


class LlamaCppPlugin:
    """Opens GGUF files."""

    def open_runner(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Runner:
        """Raises ``IntegrityFailed`` for a file that is no model, ``DoesNotFit`` for too large a KV cache."""
        from appliance.engines.llama_cpp.runner import LlamaCppRunner  # noqa: PLC0415 - loads the library

        _refuse_options(spec)
        return LlamaCppRunner(spec, on_progress)

    def open_embedder(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Embedder:
        """Raises ``IntegrityFailed`` for a file that is no model, ``DoesNotFit`` for too long a context."""
        from appliance.engines.llama_cpp.embedder import LlamaCppEmbedder  # noqa: PLC0415 - loads the library

        _refuse_options(spec)
        return LlamaCppEmbedder(spec, on_progress)

    def open_vocabulary(self, spec: EngineSpec) -> Vocabulary:
        """Raises ``IntegrityFailed`` for a file that is no model."""
        from appliance.engines.llama_cpp.vocabulary import LlamaCppVocabulary  # noqa: PLC0415 - loads the library

        _refuse_options(spec)
        return LlamaCppVocabulary(spec.model_path)

    def read_shapes(self, spec: EngineSpec) -> ModelShapes:
        """Raises ``IntegrityFailed`` for a file whose header makes no sense."""
        from appliance.engines.llama_cpp.shapes import read_shapes  # noqa: PLC0415 - loads numpy

        return read_shapes(spec.model_path)


def _refuse_options(spec: EngineSpec) -> None:
    if spec.options:
        raise ConfigInvalid(f"The llama_cpp engine has no option {min(spec.options)!r}.")


plugin = LlamaCppPlugin()
