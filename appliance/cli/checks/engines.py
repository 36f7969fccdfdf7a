"""What models run on: the engines' libraries, GPUs, and the files that come with Carrel."""

from collections.abc import Callable, Sequence
from typing import Final

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import load_catalog
from appliance.cli.checks.verdicts import fail, ok, warn
from appliance.domain.hardware import Gpu
from appliance.domain.results import Check
from appliance.engines.installed import PACKAGES, InstalledEngine, look_for
from appliance.errors import CarrelError
from appliance.weights.placing import folder_of
from appliance.weights.verifying import verify
from appliance.workers.hardware import gpus


def libraries(found: Sequence[InstalledEngine], *, gpus: int) -> Check:
    """Which engines there are, and whether their builds know the GPUs. They are looked for, not loaded."""
    by_name = {one.name: one for one in found}
    if not by_name["llama_cpp"].complete:
        return fail(
            "engines", "llama-cpp-python is missing", "install Carrel again: bash packaging/install.sh"
        )
    torch = by_name["torch"]
    if torch.version and not torch.complete:
        return warn("engines", f"of torch's engine {', '.join(torch.missing)} is missing", _WITH_TORCH)
    reason = "; ".join(_in_words(one) for one in found)
    blind = [_NAMES[one.name] for one in found if one.complete and not one.cuda]
    if gpus and blind:
        return warn("engines", f"{reason}. GPUs are not used by {' and '.join(blind)}", _FOR_GPUS)
    return ok("engines", reason)


_NAMES: Final = {"llama_cpp": "llama.cpp", "torch": "torch", "vllm": "vLLM"}
_WITH_TORCH: Final = "bash packaging/install.sh --with-torch"
_FOR_GPUS: Final = "bash packaging/install.sh, without --cpu, with nvcc in PATH for llama.cpp"


def _in_words(one: InstalledEngine) -> str:
    name = _NAMES[one.name]
    if one.complete:
        return f"{name} {one.version} for {'CUDA' if one.cuda else 'the processor'}"
    if one.name == "torch":
        return f"no torch, which models in full precision need ({_WITH_TORCH})"
    return f"no {name}"


def graphics(ask: Callable[[], Sequence[Gpu]]) -> Check:
    """GPUs that answer; none is fine."""
    try:
        found = ask()
    except CarrelError as error:
        return warn("gpus", error.message, "nvidia-smi")
    if not found:
        return ok("gpus", "no NVIDIA GPU; models run on the processor")
    broken = [f"GPU {gpu.index}: {fault}" for gpu in found for fault in gpu.faults]
    if broken:
        return warn("gpus", " ".join(broken), "carrel gpu list")
    return ok("gpus", f"{len(found)} × {found[0].name}, driver {found[0].driver}")


def bundled() -> Check:
    """The demo model, every byte of it: it proves the box where nothing else is there to serve."""
    folder = recipes_folder()
    try:
        recipe, form = load_catalog(folder).find("handbook-tiny")
        place = folder_of(recipe, form, models_dir=folder, bundled=folder)
        if place is None:
            return warn("demo_model", "the files of the demo model are missing", "install Carrel again")
        verify(form.files, place)
    except CarrelError as error:
        return warn("demo_model", error.message, "install Carrel again")
    return ok("demo_model", "the bundled demo model is whole")


def look() -> list[Check]:
    """All of them."""
    return [libraries([look_for(name) for name in PACKAGES], gpus=_count()), graphics(gpus), bundled()]


def _count() -> int:
    try:
        return len(gpus())
    except CarrelError:
        return 0
