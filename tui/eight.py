"""The eight screens, by mode. Each is loaded when somebody first goes there: so the first is there sooner."""

import importlib
from typing import Final

from tui.parts.masthead import SCREENS
from tui.screen import BoxScreen

_CLASSES: Final = {
    "now": "NowScreen",
    "models": "ModelsScreen",
    "jobs": "JobsScreen",
    "gpus": "GpusScreen",
    "people": "PeopleScreen",
    "classes": "ClassesScreen",
    "usage": "UsageScreen",
    "logs": "LogsScreen",
}
MODES: Final = tuple(mode for _key, mode, _title in SCREENS)
"""In the order of their keys."""


def screen_class(mode: str) -> type[BoxScreen]:
    """Of one of ``MODES``; it lies in the folder of the mode's name."""
    found: type[BoxScreen] = getattr(importlib.import_module(f"tui.{mode}.screen"), _CLASSES[mode])
    return found


def screen_of(mode: str) -> BoxScreen:
    """A new one."""
    return screen_class(mode)()
