"""The ways into the box: what an operator reads of them, and what students type."""

from collections.abc import Sequence

from rich.console import RenderableType

from appliance.client.presenting.cells import cell, day
from appliance.domain.results import DoorLine


def door_line(door: DoorLine) -> str:
    """One way in, in a line."""
    parts = [door.url]
    if door.name_url and door.name_url != door.url:
        parts.append(f"by name {door.name_url}")
    if door.classes:
        parts.append(f"plain HTTP for {', '.join(door.classes)}")
    if door.certificate_ends_ms is not None:
        parts.append(f"certificate until {day(door.certificate_ends_ms)}")
    if door.trouble:
        parts.append(door.trouble)
    return "; ".join(parts)


def on_network(doors: Sequence[DoorLine]) -> list[RenderableType]:
    """Of a box that is on a network: its addresses, and whether laptops have to be told to trust it."""
    lines: list[RenderableType] = []
    for door in doors:
        if door.kind == "lan":
            lines.append(cell(f"On the network: {door_line(door)}."))
            lines.extend(cell(one) for one in _believed(door))
        if door.kind == "class":
            lines.append(cell(f"Students type {door.url} ({', '.join(door.classes)})."))
    return lines


def _believed(door: DoorLine) -> list[str]:
    if not door.fingerprint:
        return [f"Students type {door.url}."]
    return [
        f"Its own authority has the SHA-256 fingerprint {door.fingerprint}.",
        f"Laptops that trust it type {door.url}. For those that do not: `carrel class open NAME --plain`.",
    ]
