"""Models that do not run and files that do not come, and what would change that. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from appliance.domain.days import DAY_MS, day_text
from appliance.domain.inbox import Kind, Urgency
from appliance.domain.license import Lease
from appliance.domain.results import DownloadStatus, InboxRow
from appliance.services.inbox.rows import row, said
from appliance.services.models.troubled import TroubledModel

SOON_MS: Final = 14 * DAY_MS
"""Before its end a lease is told of."""
_LACKS: Final = {
    "acceptance": ("its license is not accepted", "license.accept"),
    "grant": ("no project was let use it", "access.grant"),
    "lease": ("it needs a lease of its registry", "fed.lease"),
    "access": ("its owner has not let this box use it", "share.request"),
}
_WANTED: Final = frozenset({"failed", "restarting", "loading"})


def downloads(unfinished: Iterable[DownloadStatus]) -> Iterator[InboxRow]:
    """Those that failed: what came of them is kept."""
    for one in unfinished:
        if one.state == "failed":
            yield row(
                Kind.DOWNLOAD_FAILED,
                one.id,
                f"The download of {one.model} failed at {one.percent}%: "
                f"{said(one.reason or one.error or 'nobody knows why')}",
                urgency=Urgency.SOON,
                action="download.resume",
                given={"download": one.id},
                since_ms=one.updated_ms,
            )


def models(troubled: Iterable[TroubledModel]) -> Iterator[InboxRow]:
    """Of those on this box: what failed or is damaged, and what may not be loaded. One row a model."""
    for one in troubled:
        if one.lacks in _LACKS:
            yield _lacking(one)
        elif one.state in {"failed", "restarting"}:
            failed = one.state == "failed"
            happened = "has failed" if failed else "restarts"
            yield row(
                Kind.MODEL_PENDING,
                one.id,
                f"{one.id} {happened}: {said(one.reason or 'nobody knows why')}",
                urgency=Urgency.NOW,
                action="model.run" if failed else "model.show",
                given={"model": one.id},
            )
        elif one.damaged:
            yield row(
                Kind.MODEL_PENDING,
                one.id,
                f"Files of {one.id} are damaged: {said(one.damaged)}",
                urgency=Urgency.NOW,
                action="model.verify",
                given={"model": one.id},
            )


def _lacking(one: TroubledModel) -> InboxRow:
    why, action = _LACKS[str(one.lacks)]
    return row(
        Kind.LICENSE_MISSING,
        one.id,
        f"{one.id} is on this box and may not be loaded: {why}.",
        urgency=Urgency.NOW if one.state in _WANTED else Urgency.NOTE,
        action=action,
        given={"model": one.id},
    )


def leases(counting: Iterable[Lease], now_ms: int) -> Iterator[InboxRow]:
    """Those that run out soon. What has run out is an alarm."""
    for one in counting:
        left_ms = one.until_ms - now_ms
        if one.state == "valid" and left_ms < SOON_MS:
            yield row(
                Kind.LEASE_ENDING,
                one.model,
                f"The lease of {one.model} runs out on {day_text(one.until_ms)} (UTC).",
                urgency=Urgency.SOON if left_ms < SOON_MS // 2 else Urgency.NOTE,
                action="fed.lease",
                given={"model": one.model},
            )
