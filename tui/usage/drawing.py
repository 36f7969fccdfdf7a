"""From what the box answers to what a section of USAGE shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from appliance.domain.results import (
    FedChecks,
    FedNotices,
    FedStatus,
    LeaseList,
    ShareList,
    UsageReport,
)
from appliance.domain.results.peers import BorrowedList, PeerLine, PeerList
from appliance.domain.watching import Topic
from tui.parts.lines import Line
from tui.parts.rows import Row
from tui.usage import federation, lending
from tui.usage.use import Use
from tui.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Drawn:
    """``counts`` is how many wait, by section; ``empty`` is said without rows in place of the usual."""

    rows: Sequence[Row]
    words: Sequence[Line] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    empty: str = ""


def usage(pane: Use, result: msgspec.Struct, project: str, days: int, app: Viewer) -> None:
    """Draw a report of use."""
    if isinstance(result, UsageReport):
        pane.show(result, project, days, ascii_only=app.ascii_only)


def drawn(action: str, result: msgspec.Struct, app: Viewer) -> Drawn | None:
    """What a section shows of it; None for an answer that is no section's."""
    return _DRAWN[action](result, app) if action in _DRAWN else None


def _outbox(result: msgspec.Struct, app: Viewer) -> Drawn | None:
    if not isinstance(result, FedStatus):
        return None
    now, waiting = app.box.now_ms(), sum(one.count for one in result.outbox if one.state == "waiting")
    rows = federation.outbox(result, now, ascii_only=app.ascii_only)
    counts = {"leaves": waiting, "outbox": len(result.refused), "notices": result.notices}
    return Drawn(rows, federation.standing(result, now), counts, "" if result.enrolled else federation.ALONE)


def _leases(result: msgspec.Struct, app: Viewer) -> Drawn | None:
    if not isinstance(result, LeaseList):
        return None
    rows = federation.leases(result, app.box.now_ms(), ascii_only=app.ascii_only)
    return Drawn(rows, list(federation.lease_words(result)))


def _notices(result: msgspec.Struct, app: Viewer) -> Drawn | None:
    return Drawn(federation.notices(result, app.box.now_ms())) if isinstance(result, FedNotices) else None


def _checks(result: msgspec.Struct, app: Viewer) -> Drawn | None:
    if not isinstance(result, FedChecks):
        return None
    rows = federation.checks(result, app.box.now_ms(), ascii_only=app.ascii_only)
    return Drawn(rows, counts={"checks": sum(one.state == "open" for one in result.checks)})


def _shared(result: msgspec.Struct, app: Viewer) -> Drawn | None:
    if not isinstance(result, ShareList):
        return None
    rows = lending.shared(result, ascii_only=app.ascii_only)
    return Drawn(rows, lending.shared_words(result, app.box.now_ms()))


def _borrowed(result: msgspec.Struct, app: Viewer) -> Drawn | None:
    if not isinstance(result, BorrowedList):
        return None
    return Drawn(lending.borrowed(result, app.box.now_ms(), ascii_only=app.ascii_only))


def _peers(_result: msgspec.Struct, app: Viewer) -> Drawn:
    """Two answers fill it."""
    asking, using = (_lines(app, name) for name in ("share.requests", "share.peers"))
    rows = lending.peers(asking, using, app.box.now_ms(), ascii_only=app.ascii_only)
    return Drawn(rows, counts={"peers": sum(one.state == "asked" for one in asking)})


def _lines(app: Viewer, name: str) -> Sequence[PeerLine]:
    found = app.latest(Topic(name, (), EVERY_MS))
    return found.peers if isinstance(found, PeerList) else ()


EVERY_MS: Final = 3000
_DRAWN: Final[Mapping[str, Callable[[msgspec.Struct, Viewer], Drawn | None]]] = {
    "fed.status": _outbox,
    "license.leases": _leases,
    "fed.notices": _notices,
    "fed.checks": _checks,
    "share.list": _shared,
    "share.borrowed": _borrowed,
    "share.requests": _peers,
    "share.peers": _peers,
}
