"""What a GPU run needs, and what the planner says of its model before anything is started."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model_box import files_of

from appliance.domain.hardware import Gpu, Inventory
from appliance.engines.base import EngineSpec
from appliance.engines.plugins import find_plugin
from appliance.policy.placement import Kind, Placement, PlannedForm, Wishes, facts_of, plan
from appliance.policy.placement.machines import known_model
from appliance.policy.placement.room import usable
from appliance.policy.placement.step_time import step_s
from appliance.services.models.specification import BATCH_TOKENS

MOST_CONTEXT_TOKENS = 2**24
BUILD = (
    "bash packaging/install.sh --build-wheel build/cuda && "
    ".venv/bin/pip install --force-reinstall --no-deps build/cuda/llama_cpp_python-*.whl"
)
"""The installer builds with CUDA by itself where `nvidia-smi` shows a GPU and the compiler is there."""
TORCH = "bash packaging/install.sh --with-torch"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How the model runs. ``context_tokens`` is of one request."""

    seats: int
    context_tokens: int

    def wishes(self, gpus: tuple[int, ...], replicas: int = 1) -> Wishes:
        """On these GPUs and nowhere else."""
        return Wishes(
            seats=self.seats,
            context_tokens=self.context_tokens,
            replicas=replicas,
            gpus=gpus,
            batch_tokens=max(BATCH_TOKENS, self.seats),
        )


def missing(gpus: Sequence[Gpu], *, engine_has_gpu: bool, engine: str = "llama_cpp") -> str | None:
    """A sentence that says why nothing can be checked here and what would change it, or None."""
    if not gpus:
        return "The NVIDIA driver shows no GPU here (`nvidia-smi` must list one): nothing was checked."
    if not engine_has_gpu and engine == "torch":
        return f"torch is not here in a build for CUDA: nothing was checked. `{TORCH}` brings it."
    if not engine_has_gpu:
        return (
            "llama.cpp was built without CUDA here: nothing was checked. With nvcc installed "
            f"(nvidia-cuda-toolkit, or NVIDIA's toolkit), build it from the repository's root: {BUILD}"
        )
    faulty = [f"GPU {gpu.index}: {fault}" for gpu in gpus for fault in gpu.faults]
    if all(gpu.faults for gpu in gpus):
        return f"No GPU here is sound: nothing was checked. {' '.join(faulty)}"
    return None


def best_gpus(machine: Inventory, only: tuple[int, ...] | None, engine: str = "llama_cpp") -> tuple[int, ...]:
    """Sound GPUs, the one with the most room first."""
    return tuple(gpu.index for gpu in usable(machine, Wishes(1, 1, gpus=only), engine))


def form_of(model: Path, engine: str, precision: str) -> PlannedForm:
    """From the header of a GGUF file, or a folder of safetensors. Raises ``IntegrityFailed``."""
    first, *others = files_of(model)
    spec = EngineSpec(
        engine=engine,
        model_path=str(first),
        context_tokens=16,
        kv_tokens=16,
        max_sequences=1,
        files=tuple(path.name for path in (first, *others)),
        precision=precision,
    )
    shapes = find_plugin(engine).read_shapes(spec)
    size_bytes = sum(path.stat().st_size for path in (first, *others))
    return PlannedForm(facts_of(shapes, size_bytes, precision), engine, precision)


def split_plan(form: PlannedForm, sizes: Sizes, machine: Inventory, gpus: tuple[int, int]) -> Sizes | None:
    """The same with the shortest context for which one GPU is too small, so that two must share the model.

    None where that does not fit on two either.
    """
    low, high = sizes.context_tokens, MOST_CONTEXT_TOKENS
    while low < high:
        middle = (low + high) // 2
        if _kind(form, replace(sizes, context_tokens=middle), machine, gpus) is Kind.GPU:
            low = middle + 1
        else:
            high = middle
    found = replace(sizes, context_tokens=low)
    return found if _kind(form, found, machine, gpus) is Kind.SPLIT else None


def _kind(form: PlannedForm, sizes: Sizes, machine: Inventory, gpus: tuple[int, ...]) -> Kind:
    return plan(form, sizes.wishes(gpus), machine).kind


def estimates(
    form: PlannedForm, placement: Placement, machine: Inventory, levels: Sequence[int]
) -> dict[int, float]:
    """The planner's tokens a second by streams of one replica; empty where it does not know the GPUs."""
    speeds = {gpu.index: known_model(gpu.name, gpu.memory_total_bytes) for gpu in machine.gpus}
    replica = placement.replicas[0]
    known = {gpu: speed for gpu in replica.gpus if (speed := speeds[gpu]) is not None}
    if len(known) < len(replica.gpus):
        return {}
    return {
        level: level / step_s(form, replica, known, seats=level, kv_tokens=level * placement.context_tokens)
        for level in levels
    }
