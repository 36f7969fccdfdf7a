"""One row of the tables about the registry and other labs, in full."""

import msgspec

from appliance.client.presenting.budgets import amount
from appliance.client.presenting.cells import day
from tui.parts.facts import Fact


def facts_of(data: object) -> list[Fact]:
    """Every field that says something, by its name; times as times, amounts as amounts."""
    if not isinstance(data, msgspec.Struct):
        return []
    return [
        (_name(name), _said(name, value))
        for name, value in msgspec.structs.asdict(data).items()
        if value not in (None, "", ())
    ]


def _name(name: str) -> str:
    return name.removesuffix("_ms").removesuffix("_micro").replace("_", " ")


def _said(name: str, value: object) -> str:
    if name.endswith("_ms") and isinstance(value, int):
        return f"{day(value)} UTC" if value else "never"
    if name.endswith("_micro") and isinstance(value, int):
        return f"{amount(value)} credits"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
