"""The vLLM engine's entry point. Imports the library only when a model is opened."""

import importlib.util
from collections.abc import Callable
from typing import Final

from appliance.domain.shapes import ModelShapes
from appliance.engines.base import Embedder, Engine, EngineSpec, Runner, Vocabulary, unheard
from appliance.errors import CarrelError, ConfigInvalid, NotAvailable

_OPTIONS: Final = frozenset({"ray_address"})


class VllmPlugin:
    """Opens folders of safetensors. ``spec.model_path`` is the folder's ``config.json``."""

    def open_engine(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Engine:
        """Raises ``IntegrityFailed`` for a folder that is no model, ``ConfigInvalid`` without vLLM or a GPU,
        ``NotAvailable`` for vectors, ``DoesNotFit``.
        """
        _require(spec)
        _require_vllm()
        from appliance.engines.vllm.opening import open_engine  # noqa: PLC0415 - loads the library

        return open_engine(spec, on_progress)

    def open_runner(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Runner:  # noqa: ARG002
        """There is none: vLLM does not let anybody else plan its passes."""
        raise _no_part_of_it()

    def open_embedder(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> Embedder:  # noqa: ARG002
        """There is none."""
        raise _no_part_of_it()

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
    """What vLLM does not do here. Said before anything is loaded."""
    if unknown := set(spec.options) - _OPTIONS:
        raise ConfigInvalid(f"The vllm engine has no option {min(unknown)!r}.")
    if spec.options and not spec.networked:
        raise ConfigInvalid("A form that computes on several machines has to say `networked = true`.")
    if spec.pooling:
        raise NotAvailable("vLLM makes no vectors here. Choose a form of the model that runs on torch.")
    if spec.deterministic:
        raise ConfigInvalid("vLLM computes requests together; run this form without --deterministic.")


def _require_vllm() -> None:
    if importlib.util.find_spec("vllm") is None:
        raise ConfigInvalid(
            "This form runs on vLLM, which is not installed. It needs NVIDIA GPUs; `carrel help engines` "
            "says how to install it. Or choose a form of the model that runs on torch or llama.cpp."
        )


def _no_part_of_it() -> CarrelError:
    return NotAvailable("vLLM runs whole models only.")


plugin = VllmPlugin()
