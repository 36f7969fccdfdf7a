"""What operators are told of the registry, and of what went there and came."""

from collections import Counter
from typing import Final

from appliance.domain.federation import Membership, OutboxRow
from appliance.domain.results import FedCount, FedEnrolled, FedExported, FedRefused, FedSynced
from appliance.errors import NotFound
from appliance.services.federation.carrying import Carried
from appliance.services.federation.syncing import SyncReport

REPORTED: Final = (
    "From now on it reports its use once a day: sums by model and project, projects under pseudonyms, what "
    "fewer than ten people did folded together. No prompts, no names, no keys."
)
_LEFT: Final = (
    "What was signed for this box stays good until it ends (carrel license leases), and is not renewed. "
    "Nothing is reported any more. Models of the registry's catalog stay; `carrel catalog distrust {name}` "
    "ends that."
)


def left_words(registry: str) -> str:
    """What leaving means."""
    return _LEFT.format(name=registry)


def enrolled_told(one: Membership) -> FedEnrolled:
    """``fed enroll``."""
    return FedEnrolled(
        box=one.box,
        registry=one.registry,
        address=one.address,
        institution=one.institution,
        organization=one.organization,
        request="",
        reported=REPORTED,
    )


def synced_told(report: SyncReport) -> FedSynced:
    """``fed sync``, ``fed import``."""
    return FedSynced(
        outcome=report.words,
        sent=_counted(report.sent.kinds),
        came=_counted(report.sent.taken.kinds),
        refused=tuple(refused_told(row, why.name) for row, why in report.sent.refused),
        not_believed=tuple(dict.fromkeys(report.sent.taken.refused)),
        troubles=report.troubles,
        catalog=report.catalog,
        waiting=report.waiting,
    )


def _counted(kinds: Counter[str]) -> tuple[FedCount, ...]:
    return tuple(FedCount(kind=kind, state="done", count=count) for kind, count in sorted(kinds.items()))


def exported_told(one: Carried) -> FedExported:
    """``fed export``."""
    return FedExported(
        file=str(one.path), size_bytes=one.written.size_bytes, sent=_counted(Counter(dict(one.kinds)))
    )


def refused_told(row: OutboxRow, problem: str) -> FedRefused:
    """A message, and the registry's name for why not."""
    return FedRefused(id=row.id, kind=row.kind, problem=problem, summary=row.summary, made_ms=row.made_ms)


def none_of(id: str) -> NotFound:
    """The error for a message that was not refused."""
    return NotFound(
        f"No message {id[:40]} was refused; `carrel fed status` shows those that were.", param="id"
    )
