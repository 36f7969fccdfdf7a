"""What the running workers were able to take from themselves: which walls stand around them."""

from collections.abc import Sequence
from typing import Final

from appliance.cli.checks.verdicts import ok, warn
from appliance.cli.desk import Admin, Desk, expected
from appliance.domain.results import Check, ModelDetail, ModelList
from appliance.errors import CarrelError

_EXPECTED: Final = {
    "no-network": "the network is open to them",
    "few-files": "they may read what their user may read",
    "no-capabilities": "they keep privileges of root",
    "no-new-privileges": "they may gain privileges",
    "no-core-dumps": "a crash of one may write prompts to the disk",
    "dies-with-parent": "one may outlive the gateway",
    "first-out-of-memory": "the gateway may be ended in place of one that takes all memory",
}
_STAYS_ROOT: Final = "stays-root"
_NETWORKED: Final = "networked"
_NETWORK_DECIDED: Final = frozenset({"no-network", "no-tcp", _NETWORKED})
_OUTDATED: Final = "use Linux 6.7 or later, with Landlock and user namespaces switched on"
_UNREADABLE: Final = "let that user read the model and the folder that Carrel is installed in"


def walls(workers: Sequence[Sequence[str]] | CarrelError) -> Check:
    """``workers`` are the walls of each; a box that is down has none to look at."""
    if isinstance(workers, CarrelError):
        return ok("walls", "no worker runs; the walls are looked at while one does")
    if not workers:
        return ok("walls", "no worker runs")
    if any(_STAYS_ROOT in standing for standing in workers):
        return warn("walls", "a worker is root: `worker_user` cannot read its files", _UNREADABLE)
    missing = [wall for wall in _EXPECTED if not all(_stands(wall, standing) for standing in workers)]
    networked = _networked(workers)
    if missing:
        reasons = "; ".join(_EXPECTED[wall] for wall in missing)
        return warn("walls", f"of workers: {reasons}{networked}", _OUTDATED)
    shared = [wall for wall in dict.fromkeys(workers[0]) if all(wall in standing for standing in workers)]
    standing = ", ".join(wall for wall in shared if wall != _NETWORKED)
    return ok("walls", f"around every worker: {standing}{networked}")


def _networked(workers: Sequence[Sequence[str]]) -> str:
    """Those that the box's settings let keep the network are named, and are no fault."""
    count = sum(_NETWORKED in standing for standing in workers)
    return f"; {count} with the network, as `networked_workers` allows" if count else ""


def look(desk: Desk) -> list[Check]:
    """All of them, for this desk's box."""
    try:
        with desk.gateway() as gateway:
            return [walls(_workers(gateway))]
    except CarrelError as error:
        return [walls(error)]


def _stands(wall: str, standing: Sequence[str]) -> bool:
    if wall == "no-network":
        return not _NETWORK_DECIDED.isdisjoint(standing)
    return wall in standing


def _workers(gateway: Admin) -> list[Sequence[str]]:
    listed = expected(gateway.run("model.list"), ModelList)
    running = [one.id for one in listed.models if one.state == "ready"]
    shown = [expected(gateway.run("model.show", {"model": one}), ModelDetail) for one in running]
    return [replica.confinement for model in shown for replica in model.replicas if replica.confinement]
