"""A model over several processes, as one ``Computer``."""

import os
from collections.abc import Callable, Sequence

from torch import Tensor

from appliance.engines.base import EngineSpec, unheard
from appliance.engines.torch.computing import Pass
from appliance.engines.torch.ranks.children import Children
from appliance.engines.torch.ranks.frames import Close, Compute, Copy, Gone, Meet
from appliance.engines.torch.ranks.meeting import make_meeting_place
from appliance.engines.torch.ranks.member import Member
from appliance.errors import ReplicaFailed


class RankGroup:
    """This process is rank 0. An error in the midst of a pass leaves the ranks in different places:
    nothing can be computed after it.
    """

    def __init__(self, spec: EngineSpec, on_progress: Callable[[float], None] = unheard) -> None:
        """Raises ``ConfigInvalid``, ``IntegrityFailed``, ``DoesNotFit``, ``ReplicaFailed``."""
        self._place = make_meeting_place()
        self._children = Children(spec.ranks, self._place)
        try:
            self._open(spec, on_progress)
        except BaseException:
            self._children.end()
            os.close(self._place)
            raise

    @property
    def weight_bytes(self) -> int:
        """Measured by each rank."""
        return self._member.model.weight_bytes + sum(one.weight_bytes for one in self._others)

    @property
    def cache_bytes(self) -> int:
        """Measured by each rank."""
        return self._member.model.cache_bytes + sum(one.cache_bytes for one in self._others)

    def compute(self, step: Pass) -> Tensor:
        """See ``Computer``. Raises ``ReplicaFailed`` when a rank has ended."""
        try:
            self._children.tell(Compute(step))
            logits = self._member.compute(step)
        except (Gone, RuntimeError) as error:
            raise self._explained(error) from error
        if logits is None:
            raise ReplicaFailed("The first of the processes that share the model got no logits.")
        return logits

    def copy(self, sources: Sequence[int], targets: Sequence[int]) -> None:
        """See ``Computer``. Raises ``ReplicaFailed`` when a rank has ended."""
        try:
            self._children.tell(Copy(tuple(sources), tuple(targets)))
        except Gone as error:
            raise self._explained(error) from error
        self._member.model.copy(sources, targets)

    def close(self) -> None:
        """End the other ranks, then free what this one has."""
        self._children.end(Close())
        self._member.close()
        os.close(self._place)

    def _open(self, spec: EngineSpec, on_progress: Callable[[float], None]) -> None:
        self._children.open(spec)
        self._member = Member(spec, 0, on_progress)
        self._others = self._children.loaded()
        # Before they meet: who waits for one that has died waits for ever.
        self._children.watch()
        try:
            self._children.tell(Meet())
            self._member.meet(self._place)
        except (Gone, RuntimeError) as error:
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> Exception:
        """Where a rank has ended, the reason is that, whatever this one noticed of it."""
        lost = self._children.why_lost()
        return ReplicaFailed(lost) if lost else error
