"""Joins the parts that know this machine's hardware: what may be used, and whether a model fits."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from appliance.catalog.live import LiveCatalog
from appliance.config import Settings
from appliance.domain.recipe import RecipeForm
from appliance.domain.shapes import ModelShapes
from appliance.engines.base import EngineSpec
from appliance.engines.installed import PACKAGES, look_for, missing_of
from appliance.engines.plugins import find_plugin
from appliance.policy.placement import parse_gpu_numbers
from appliance.services.fitting import FittingService
from appliance.services.hardware import HardwareService, Residents
from appliance.store.measurements import MeasurementTable
from appliance.store.released_gpus import ReleasedGpuTable
from appliance.wiring.model_files import ModelFiles
from appliance.workers.hardware import inventory
from appliance.workers.xid_events import XidEvents


def hardware_service(
    settings: Settings, released: ReleasedGpuTable, residents: Callable[[], Residents], xids: XidEvents
) -> HardwareService:
    """``residents`` is asked for each time, since the models are joined later."""
    return HardwareService(
        look=lambda own_pids: xids.marked(inventory(own_pids)),
        released=released,
        residents=residents,
        settings_allow=parse_gpu_numbers(settings.gpus),
        engines=engines_here(),
    )


def fitting_service(
    settings: Settings,
    catalog: LiveCatalog,
    files: ModelFiles,
    machine: HardwareService,
    weighed: MeasurementTable,
) -> FittingService:
    """Whether a model fits."""
    return FittingService(
        catalog=catalog,
        folders=files,
        machine=machine,
        read_shapes=read_shapes,
        gpu_layers=settings.gpu_layers,
        weighed=weighed,
        why_not=why_not,
    )


def read_shapes(form: RecipeForm, folder: Path) -> ModelShapes:
    """The sizes in a model's own file, by its engine; loads no model library. Raises ``IntegrityFailed``."""
    spec = EngineSpec(
        engine=form.engine,
        model_path=str(folder / form.files[0].name),
        context_tokens=16,
        kv_tokens=16,
        max_sequences=1,
        files=tuple(file.name for file in form.files),
        precision=form.precision,
    )
    return find_plugin(form.engine).read_shapes(spec)


def has_cuda_engine(engine: str = "llama_cpp") -> bool:
    """Whether an engine is installed in a build that can use GPUs."""
    return look_for(engine).cuda


def engines_here() -> Mapping[str, bool]:
    """The engines that are installed, each with whether its build can use GPUs."""
    found = (look_for(name) for name in PACKAGES)
    return {one.name: one.cuda for one in found if one.complete}


def why_not(engine: str) -> str | None:
    """Why an engine cannot run here and what to do, None where it can."""
    if engine not in PACKAGES or not (missing := missing_of(engine)):
        return None
    return f"It runs on {engine}, which is not installed ({', '.join(missing)} missing). {_NEXT_STEP[engine]}"


_NEXT_STEP: Final[Mapping[str, str]] = {
    "llama_cpp": "Install Carrel again: `bash packaging/install.sh`.",
    "torch": (
        "Install it with `bash packaging/install.sh --with-torch`, or choose a form of the model that runs "
        "on llama.cpp."
    ),
    "vllm": "It needs NVIDIA GPUs; `carrel help engines` says how to install it.",
}
