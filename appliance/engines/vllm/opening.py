"""Opens a model in vLLM: what is refused before, what vLLM is told, and what is measured after."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from appliance.engines.base import EngineFacts, EngineSpec
from appliance.engines.hf_folder.folder import read_folder
from appliance.engines.hf_folder.vocabulary import open_vocabulary
from appliance.engines.vllm.engine import VllmEngine
from appliance.engines.vllm.environment import put, variables
from appliance.engines.vllm.library import Library, load_library
from appliance.engines.vllm.placing import (
    AttentionSizes,
    Layout,
    cache_bytes_per_gpu,
    layout_on,
    machines_of,
)
from appliance.engines.vllm.private_folder import private_folder
from appliance.errors import ConfigInvalid, DoesNotFit

_MOST_TOLD: Final = 64
"""As ``engines.work.TopCount``."""
_STARTUP_PART: Final = 0.01
"""Of a GPU's memory that vLLM wants free before it begins: how much it takes is told in bytes."""
_WARM_TOKENS: Final = 4


def open_engine(spec: EngineSpec, on_progress: Callable[[float], None]) -> VllmEngine:
    """Raises ``IntegrityFailed``, ``ConfigInvalid``, ``DoesNotFit``."""
    put(variables(private_folder(), networked=spec.networked))
    architecture = read_folder(spec).architecture
    sizes = AttentionSizes(
        architecture.layers, architecture.heads, architecture.kv_heads, architecture.head_size
    )
    vocabulary = open_vocabulary(spec)
    library = load_library()
    layout = layout_on(*_gpus(spec), sizes)
    cache_bytes = cache_bytes_per_gpu(spec, sizes, layout)
    on_progress(0.0)
    native = _open(library, spec, layout, cache_bytes)
    facts = EngineFacts(
        engine_build=f"vllm-{library.version}",
        context_tokens=spec.context_tokens,
        kv_tokens=_kv_tokens(native, spec),
        max_sequences=spec.max_sequences,
        batch_tokens=spec.batch_tokens,
        vocabulary=vocabulary.size,
        token_ms=token_ms(native, library),
        cache_bytes=cache_bytes * layout.tensor * layout.pipeline,
    )
    on_progress(1.0)
    return VllmEngine(native, library, vocabulary, facts)


def engine_arguments(library: Library, spec: EngineSpec, layout: Layout, cache_bytes: int) -> object:
    """``EngineArgs``: safetensors only, no code and no defaults from the folder, a scheduler that steps when
    it is told to. Nothing is compiled: kernels that vLLM would make need a folder to execute code from, which
    a worker does not have.
    """
    folder = str(Path(spec.model_path).parent)
    return library.engine_args(
        model=folder,
        tokenizer=folder,
        trust_remote_code=False,
        load_format="safetensors",
        generation_config="vllm",
        dtype=spec.precision,
        max_model_len=spec.context_tokens,
        max_num_seqs=spec.max_sequences,
        max_num_batched_tokens=max(spec.batch_tokens, spec.max_sequences),
        enable_chunked_prefill=True,
        enable_prefix_caching=True,
        kv_cache_memory_bytes=cache_bytes,
        gpu_memory_utilization=_STARTUP_PART,
        tensor_parallel_size=layout.tensor,
        pipeline_parallel_size=layout.pipeline,
        distributed_executor_backend=_backend(spec, layout),
        scheduling_policy="priority",
        async_scheduling=False,
        structured_outputs_config={"backend": "guidance"},
        max_logprobs=_MOST_TOLD,
        logprobs_mode="raw_logprobs",
        enforce_eager=True,
        disable_log_stats=True,
        use_tqdm_on_load=False,
        seed=0,
    )


def token_ms(native: Any, library: Library) -> float:  # noqa: ANN401 - as ``Library.open_engine`` has it
    """What a pass over one token takes, the last of a few: the first ones make what later ones use."""
    parameters = library.sampling_params(
        temperature=0.0,
        max_tokens=_WARM_TOKENS,
        ignore_eos=True,
        detokenize=False,
        output_kind=library.deltas,
    )
    native.add_request("warm", {"prompt_token_ids": [0], "cache_salt": "warm"}, parameters)
    took_ms = 0.0
    while native.has_unfinished_requests():
        started_s = perf_counter()
        native.step()
        took_ms = (perf_counter() - started_s) * 1000
    return took_ms


def _open(library: Library, spec: EngineSpec, layout: Layout, cache_bytes: int) -> Any:  # noqa: ANN401
    import torch  # noqa: PLC0415 - loads the library

    try:
        return library.open_engine(engine_arguments(library, spec, layout, cache_bytes))
    except torch.OutOfMemoryError as error:
        raise DoesNotFit(
            "The GPUs have not enough memory for the model. Run it with fewer seats or a shorter context."
        ) from error


def _kv_tokens(native: Any, spec: EngineSpec) -> int:  # noqa: ANN401
    cache = native.vllm_config.cache_config
    if (cache.num_gpu_blocks or 0) * cache.block_size < spec.kv_tokens:
        raise DoesNotFit("vLLM made a smaller KV cache than was asked for. Run the model with fewer seats.")
    return spec.kv_tokens


def _backend(spec: EngineSpec, layout: Layout) -> str:
    if "ray_address" in spec.options:
        return "ray"
    return "uni" if layout == Layout(1, 1) else "mp"


def _gpus(spec: EngineSpec) -> tuple[int, int]:
    """GPUs of each machine, and machines."""
    if address := spec.options.get("ray_address"):
        import ray  # noqa: PLC0415 - only with a cluster

        ray.init(address=address, log_to_driver=False, configure_logging=False)
        return machines_of(ray.nodes())
    import torch  # noqa: PLC0415 - loads the library

    if not (count := torch.cuda.device_count()):
        raise ConfigInvalid("vLLM computes on NVIDIA GPUs only, and this model was placed on none.")
    return count, 1
