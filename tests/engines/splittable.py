"""Tiny models whose heads can be shared by eight ranks, and passes over them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import torch

from appliance.engines.base import EngineSpec
from appliance.engines.hf_folder.folder import read_folder
from appliance.engines.torch.cells import choose_cells
from appliance.engines.torch.computing import Group, Pass
from appliance.engines.torch.model import TorchModel

TOKENS = tuple(b"Once upon a time, in a town.")
LLAMA_LIKE = frozenset({"llama", "mistral", "qwen2", "qwen3"})


def eight_heads(make: Callable, folder: Path, family: str) -> dict:
    """What of a spec opens such a model, made with ``make_tiny_safetensors``."""
    changes = {"num_key_value_heads": 8} if family in LLAMA_LIKE else {}
    files = make(folder, family=family, width=128, changes=changes)
    return {"engine": "torch", "model_path": str(folder / "config.json"), "files": files}


def whole(spec: EngineSpec) -> TorchModel:
    """The model in this process."""
    one = msgspec.structs.replace(spec, ranks=1)
    return TorchModel(read_folder(one), one, choose_cells(one), torch.device("cpu"))


def reading(tokens: Sequence[int], *, outputs: Sequence[int] | None = None) -> Pass:
    """A prompt in the first slot, from its first cell on."""
    rows = tuple(range(len(tokens)))
    return Pass(
        tuple(tokens),
        rows,
        rows,
        (Group(0, len(tokens), (0,)),),
        rows if outputs is None else tuple(outputs),
    )


def logprobs(logits: torch.Tensor) -> torch.Tensor:
    """Of every row. A copy: the logits are good until the next pass."""
    return torch.log_softmax(logits, -1)
