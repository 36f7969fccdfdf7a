"""The link between ranks: torch.distributed over the loopback interface (gloo), or between GPUs (NCCL).

Ranks find each other through a file that has no name, only a descriptor that they inherit: nobody else can
open it, and nothing of it is left behind.
"""

import os
from datetime import timedelta
from typing import Any, Final

import torch
from torch import Tensor
from torch.distributed import FileStore, GatherOptions, ProcessGroupGloo  # type: ignore[attr-defined]

from appliance.engines.torch.ranks.parts import bounds

_LOOPBACK: Final = "lo"
_LONGEST: Final = timedelta(hours=1)
"""Of one pass. The gateway ends a group that hangs long before."""


def make_meeting_place() -> int:
    """A descriptor to inherit."""
    return os.memfd_create("ranks", os.MFD_CLOEXEC)


class MeetingRanks:
    """``Link`` over processes; of no use before ``meet``."""

    def __init__(self, rank: int, size: int) -> None:
        self._rank = rank
        self._size = size
        self._group: Any = None

    def meet(self, place: int, device: torch.device) -> None:
        """Returns when all ranks are here."""
        store = FileStore(f"/proc/self/fd/{place}", self._size)
        self._group = self._gloo(store) if device.type == "cpu" else self._nccl(store)
        # NCCL connects at the first call.
        self.sum(torch.zeros(1, device=device))

    def sum(self, tensor: Tensor) -> Tensor:
        """See ``Link``."""
        self._backend.allreduce([tensor]).wait()
        return tensor

    def gather(self, own: Tensor, total: int) -> Tensor | None:
        """Columns of all ranks beside each other, ``(rows, total)``, at rank 0. This rank's are ``own``, its
        share of ``total`` by ``bounds``.
        """
        shares = [bounds(total, rank, self._size) for rank in range(self._size)]
        widest = max(stop - start for start, stop in shares)
        filled = torch.nn.functional.pad(own, (0, widest - own.shape[1])).contiguous()
        options = GatherOptions()
        options.rootRank = 0
        found = [torch.empty_like(filled) for _ in shares] if self._rank == 0 else []
        self._backend.gather([found] if found else [], [filled], options).wait()
        if self._rank:
            return None
        sizes = [stop - start for start, stop in shares]
        return torch.cat([one[:, :size] for one, size in zip(found, sizes, strict=True)], dim=1)

    def part(self) -> None:
        """No more of it."""
        self._group = None

    @property
    def _backend(self) -> Any:  # noqa: ANN401 - torch's stubs have no collectives
        if self._group is None:
            raise RuntimeError("the ranks have not met")
        return self._group

    def _gloo(self, store: FileStore) -> ProcessGroupGloo:
        options = ProcessGroupGloo._Options()  # type: ignore[attr-defined]  # noqa: SLF001 - its only name
        # Otherwise it looks up the name of the machine, and may listen on another interface.
        options._devices = [ProcessGroupGloo.create_device(interface=_LOOPBACK)]  # noqa: SLF001
        options._threads = 1  # noqa: SLF001
        options._timeout = _LONGEST  # noqa: SLF001
        return ProcessGroupGloo(store, self._rank, self._size, options)

    def _nccl(self, store: FileStore) -> object:
        from torch.distributed import ProcessGroupNCCL  # noqa: PLC0415 - only in builds for CUDA

        options = ProcessGroupNCCL.Options()
        options.global_ranks_in_group = list(range(self._size))
        options._timeout = _LONGEST  # noqa: SLF001
        return ProcessGroupNCCL(store, self._rank, self._size, options)
