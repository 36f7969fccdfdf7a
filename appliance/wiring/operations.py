"""Every action of the gateway with who carries it out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.services.binding import Handler, Operations, bind
from appliance.wiring.building import Built
from appliance.wiring.bundles import bundle_service
from appliance.wiring.hardware import fitting_service


class Handling(Protocol):
    """A part that carries out actions."""

    def handlers(self) -> Mapping[str, Handler]:
        """By the action's name."""
        ...


def operations(
    settings: Settings, bundled: Path, built: Built, *further: Handling, clock: Clock
) -> Operations:
    """``further`` are parts that were made after ``built``, or of it. Raises ``BindingError``."""
    machine = built.machine
    bundles = bundle_service(
        settings,
        bundled,
        catalog=built.catalog,
        catalogs=built.catalogs,
        files=machine.files,
        permits=built.licensing.permits,
        licenses=built.licenses.operators,
        clock=clock,
        tasks=built.tasks,
    )
    fitting = fitting_service(
        settings, built.catalog, machine.files, machine.hardware, built.store.measurements
    )
    parts: tuple[Handling, ...] = (
        built.people,
        built.seen,
        built.restricting,
        built.owing,
        machine.models,
        built.catalogs,
        built.downloads.service,
        built.downloads.removal,
        machine.hardware,
        fitting,
        built.licenses,
        bundles,
        built.checked,
        built.audit.service,
        *further,
    )
    return bind(*(part.handlers() for part in parts), audit=built.audit.log)
