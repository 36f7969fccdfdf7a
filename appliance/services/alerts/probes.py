"""What is looked at once a minute, and how it is asked."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from appliance.domain.alerts import Sign
from appliance.domain.clock import Clock
from appliance.domain.license import Lease
from appliance.domain.recipe import Recipe
from appliance.domain.results import ModelSummary
from appliance.services.alerts import signs
from appliance.services.alerts.ports import Probe

MIB: Final = 2**20
HOUR_MS: Final = 3_600_000
AUDIT_EVERY_S: Final = 86_400.0

Waiting = Callable[[], Awaitable[Sequence[int]]]
"""Since when each of them waits, in ms since 1970."""


def disks(folders: Mapping[str, Path], least_mib: int) -> Probe:
    """Free space of the disks that some folders lie on."""

    async def look() -> Sequence[Sign]:
        free = await asyncio.to_thread(lambda: {name: free_bytes(path) for name, path in folders.items()})
        found = [signs.of_disk(name, size, least_mib * MIB) for name, size in free.items()]
        return [one for one in found if one is not None]

    return look


def models(summaries: Callable[[], Sequence[ModelSummary]]) -> Probe:
    """Models that run, or should."""

    async def look() -> Sequence[Sign]:
        return [sign for one in summaries() if (sign := signs.of_model(one)) is not None]

    return look


def leases(recipes: Callable[[], Sequence[Recipe]], lease_of: Callable[[str], Lease | None]) -> Probe:
    """Of every model that has one: where there is none, there is nothing to run out."""

    async def look() -> Sequence[Sign]:
        wanted = [one.id for one in recipes() if one.terms.lease]
        return [sign for one in wanted if (sign := signs.of_lease(lease_of(one))) is not None]

    return look


def status(trouble: Callable[[], str | None], alarms: Callable[[], Sequence[str]]) -> Probe:
    """What keeps the box from working, and what it warns of."""

    async def look() -> Sequence[Sign]:
        storage = signs.of_storage(trouble())
        return [*([storage] if storage else ()), *signs.of_alarms(alarms())]

    return look


def waiting(kind: str, since: Waiting, *, hours: int, next_step: str, clock: Clock) -> Probe:
    """People who wait for somebody's decision."""

    async def look() -> Sequence[Sign]:
        found = signs.of_waiting(kind, await since(), hours * HOUR_MS, clock.now_ms(), next_step)
        return [found] if found is not None else []

    return look


def audit(verify: Callable[[], Awaitable[str | None]], clock: Clock) -> Probe:
    """The chain of the audit log, read whole once a day; what was found stands until then."""
    last_s: float | None = None
    fault: str | None = None

    async def look() -> Sequence[Sign]:
        nonlocal last_s, fault
        now_s = clock.monotonic_s()
        if last_s is None or now_s - last_s >= AUDIT_EVERY_S:
            last_s, fault = now_s, await verify()
        found = signs.of_audit(fault)
        return [found] if found is not None else []

    return look


def free_bytes(path: Path) -> int:
    """Of the disk of the nearest folder that is there."""
    for one in (path, *path.parents):
        try:
            found = os.statvfs(one)
        except OSError:
            continue
        return found.f_bavail * found.f_frsize
    return 0
