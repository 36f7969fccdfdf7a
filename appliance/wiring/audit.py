"""Joins the audit log."""

import asyncio
from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.services.audit.log import AuditLog
from appliance.services.audit.service import AuditService
from appliance.services.audit.verifying import Verifier
from appliance.store.audit_head import AuditHeadFile
from appliance.store.store import Store
from appliance.trust.box_key import BoxKey


@dataclass(frozen=True, slots=True)
class Auditing:
    """``log`` is written to, ``service`` reads it."""

    log: AuditLog
    service: AuditService
    verifier: Verifier


async def auditing(settings: Settings, store: Store, clock: Clock, log: Log) -> Auditing:
    """The log, begun. Raises ``ConfigInvalid`` or ``IntegrityFailed`` without a usable key of the box,
    ``StorageUnavailable``.
    """
    key = await asyncio.to_thread(BoxKey.at, settings.places.box_key)
    heads = AuditHeadFile(settings.places.database.parent)
    written = AuditLog(store.audit, heads, box=key.public.id, clock=clock, log=log)
    await written.open()
    verifier = Verifier(store.audit, heads, key.public.id)
    return Auditing(written, AuditService(written, store.audit, verifier, key), verifier)
