"""Who is suspended, or whose project is over, sees what is theirs and nothing else; who left, nothing."""

from collections.abc import Collection
from typing import Final, Protocol

from litestar.types import ASGIApp, Receive, Scope, Send

from appliance.domain.people import Caller

OWN_PLACES: Final = ("/v1/me", "/v1/policy")


class Standing(Protocol):
    """Who knows who is in good standing."""

    def check(self, caller: Caller, *, belonging_only: bool = False) -> None:
        """Raises ``NotPermitted``; with ``belonging_only`` for outsiders alone."""
        ...


class GoodStanding:
    """ASGI middleware behind ``Callers``. What computes is left to the gates, which tell of each refusal."""

    def __init__(self, app: ASGIApp, standing: Standing, computing: Collection[str]) -> None:
        self._app = app
        self._standing = standing
        self._computing = frozenset(computing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. Raises ``NotPermitted``."""
        caller = scope["state"].get("caller")
        if isinstance(caller, Caller) and scope.get("path_template") not in self._computing:
            self._standing.check(caller, belonging_only=_is_own(scope["path"]))
        await self._app(scope, receive, send)


def _is_own(path: str) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in OWN_PLACES)
