"""The torch engine's entry point. Imports torch and its companions only when weights are opened."""

import importlib.util
from collections.abc import Callable
from typing import Final

from appliance.domain.shapes import ModelShapes
from appliance.engines.base import Embedder, EngineSpec, Runner, Vocabulary, unheard
from appliance.errors import ConfigInvalid

_NEEDED: Final = ("torch", "transformers", "bitsandbytes", "tokenizers")


class TorchPlugin:
    """Opens folders of safetensors. ``spec.model_path`` is the folder's ``config.json``."""

    def open_runner(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Runner:
        """Raises ``IntegrityFailed`` for a folder that is no model, ``ConfigInvalid`` without the extra,
        ``DoesNotFit``.
        """
        _require(spec)
        from appliance.engines.torch.opening import open_runner  # noqa: PLC0415 - loads the library

        return open_runner(spec, on_progress)

    def open_embedder(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Embedder:
        """Raises as ``open_runner`` does."""
        _require(spec)
        from appliance.engines.torch.embedder import TorchEmbedder  # noqa: PLC0415 - loads the library

        return TorchEmbedder(spec, on_progress)

    def open_vocabulary(self, spec: EngineSpec) -> Vocabulary:
        """Raises ``IntegrityFailed`` for a folder without a usable ``tokenizer.json``."""
        _require(spec)
        from appliance.engines.hf_folder.vocabulary import open_vocabulary  # noqa: PLC0415 - loads the library

        return open_vocabulary(spec)

    def read_shapes(self, spec: EngineSpec) -> ModelShapes:
        """Looks at the whole folder. Raises ``IntegrityFailed`` with the reason for one that is not as it
        should be.
        """
        from appliance.engines.hf_folder.folder import read_folder  # noqa: PLC0415 - only this engine's need
        from appliance.engines.hf_folder.shapes import shapes_of  # noqa: PLC0415

        return shapes_of(read_folder(spec).architecture)


def _require(spec: EngineSpec) -> None:
    if spec.options:
        raise ConfigInvalid(f"The torch engine has no option {min(spec.options)!r}.")
    if not spec.precision:
        raise ConfigInvalid("The torch engine has to be told a precision; the recipe's form names one.")
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigInvalid(
            f"This form runs on torch, which is not installed ({', '.join(missing)} missing). Install it: "
            "`bash packaging/install.sh --with-torch`, or choose a form of the model for llama.cpp."
        )


plugin = TorchPlugin()
