"""Joins who looks at the box once a second."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.errors import StorageUnavailable
from appliance.services.downloads.downloads import DownloadService
from appliance.services.pulse.disk import DiskRoom
from appliance.services.pulse.ports import Room
from appliance.services.pulse.sampling import Sampler
from appliance.services.pulse.service import Machine, PulseService
from appliance.wiring.background import in_background
from appliance.wiring.building import Built
from appliance.workers.gpu_sampling import GpuSampler
from appliance.workers.host_load import HostLoad


@dataclass(frozen=True, slots=True)
class Pulsing:
    """``sampler`` looks at everything but the driver, which ``gpus`` asks."""

    service: PulseService
    sampler: Sampler
    gpus: GpuSampler


def pulsing(settings: Settings, built: Built, clock: Clock) -> Pulsing:
    """Nobody looks yet."""
    gpus, tally, queue = GpuSampler(clock=clock), built.work.tally, built.machine.queue
    sampler = Sampler(
        tally=tally, runs=built.work.generator.runs, queue=queue, host=HostLoad(), gpus=gpus, clock=clock
    )
    folder, downloads = settings.places.models_dir, built.downloads.service
    service = PulseService(
        sampler=sampler,
        tally=tally,
        queue=queue,
        models=built.machine.models,
        disk=DiskRoom(lambda: _room(folder, downloads), clock),
        machine=Machine(psutil.cpu_count() or 1, int(psutil.virtual_memory().total)),
        clock=clock,
    )
    return Pulsing(service, sampler, gpus)


@asynccontextmanager
async def beating(pulse: Pulsing, log: Log) -> AsyncIterator[None]:
    """Scope in which somebody looks."""
    pulse.gpus.start()
    try:
        async with in_background(pulse.sampler.run(), log):
            yield
    finally:
        await asyncio.to_thread(pulse.gpus.stop)


async def _room(folder: Path, downloads: DownloadService) -> Room:
    try:
        disk = await asyncio.to_thread(shutil.disk_usage, folder)
    except OSError as error:
        raise StorageUnavailable(
            f"The models' folder cannot be looked at ({error.strerror}); `carrel doctor` says more of it."
        ) from error
    return Room(disk.free, disk.total, await downloads.needed_bytes())
