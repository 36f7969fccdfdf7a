"""Applications that wait: in memory, so that a refusal can name the one that it waits for."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from appliance.domain.access import Application
from appliance.errors import Conflict
from appliance.policy.access.deciding import asked_for
from appliance.services.access.ports import Applications


class WaitingApplications:
    """The only writer of applications."""

    def __init__(self, applications: Applications) -> None:
        self._applications = applications
        self._open: dict[str, Application] = {}

    async def load(self) -> None:
        """Learn what is on the disk."""
        self._open = {one.id: one for one in await self._applications.open()}

    @property
    def open(self) -> Sequence[Application]:
        """All that wait, oldest first."""
        return sorted(self._open.values(), key=lambda one: one.applied_ms)

    def of(self, project: str, model: str, tier: str) -> Application | None:
        """A project's that is for this model."""
        fitting = (
            one for one in self._open.values() if one.project_id == project and asked_for(one, model, tier)
        )
        return next(fitting, None)

    async def add(self, application: Application) -> None:
        """A new one. Raises ``StorageUnavailable``."""
        await self._applications.add(application)
        self._open[application.id] = application

    @asynccontextmanager
    async def deciding(self, decided: Application) -> AsyncIterator[None]:
        """Scope in which what the decision leads to is done; stored at its end. Where it fails, the
        application waits again: whoever decides once more only replaces what was done.

        Raises ``Conflict`` where it does not wait, ``StorageUnavailable``.
        """
        found = self._open.pop(decided.id, None)
        if found is None:
            raise Conflict(
                f"Application {decided.id} is decided already; `carrel access show {decided.id}` tells how."
            )
        try:
            yield
            await self._applications.decide(decided)
        except BaseException:
            self._open[decided.id] = found
            raise
