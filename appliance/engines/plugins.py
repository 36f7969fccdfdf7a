"""Finds an engine by its name, among the entry points that installed packages declare."""

from importlib.metadata import entry_points
from typing import cast

from appliance.engines.base import ENTRY_POINT_GROUP, EnginePlugin
from appliance.errors import NotFound


def find_plugin(name: str) -> EnginePlugin:
    """The engine of that name, its model library not yet imported. Raises ``NotFound``."""
    known = entry_points(group=ENTRY_POINT_GROUP)
    if name not in known.names:
        raise NotFound(
            f"There is no engine {name!r}; installed are: {', '.join(sorted(known.names)) or 'none'}."
        )
    # What an entry point names has the group's type by agreement only.
    return cast("EnginePlugin", known[name].load())
