"""What the hub's client library has to find in its environment, since it looks there as it is imported.

Nothing of the operator's own settings of that library counts: no token, no cache, no telemetry.
"""

from pathlib import Path


def hub_environment(home: Path, *, offline: bool) -> dict[str, str]:
    """Of the child that imports it. ``home`` is the library's own folder, where nothing is kept."""
    return {
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_OFFLINE": "1" if offline else "0",
    }
