"""What every supervised child shows of itself: the words of its supervisor."""

from appliance.domain.model import ModelState
from appliance.workers.supervision import Supervisor


class Supervised:
    """Base of the children's owners; ``_child`` is set by the owner, who is told of what happens to it."""

    _child: Supervisor

    @property
    def state(self) -> ModelState:
        """``available`` before ``start`` and after ``stop``."""
        return self._child.state

    @property
    def reason(self) -> str | None:
        """Why it is not ready, where there is a why."""
        return self._child.reason

    @property
    def pid(self) -> int | None:
        """The process, or None between two."""
        return self._child.pid

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        return self._child.restarts

    @property
    def confinement(self) -> tuple[str, ...]:
        """The protections that took hold in the process."""
        return self._child.confinement
