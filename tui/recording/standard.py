"""What a recorder follows whatever is on view, so that a recording can be looked at on every screen."""

from collections.abc import Iterator
from typing import Final

import msgspec

from appliance.domain.action import Action, Blast, Permission, Place
from appliance.domain.results import ClassList, ModelList, Status
from appliance.domain.watching import Topic, is_watchable

STANDARD: Final[tuple[Topic, ...]] = (
    Topic("status", (), 1000),
    Topic("inbox", (), 2000),
    Topic("person.list", (), 10_000),
    Topic("class.list", (), 5000),
    Topic("class.list", (("all", True),), 5000),
    Topic("pulse", (), 2000),
    Topic("pulse", (("seconds", 3),), 5000),
    Topic("gpu.list", (), 3000),
    Topic("gpu.history", (), 30_000),
    Topic("model.list", (("all", True),), 2000),
    Topic("download.list", (), 2000),
    Topic("batch.list", (), 3000),
    Topic("project.list", (), 5000),
    Topic("access.queue", (), 5000),
    Topic("budget.requests", (), 5000),
    Topic("usage", (("by", "person"), ("days", 1)), 15_000),
    Topic("usage", (("by", "model"), ("days", 30)), 15_000),
    Topic("fed.status", (), 5000),
    Topic("fed.checks", (), 5000),
    Topic("fed.notices", (), 10_000),
    Topic("license.leases", (), 10_000),
    Topic("share.requests", (), 10_000),
    Topic("share.peers", (), 10_000),
    Topic("share.list", (), 10_000),
    Topic("share.borrowed", (), 10_000),
    Topic("log.read", (("level", "debug"), ("lines", 200)), 2000),
    Topic("incident.list", (("limit", 200),), 5000),
    Topic("sample.list", (("limit", 200),), 5000),
    Topic("report.list", (("limit", 200),), 5000),
    Topic("audit.list", (("limit", 200),), 5000),
)
"""What screens ask without a row being chosen, as they ask it."""

_MOST_CLASSES: Final = 3
_MOST_MODELS: Final = 8
_HELD: Final = frozenset({"open", "paused"})


def further(result: msgspec.Struct) -> Iterator[Topic]:
    """What to follow because of an answer: the classes that are held now, and the models that run."""
    if isinstance(result, ClassList):
        held = [one.id for one in result.classes if one.state in _HELD][:_MOST_CLASSES]
        for action in ("class.show", "class.seats", "class.projector"):
            yield from (Topic(action, (("name", one),), 2000) for one in held)
    if isinstance(result, ModelList | Status):
        running = [one.id for one in result.models if one.state in {"ready", "loading", "failed"}]
        yield from (Topic("model.show", (("model", one),), 5000) for one in running[:_MOST_MODELS])


_LOOKS: Final = frozenset({"show", "list"})


def is_kept(action: Action) -> bool:
    """Whether what it answers may go into a recording: it changes nothing and holds nothing that is shown
    once.
    """
    only_looks = action.permission in {Permission.READ, Permission.REVIEW} and action.verb in _LOOKS
    quiet = action.place is Place.GATEWAY and action.blast is Blast.NONE and not action.long
    return is_watchable(action) or (only_looks and quiet)
