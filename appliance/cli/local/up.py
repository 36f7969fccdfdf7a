"""`carrel up`: starts the box and stays until it takes requests."""

import os
from collections.abc import Mapping
from typing import Final

import httpx

from appliance.cli.desk import Desk
from appliance.cli.lan_choice import chosen_address
from appliance.cli.launching import Detached, Launch, installed_unit
from appliance.cli.listening import is_listening
from appliance.cli.local.serve import serve_with
from appliance.cli.readiness import wait_until_up
from appliance.config import Settings
from appliance.config.process import gateway_environment
from appliance.domain.results import Started
from appliance.errors import BadRequest
from appliance.lan.interfaces import interfaces
from appliance.services.classes.reaching import url

_PROBE_TIMEOUT_S: Final = 2.0


def up(
    desk: Desk,
    *,
    foreground: bool,
    demo: bool,
    host: str | None,
    port: int | None,
    lan: bool = False,
    lan_host: str | None = None,
) -> Started:
    """Where the box answers. With ``foreground`` it has ended again by then.

    Raises ``ConfigInvalid`` before anything is started, ``CarrelError`` with the reason for a box that does
    not come up, ``NotReady``.
    """
    flags = {"host": host, "port": port, "run_demo": demo or None, "lan_host": lan_host}
    settings = desk.settings(flags)
    if lan or lan_host:
        flags["lan_host"] = chosen_address(desk, settings.lan_host, interfaces())
        settings = desk.settings(flags)
    launch = None
    if is_listening(desk.socket):
        desk.progress("Carrel already runs; its settings are those it was started with.")
    elif foreground:
        return _in_foreground(desk, settings)
    else:
        launch = _launch(desk, settings, flags)
        desk.progress("Starting Carrel …")
        launch.start()
    status = wait_until_up(launch, desk.status, answers=_is_ready, progress=desk.progress)
    return Started(url=status.url, pid=status.pid, models=status.models, doors=status.doors)


def _in_foreground(desk: Desk, settings: Settings) -> Started:
    if settings.lan_host:
        desk.progress(f"On the network at {url('https', settings.lan_host, settings.lan_port)}.")
    serve_with(settings)
    return Started(url=settings.api_url, pid=os.getpid(), models=())


def _launch(desk: Desk, settings: Settings, flags: Mapping[str, object]) -> Launch:
    unit = installed_unit(settings.places)
    if unit is None:
        own = {**flags, "log_to_terminal": False}
        return Detached(settings.places, gateway_environment(desk.around.environ, own))
    given = [f"`carrel config set {name} {_as_written(value)}`" for name, value in flags.items() if value]
    if given:
        raise BadRequest(
            f"The service reads its settings from the file: {', '.join(given)}, then `carrel up`."
        )
    return unit


def _as_written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_ready(url: str) -> bool:
    """Whether the API takes requests, asked as any client could."""
    try:
        answer = httpx.get(f"{url.removesuffix('/v1')}/readyz", timeout=_PROBE_TIMEOUT_S, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.is_success


HANDLERS: Final = {"up": up}
