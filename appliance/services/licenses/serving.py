"""Ends what is being served, for whoever takes a permission back."""

from typing import Protocol

from appliance.errors import CarrelError


class Requests(Protocol):
    """Those that run and wait."""

    def end_requests(
        self, recipe_id: str, error: CarrelError, *, project: str = "", holder: str = ""
    ) -> None:
        """See ``ports.Service``."""
        ...


class Models(Protocol):
    """Those that run."""

    async def stop_serving(self, recipe_id: str) -> None:
        """See ``ports.Service``."""
        ...


class Serving:
    """Requests and models of this box as one ``ports.Service``."""

    def __init__(self, requests: Requests, models: Models) -> None:
        self._requests = requests
        self._models = models

    def end_requests(
        self, recipe_id: str, error: CarrelError, *, project: str = "", holder: str = ""
    ) -> None:
        """Returns at once."""
        self._requests.end_requests(recipe_id, error, project=project, holder=holder)

    async def stop_serving(self, recipe_id: str) -> None:
        """Returns when no process of the model is left."""
        await self._models.stop_serving(recipe_id)
