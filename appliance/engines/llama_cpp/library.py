"""What every user of the native library needs first: a silent log, an opened file, the build's name.

llama.cpp writes to stderr by default, prompts and paths included at some levels, so its log is thrown away.
"""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, Final

import llama_cpp
from llama_cpp import llama_cpp as native

from appliance.engines.base import EngineSpec
from appliance.errors import IntegrityFailed

ENGINE_BUILD: Final = f"llama.cpp-{llama_cpp.__version__}"

Pointer = Any
"""An address in the native library; ctypes has no type for it that survives a call."""

_SPLIT_MODES: Final = {
    "none": native.LLAMA_SPLIT_MODE_NONE,
    "layer": native.LLAMA_SPLIT_MODE_LAYER,
    "row": native.LLAMA_SPLIT_MODE_ROW,
}


@native.llama_log_callback  # type: ignore[untyped-decorator]
def _discard(level: int, text: bytes, user_data: Pointer) -> None:
    """Stays a module global: the library keeps calling it after this module is done."""


native.llama_log_set(_discard, None)
native.llama_backend_init()


def load_vocabulary(path: str) -> Pointer:
    """Open a GGUF file without its weights. Raises ``IntegrityFailed``."""
    params = native.llama_model_default_params()
    params.vocab_only = True
    return _load(path, params)


def load_model(spec: EngineSpec, on_progress: Callable[[float], None]) -> Pointer:
    """Open a GGUF file, telling ``on_progress`` the part that is done. Raises ``IntegrityFailed``."""
    params = native.llama_model_default_params()
    params.n_gpu_layers = spec.gpu_layers
    params.split_mode = _SPLIT_MODES[spec.split]
    # Kept until the model is loaded: the library reads it from here.
    proportions = split_proportions(spec.split_layers)
    if proportions is not None:
        params.tensor_split = proportions

    @native.llama_progress_callback  # type: ignore[untyped-decorator]
    def tell(part: float, user_data: Pointer) -> bool:  # noqa: ARG001 - as the library calls it
        on_progress(part)
        return True

    params.progress_callback = tell
    return _load(spec.model_path, params)


def split_proportions(layers: Sequence[int]) -> "ctypes.Array[ctypes.c_float] | None":
    """What makes llama.cpp put so many layers on each GPU, None where it shall divide them itself.

    It counts the output as one layer more, behind all others (``load_tensors`` in its llama-model.cpp).
    """
    if len(layers) < 2:
        return None
    shares = [*layers[:-1], layers[-1] + 1]
    places: int = max(len(shares), native.llama_max_devices())
    return (ctypes.c_float * places)(*shares)


def _load(path: str, params: Pointer) -> Pointer:
    model = native.llama_model_load_from_file(path.encode(), params)
    if not model:
        raise IntegrityFailed(
            "llama.cpp could not open the model's file: it is damaged, or of an unknown kind."
        )
    return model


def has_whole_caches(model: Pointer) -> bool:
    """True where every position of a sequence stays in the cache by itself, to be cut back to or copied.

    Not so for recurrent states, nor for sliding windows, whose cells are used again.
    """
    return not (
        native.llama_model_is_recurrent(model)
        or native.llama_model_is_hybrid(model)
        or native.llama_model_n_swa(model)
    )


def end_tokens(vocabulary: Pointer) -> frozenset[int]:
    """Every token that the file marks as ending a text or a turn."""
    tokens = range(native.llama_vocab_n_tokens(vocabulary))
    return frozenset(token for token in tokens if native.llama_vocab_is_eog(vocabulary, token))


def piece(vocabulary: Pointer, token: int, *, special: bool = False) -> bytes:
    """The bytes a token stands for; empty for control tokens, unless their names are asked for."""
    size = 64
    while True:
        buffer = ctypes.create_string_buffer(size)
        written = native.llama_token_to_piece(vocabulary, token, buffer, size, 0, special)
        if written >= 0:
            return bytes(buffer.raw[:written])
        size = -written
