"""Waits until a gateway that was started takes requests, or tells why it never will."""

import time
from collections.abc import Callable
from typing import Final

from appliance.cli.launching import Launch
from appliance.domain.results import Status
from appliance.errors import CarrelError, GatewayNotRunning, NotReady

_POLL_S: Final = 0.1
_LIMIT_S: Final = 900.0
"""A large model is hashed and loaded meanwhile; a box that is not up then is still left to go on."""


def wait_until_up(
    launch: Launch | None,
    status: Callable[[], Status],
    *,
    answers: Callable[[str], bool],
    progress: Callable[[str], None],
    limit_s: float = _LIMIT_S,
) -> Status:
    """The box's status once it is ready, or degraded with nothing left to wait for.

    ``launch`` is None for a gateway that ran before. ``answers`` says whether the API at a URL is ready.
    Raises ``CarrelError`` with the reason if the gateway ends, ``NotReady`` if it takes too long.
    """
    told: set[str] = set()
    deadline_s = time.monotonic() + limit_s
    while time.monotonic() < deadline_s:
        found = _status(status)
        for line in _news(found):
            if line not in told:
                progress(line)
                told.add(line)
        if found is not None and _is_up(found, answers):
            return found
        _check_alive(launch)
        time.sleep(_POLL_S)
    raise NotReady("The box is still starting; `carrel status` shows how far it is.")


def _status(status: Callable[[], Status]) -> Status | None:
    try:
        return status()
    except GatewayNotRunning:
        return None


def _is_up(status: Status, answers: Callable[[str], bool]) -> bool:
    return status.state == "degraded" or (status.state == "ready" and answers(status.url))


def _news(status: Status | None) -> list[str]:
    models = status.models if status is not None else ()
    return [f"{one.id}: {one.state}" + (f" ({one.reason})" if one.reason else "") for one in models]


def _check_alive(launch: Launch | None) -> None:
    reason = launch.death() if launch is not None else None
    if reason is not None:
        raise CarrelError(f"The gateway ended while it was starting: {reason}")
