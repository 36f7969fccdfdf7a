"""Marks the progress of running requests once a second, so that a crash charges what was done and no more."""

import asyncio
from typing import Final

from appliance.errors import StorageUnavailable
from appliance.services.generation.ports import Ledger
from appliance.services.generation.runs import Runs

INTERVAL_S: Final = 1.0


async def mark_progress(runs: Runs, ledger: Ledger, interval_s: float = INTERVAL_S) -> None:
    """Run until cancelled. A mark that cannot be written costs nothing but precision after a crash."""
    while True:
        await asyncio.sleep(interval_s)
        marks = runs.marks()
        if not marks:
            continue
        try:
            await ledger.mark(marks)
        except StorageUnavailable:
            continue
