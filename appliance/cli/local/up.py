"""`carrel up`: starts the box and stays until it takes requests."""

import os
from collections.abc import Mapping
from typing import Final

import httpx

from appliance.cli.desk import Desk
from appliance.cli.launching import Detached, Launch, installed_unit
from appliance.cli.listening import is_listening
from appliance.cli.local.serve import serve_with
from appliance.cli.readiness import wait_until_up
from appliance.config import Settings
from appliance.config.process import gateway_environment
from appliance.domain.results import Started
from appliance.errors import BadRequest

_PROBE_TIMEOUT_S: Final = 2.0


def up(desk: Desk, *, foreground: bool, demo: bool, host: str | None, port: int | None) -> Started:
    """Where the box answers. With ``foreground`` it has ended again by then.

    Raises ``ConfigInvalid`` before anything is started, ``CarrelError`` with the reason for a box that does
    not come up, ``NotReady``.
    """
    flags = {"host": host, "port": port, "run_demo": demo or None}
    settings = desk.settings(flags)
    launch = None
    if is_listening(desk.socket):
        desk.progress("Carrel already runs; its settings are those it was started with.")
    elif foreground:
        return _in_foreground(settings)
    else:
        launch = _launch(desk, settings, flags)
        desk.progress("Starting Carrel …")
        launch.start()
    status = wait_until_up(launch, desk.status, answers=_is_ready, progress=desk.progress)
    return Started(url=status.url, pid=status.pid, models=status.models)


def _in_foreground(settings: Settings) -> Started:
    serve_with(settings)
    return Started(url=settings.api_url, pid=os.getpid(), models=())


def _launch(desk: Desk, settings: Settings, flags: Mapping[str, object]) -> Launch:
    unit = installed_unit(settings.places)
    if unit is None:
        own = {**flags, "log_to_terminal": False}
        return Detached(settings.places, gateway_environment(desk.around.environ, own))
    given = [name for name, value in flags.items() if value is not None]
    if given:
        raise BadRequest(
            f"The service reads its settings from the file: `carrel config set {given[0]} …` and `carrel up`."
        )
    return unit


def _is_ready(url: str) -> bool:
    """Whether the API takes requests, asked as any client could."""
    try:
        answer = httpx.get(f"{url.removesuffix('/v1')}/readyz", timeout=_PROBE_TIMEOUT_S, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.is_success


HANDLERS: Final = {"up": up}
