"""Which models run where: for operators, and for telling our own processes from other people's."""

from collections.abc import Callable, Sequence

from appliance.services.models.running import RunningModel


class Whereabouts:
    """A live view of the running models."""

    def __init__(self, running: Callable[[], Sequence[RunningModel]]) -> None:
        self._running = running

    def models_on(self, gpu: int) -> tuple[str, ...]:
        """Models with a replica on that GPU."""
        return tuple(
            model.id for model in self._running() if any(gpu in order.gpus for order in model.orders)
        )

    def worker_pids(self) -> frozenset[int]:
        """Carrel's own worker processes."""
        families = (replica.pids for model in self._running() for replica in model.replicas)
        return frozenset(pid for family in families for pid in family)
