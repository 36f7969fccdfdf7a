"""The box as it runs: configuration, gateway, port."""

from typing import Final

from appliance.cli.checks.verdicts import fail, ok, warn
from appliance.cli.desk import Desk
from appliance.cli.listening import is_port_taken
from appliance.config import Settings
from appliance.config.file import nearest
from appliance.config.options import FIELDS
from appliance.domain.results import Check, Status
from appliance.errors import CarrelError, ConfigInvalid, GatewayNotRunning

_PREFIX: Final = "CARREL_"


def configuration(settings: Settings | ConfigInvalid, names: list[str]) -> Check:
    """A file and an environment that are understood. ``names`` are the variables that are set."""
    if isinstance(settings, ConfigInvalid):
        return fail(
            "configuration", settings.message, "carrel config set KEY VALUE, or mend the file by hand"
        )
    for name in names:
        setting = name.removeprefix(_PREFIX).lower()
        near = nearest(setting)
        if name.startswith(_PREFIX) and setting not in FIELDS and near:
            return warn("configuration", f"{name} is no setting{near}", f"unset {name}")
    return ok("configuration", "all settings are valid")


def gateway(status: Status | CarrelError) -> Check:
    """A gateway that answers, with models that run."""
    if isinstance(status, GatewayNotRunning):
        return warn("gateway", "the box is down", "carrel up")
    if isinstance(status, CarrelError):
        return fail("gateway", status.message, "carrel logs --level warning")
    if status.state != "ready":
        why = [one.reason for one in status.models if one.reason] or [status.storage]
        return warn("gateway", f"the box is {status.state}: {'; '.join(why)}", "carrel model list")
    return ok("gateway", f"ready at {status.url}")


def alarms(status: Status | CarrelError) -> Check:
    """What the box has to tell of signed catalogs, of leases, of its registry and of the clock they go by."""
    if isinstance(status, CarrelError):
        return ok("alarms", "the box is down; its catalogs and leases are read when it starts")
    if not status.alarms:
        return ok("alarms", "none of catalogs, leases or the registry")
    return fail("alarms", " ".join(status.alarms), "carrel status")


def network(settings: Settings | ConfigInvalid, status: Status | CarrelError) -> Check:
    """Whether the box asks anybody outside, and why not. Offline is no fault."""
    if isinstance(status, CarrelError):
        set_so = isinstance(settings, Settings) and settings.offline
        return ok("network", "offline by the setting `offline`" if set_so else "known once the box runs")
    if status.offline:
        return ok("network", f"OFFLINE: {status.network}")
    if status.network:
        return warn("network", f"ONLINE: {status.network}", "carrel fed status")
    return ok("network", "ONLINE")


def files(status: Status | CarrelError) -> Check:
    """Models whose files were found to be others than they should, those that run included."""
    if isinstance(status, CarrelError):
        return ok("files", "the box is down; its models' files are read when they start")
    damaged = [one for one in status.models if one.damaged]
    if not damaged:
        return ok("files", "of no model a file was found damaged")
    reason = " ".join(f"{one.id}: {one.damaged}" for one in damaged)
    return fail("files", reason, f"carrel model pull {damaged[0].id}")


def port(number: int, *, taken: bool, running: bool) -> Check:
    """A port that is ours, or free."""
    if running:
        return ok("port", "the gateway has it")
    if taken:
        return fail("port", f"another program has port {number}", "carrel config set port NUMBER")
    return ok("port", f"{number} is free")


def in_the_clear(plain_http: str) -> Check:
    """Keys that others on the network can read."""
    if plain_http != "all":
        return ok("plain_http", "only keys of classes that are open for it are taken in the clear")
    return warn(
        "plain_http",
        "every key is taken in the clear, where whoever shares the network can read it",
        "carrel config set plain_http classes",
    )


def look(desk: Desk) -> list[Check]:
    """All of them, for this desk's box."""
    settings, status = _settings(desk), _status(desk)
    settled = configuration(settings, sorted(desk.around.environ))
    checks = [settled, gateway(status), files(status), alarms(status), network(settings, status)]
    if isinstance(settings, ConfigInvalid):
        return checks
    running = isinstance(status, Status)
    taken = not running and is_port_taken(settings.reachable_host, settings.port)
    return [
        *checks,
        port(settings.port, taken=taken, running=running),
        in_the_clear(settings.plain_http),
    ]


def _settings(desk: Desk) -> Settings | ConfigInvalid:
    try:
        return desk.settings()
    except ConfigInvalid as error:
        return error


def _status(desk: Desk) -> Status | CarrelError:
    try:
        return desk.status()
    except CarrelError as error:
        return error
