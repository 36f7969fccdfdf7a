"""What models run on: the engine's library, GPUs, and the files that come with Carrel."""

import importlib.util
from collections.abc import Callable, Sequence

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import load_catalog
from appliance.cli.checks.verdicts import fail, ok, warn
from appliance.domain.hardware import Gpu
from appliance.domain.results import Check
from appliance.errors import CarrelError
from appliance.weights.placing import folder_of
from appliance.weights.verifying import verify
from appliance.workers.hardware import gpus


def library(found: bool) -> Check:
    """llama.cpp, which runs every model so far. It is looked for, not loaded."""
    if found:
        return ok("engine", "llama.cpp is installed")
    return fail("engine", "llama-cpp-python is missing", "install Carrel again: bash packaging/install.sh")


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
    return [library(importlib.util.find_spec("llama_cpp") is not None), graphics(gpus), bundled()]
