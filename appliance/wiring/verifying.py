"""Joins what ``model verify`` needs."""

import asyncio

from appliance.catalog.live import LiveCatalog
from appliance.domain.clock import Clock
from appliance.services.models.models import ModelService
from appliance.services.queue import DispatchQueue
from appliance.services.verifying.book import FidelityBook
from appliance.services.verifying.prose import read_prose
from appliance.services.verifying.tasks import Tasks
from appliance.services.verifying.verifying import VerifyingService
from appliance.wiring.hardware import read_shapes
from appliance.wiring.model_files import ModelFiles


async def verifying_service(
    catalog: LiveCatalog,
    files: ModelFiles,
    *,
    models: ModelService,
    queue: DispatchQueue,
    book: FidelityBook,
    clock: Clock,
    tasks: Tasks,
) -> VerifyingService:
    """Whether files are what they should be, and what forms cost in faithfulness."""
    return VerifyingService(
        catalog=catalog,
        files=files,
        read_shapes=read_shapes,
        models=models,
        queue=queue,
        records=book,
        prose=await asyncio.to_thread(read_prose),
        clock=clock,
        tasks=tasks,
    )
