"""Joins the parts that know this machine's hardware: what may be used, and whether a model fits."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

from appliance.catalog.recipes import Catalog
from appliance.config import Settings
from appliance.domain.model import ModelShapes
from appliance.domain.recipe import RecipeForm
from appliance.engines.base import EngineSpec
from appliance.engines.plugins import find_plugin
from appliance.policy.placement import parse_gpu_numbers
from appliance.services.fitting import FittingService
from appliance.services.hardware import HardwareService, Residents
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
        engine_has_gpu=has_cuda_engine(),
    )


def fitting_service(
    settings: Settings, catalog: Catalog, files: ModelFiles, machine: HardwareService
) -> FittingService:
    """Whether a model fits."""
    return FittingService(
        catalog=catalog,
        folders=files,
        machine=machine,
        read_shapes=read_shapes,
        gpu_layers=settings.gpu_layers,
    )


def read_shapes(form: RecipeForm, folder: Path) -> ModelShapes:
    """The sizes in a model's own file, by its engine; loads no model library. Raises ``IntegrityFailed``."""
    spec = EngineSpec(
        engine=form.engine,
        model_path=str(folder / form.files[0].name),
        context_tokens=16,
        kv_tokens=16,
        max_sequences=1,
    )
    return find_plugin(form.engine).read_shapes(spec)


def has_cuda_engine() -> bool:
    """Whether llama.cpp was built with CUDA: looked for on the disk, since the gateway never loads it."""
    found = importlib.util.find_spec("llama_cpp")
    if found is None or found.origin is None:
        return False
    return any((Path(found.origin).parent / "lib").glob("libggml-cuda*"))
