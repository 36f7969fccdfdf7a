"""Drawing from logits of our own making, with llama.cpp's samplers or without."""

import ctypes
from typing import Final

import numpy as np
from llama_cpp import llama_cpp as native

from appliance.engines.llama_cpp.library import Pointer
from appliance.engines.logits.rows import Rows, TokenRow

_CANDIDATE: Final = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""``llama_token_data``."""


def drawn(chain: Pointer | None, tokens: TokenRow, logits: Rows) -> int:
    """One of ``tokens``, whose logits these are: as the sampler chain draws it, without one the most
    probable.
    """
    if not chain:
        return int(tokens[logits.argmax()])
    candidates = np.zeros(len(tokens), _CANDIDATE)
    candidates["id"] = tokens
    candidates["logit"] = logits
    data = ctypes.cast(candidates.ctypes.data, ctypes.POINTER(native.llama_token_data))
    array = native.llama_token_data_array(data=data, size=len(tokens), selected=-1, sorted=False)
    native.llama_sampler_apply(chain, ctypes.byref(array))
    return int(array.data[array.selected].id)
