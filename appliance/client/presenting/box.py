"""The box itself: up, down, status, doctor, configuration."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, sheet, state, table
from appliance.client.presenting.doors import door_line, on_network
from appliance.client.presenting.downloads import download_table
from appliance.client.presenting.models import model_table
from appliance.client.presenting.offline import badge
from appliance.domain.amounts import duration
from appliance.domain.plain_text import one_line
from appliance.domain.results import Configuration, Diagnosis, QueueLine, Started, Status, Stopped, Viewed


def started(result: Started) -> RenderableType:
    """Where the box answers, on this machine and on the network, and with which models."""
    first = cell(f"Carrel is up at {result.url} (pid {result.pid}).")
    return Group(first, *on_network(result.doors), model_table(result.models))


def stopped(result: Stopped) -> RenderableType:
    """One word."""
    return Text("Carrel is down." if result.stopped else "Carrel still runs.")


def status(result: Status) -> RenderableType:
    """State, then counts, then models, then who waits for which, then what is being downloaded."""
    queue = result.queue
    facts = sheet(
        [
            ("state", state(result.state)),
            ("address", result.url),
            ("version", f"{result.version} (pid {result.pid}, up {duration(result.uptime_s)})"),
            ("queue", f"{queue.running} running, {queue.waiting} of {queue.limit} waiting"),
            ("storage", result.storage),
            ("network", _network(result)),
            ("federation", result.federation),
            *(("alarm", one) for one in result.alarms),
            *(("works on", one) for one in result.tasks),
            *(("door", door_line(one)) for one in result.doors if one.kind != "api"),
        ]
    )
    lines = [Text(""), queue_table(queue.lines)] if queue.lines else []
    coming = [Text(""), download_table(result.downloads)] if result.downloads else []
    return Group(facts, Text(""), model_table(result.models), *lines, *coming)


def _network(result: Status) -> Text:
    return Text.assemble(
        badge(offline=result.offline), f": {one_line(result.network)}" if result.network else ""
    )


def queue_table(lines: Sequence[QueueLine]) -> RenderableType:
    """One line for each class of each model."""
    rows = [
        (
            one.model,
            one.service_class,
            one.running,
            one.waiting,
            duration(one.oldest_wait_s) if one.waiting else "",
            "" if one.eta_s is None else duration(one.eta_s),
        )
        for one in lines
    ]
    return table(
        ("MODEL", "CLASS", "RUNNING", "WAITING", "LONGEST WAIT", "LAST BEGINS IN"),
        rows,
        right=("RUNNING", "WAITING", "LONGEST WAIT", "LAST BEGINS IN"),
    )


def diagnosis(result: Diagnosis) -> RenderableType:
    """All checks, then what to do about those that are not ok."""
    checks = table(
        ("CHECK", "STATE", "WHY"), [(one.id, state(one.state), one.reason) for one in result.checks]
    )
    fixes = [Text(f"{one_line(one.id)}: {one_line(one.fix)}") for one in result.checks if one.fix]
    verdict = Text(
        "Everything the box needs is there." if result.ok else "Something is broken.", style="bold"
    )
    return Group(checks, Text(""), verdict, *fixes)


def configuration(result: Configuration) -> RenderableType:
    """Settings with what decided them, and the file."""
    rows = [(one.key, one.value, one.origin, one.detail, one.help) for one in result.settings]
    lines: list[RenderableType] = [
        table(("SETTING", "VALUE", "FROM", "WHERE", "WHAT"), rows),
        cell(f"File: {result.file}"),
    ]
    if result.restart_needed:
        lines.append(Text("It applies after `carrel down` and `carrel up`.", style="yellow"))
    return Group(*lines)


def viewed(result: Viewed) -> RenderableType:
    """Nothing after the viewer was shown; without a terminal what can be said without one."""
    if result.shown:
        return Text("The viewer is closed; the box goes on.")
    ask = Text("Run `carrel tui` in a terminal, or use `carrel status --json`.", style="bold")
    return ask if result.status is None else Group(status(result.status), Text(""), ask)


PRESENTERS: Final[dict[Any, Any]] = {
    Started: started,
    Stopped: stopped,
    Status: status,
    Diagnosis: diagnosis,
    Configuration: configuration,
    Viewed: viewed,
}
