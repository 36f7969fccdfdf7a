"""Joins files and batches, and starts and stops them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from appliance.api.openai.batch_lines import BatchEndpoints
from appliance.api.openai.routes import ApiLimits
from appliance.api.overnight import Overnight
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.edge.uploads import UploadLimits
from appliance.services.batches import BatchService
from appliance.services.batches.housekeeping import keep_house
from appliance.services.batches.operating import BatchOperating
from appliance.services.batches.ports import Origins
from appliance.services.batches.seats import Seats
from appliance.services.batches.tools import Tools
from appliance.services.files import FileLimits, FileService
from appliance.services.generation.generator import Generator
from appliance.store.shelf import Shelf
from appliance.store.store import Store
from appliance.wiring.people import People

DAY_MS: Final = 86_400_000
FORM_BYTES: Final = 64 * 1024
"""What a form has beside its file."""
LINE_BYTES: Final = 4096
"""What a line has beside its body."""


def overnight(
    settings: Settings,
    *,
    store: Store,
    generator: Generator,
    people: People,
    limits: ApiLimits,
    origins: Origins,
    clock: Clock,
    log: Log,
) -> Overnight:
    """Both services, not started."""
    shelf = _shelf(settings)
    tools = Tools(
        batches=store.batches,
        files=store.files,
        shelf=shelf,
        endpoints=BatchEndpoints(limits.prompt_bytes),
        generations=generator,
        holds=store.ledger,
        seats=Seats(settings.batch_lines),
        clock=clock,
        log=log,
        sleep=asyncio.sleep,
        most_line_bytes=settings.body_limit_bytes + LINE_BYTES,
        file_ms=settings.file_days * DAY_MS,
        origins=origins,
    )
    batches = BatchService(tools, people.working_keys)
    people.keys.on_revoked(batches.end_of_key)
    files = FileService(
        files=store.files,
        shelf=shelf,
        clock=clock,
        limits=FileLimits(
            file_bytes=settings.file_limit_bytes,
            person_bytes=settings.person_files_bytes,
            person_files=settings.person_files_limit,
            days=settings.file_days,
        ),
        in_use=batches.in_use,
    )
    upload = UploadLimits(settings.file_limit_bytes + FORM_BYTES, settings.body_timeout_s)
    return Overnight(files, batches, upload)


def operating(settings: Settings, store: Store, work: Callable[[], BatchService]) -> BatchOperating:
    """What operators see and do of batches."""
    return BatchOperating(store.batches, _shelf(settings), work)


def _shelf(settings: Settings) -> Shelf:
    return Shelf(settings.places.database.with_name("files"))


@asynccontextmanager
async def working(parts: Overnight, store: Store, log: Log) -> AsyncIterator[None]:
    """Scope in which batches are worked on, those of the last process first."""
    await parts.files.open(await store.files.ids())
    left = await parts.batches.start()
    log.info("batches go on", batches=left)
    house = asyncio.create_task(keep_house(parts.batches, parts.files, log))
    try:
        yield
    finally:
        house.cancel()
        await parts.batches.close()
