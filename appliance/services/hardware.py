"""The machine as Carrel may use it: ``gpu list|release|take``, and what planning counts on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

import msgspec

from appliance.domain.hardware import Gpu, Inventory
from appliance.domain.results import GpuList, GpuProcessStatus, GpuStatus, Result
from appliance.errors import NotFound

Look = Callable[[frozenset[int]], Inventory]
"""Asks the driver; blocking. It is told which processes are ours. Raises ``NotReady``."""


_NAMES: Final = {"llama_cpp": "llama.cpp", "torch": "torch", "vllm": "vLLM"}


def _blind(engines: Iterable[str]) -> str:
    names = " and ".join(_NAMES.get(one, one) for one in sorted(engines))
    return f"{names}: built without CUDA here, so models of it run on the processor; see `carrel doctor`."


class ReleasedGpus(Protocol):
    """Which GPUs were released: survives a restart."""

    async def all(self) -> frozenset[int]:
        """Their numbers."""
        ...

    async def add(self, gpu: int) -> None:
        """Remember; adding twice is adding."""
        ...

    async def remove(self, gpu: int) -> None:
        """Forget; unknown numbers are fine."""
        ...


class Residents(Protocol):
    """Which models run where."""

    def models_on(self, gpu: int) -> Sequence[str]:
        """Models with a replica on that GPU."""
        ...

    def worker_pids(self) -> frozenset[int]:
        """Carrel's own worker processes."""
        ...


class HardwareService:
    """``settings_allow`` are the GPUs of the setting ``gpus``, None for all. ``engines`` are those that are
    installed, each with whether its build can use GPUs.
    """

    def __init__(
        self,
        *,
        look: Look,
        released: ReleasedGpus,
        residents: Callable[[], Residents],
        settings_allow: Sequence[int] | None,
        engines: Mapping[str, bool],
    ) -> None:
        self._look: Final = look
        self._released: Final = released
        self._residents: Final = residents
        self._settings_allow: Final = settings_allow
        self._processor_engines: Final = frozenset(name for name, on_gpus in engines.items() if not on_gpus)
        self._any_engine_has_gpu: Final = any(engines.values())

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"gpu.list": self.list_gpus, "gpu.release": self.release, "gpu.take": self.take}

    async def inventory(self) -> Inventory:
        """As it is now; GPUs that Carrel must leave alone are marked. Raises ``NotReady``."""
        found = await asyncio.to_thread(self._look, self._residents().worker_pids())
        released = await self._released.all()
        return replace(
            found,
            processor_engines=self._processor_engines,
            gpus=tuple(
                replace(gpu, allowed=self._state(gpu, released) in {"ok", "broken"}) for gpu in found.gpus
            ),
        )

    async def list_gpus(self) -> GpuList:
        """``gpu list``."""
        found = await self._list("")
        if not found.gpus or not self._processor_engines:
            return found
        return msgspec.structs.replace(found, note=_blind(self._processor_engines))

    async def release(self, *, gpu: int) -> GpuList:
        """``gpu release``. What runs there goes on. Raises ``NotFound``."""
        await self._known(gpu)
        await self._released.add(gpu)
        models = sorted(set(self._residents().models_on(gpu)))
        if not models:
            return await self._list(f"GPU {gpu} is released; nothing of Carrel runs on it.")
        stops = " and ".join(f"`carrel model stop {model}`" for model in models)
        return await self._list(f"GPU {gpu} is released, but {', '.join(models)} still runs on it: {stops}.")

    async def take(self, *, gpu: int) -> GpuList:
        """``gpu take``. Raises ``NotFound``."""
        await self._known(gpu)
        await self._released.remove(gpu)
        return await self._list(f"Models may be placed on GPU {gpu} again, unless the list says otherwise.")

    async def _known(self, gpu: int) -> None:
        numbers = [one.index for one in (await self.inventory()).gpus]
        if gpu not in numbers:
            raise NotFound(f"There is no GPU {gpu}; `carrel gpu list` shows those that there are.")

    async def _list(self, note: str) -> GpuList:
        found, released = await self.inventory(), await self._released.all()
        return GpuList(
            gpus=tuple(self._status(gpu, released) for gpu in found.gpus),
            memory_total_bytes=found.memory_total_bytes,
            memory_available_bytes=found.memory_available_bytes,
            cores=found.cores,
            note=note,
        )

    def _status(self, gpu: Gpu, released: frozenset[int]) -> GpuStatus:
        return GpuStatus(
            index=gpu.index,
            name=gpu.name,
            state=self._state(gpu, released),
            memory_total_bytes=gpu.memory_total_bytes,
            memory_free_bytes=gpu.memory_free_bytes,
            driver=gpu.driver,
            uuid=gpu.uuid,
            faults=gpu.faults,
            models=tuple(sorted(set(self._residents().models_on(gpu.index)))),
            processes=tuple(
                GpuProcessStatus(
                    pid=one.pid, name=one.name, memory_bytes=one.memory_bytes, ours=one.ours, user=one.user
                )
                for one in gpu.processes
            ),
            temperature_c=gpu.gauges.temperature_c,
            power_w=gpu.gauges.power_w,
            limit_w=gpu.gauges.limit_w,
            utilization_percent=gpu.gauges.utilization_percent,
            ecc_errors=gpu.gauges.ecc_errors,
        )

    def _state(self, gpu: Gpu, released: frozenset[int]) -> str:
        if not self._any_engine_has_gpu:
            return "no_engine"
        if self._settings_allow is not None and gpu.index not in self._settings_allow:
            return "not_allowed"
        if gpu.index in released:
            return "released"
        return "broken" if gpu.faults else "ok"
