"""What vLLM and its companions read from the environment of their process, and from nothing else."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_ALWAYS: Final[Mapping[str, str]] = {
    # Its scheduler in this process: a step is a step, and who is killed is gone.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
    # Code that other installed packages offer.
    "VLLM_PLUGINS": "",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_DO_NOT_TRACK": "1",
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # What it logs below an error may be of a request.
    "VLLM_LOGGING_LEVEL": "ERROR",
    "TOKENIZERS_PARALLELISM": "false",
}
_LOOPBACK: Final[Mapping[str, str]] = {
    "VLLM_HOST_IP": "127.0.0.1",
    "GLOO_SOCKET_IFNAME": "lo",
    "NCCL_SOCKET_IFNAME": "lo",
}
_FOLDERS: Final = (
    *("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "VLLM_CACHE_ROOT", "VLLM_CONFIG_ROOT"),
    *("VLLM_RPC_BASE_PATH", "TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "HF_HOME"),
    *("FLASHINFER_WORKSPACE_BASE", "NUMBA_CACHE_DIR", "CUDA_CACHE_PATH"),
)


def variables(folder: Path, *, networked: bool) -> Mapping[str, str]:
    """All of them; ``folder`` is where they may write."""
    places = dict.fromkeys(_FOLDERS, str(folder))
    return {**_ALWAYS, **places, **({} if networked else _LOOPBACK)}


def put(values: Mapping[str, str]) -> None:
    """Into this process's environment, before the libraries are imported."""
    os.environ.update(values)  # noqa: TID251 - the libraries have no other way to be told
