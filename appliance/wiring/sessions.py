"""Joins who is answered in the clear with browsers' sessions."""

from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.services.alerts.alerts import Alerts
from appliance.services.alerts.signs import of_key_in_the_clear
from appliance.services.classes.book import ClassBook
from appliance.services.classes.exclusive import ExamSeats
from appliance.services.classes.plain import PlainPolicy
from appliance.services.classes.rehearsal_keys import RehearsalKeys
from appliance.services.sessions.sessions import SessionService
from appliance.store.store import Store
from appliance.wiring.people import People


@dataclass(frozen=True, slots=True)
class Signing:
    """Whoever comes from a browser, or in the clear."""

    sessions: SessionService
    plain: PlainPolicy


async def signing(
    settings: Settings,
    store: Store,
    there: People,
    book: ClassBook,
    rehearsals: RehearsalKeys,
    *,
    alerts: Alerts,
    clock: Clock,
    log: Log,
) -> Signing:
    """Who was signed in stays so. Keys and classes are known by now."""
    plain = PlainPolicy(
        book,
        clock,
        log,
        admitted=settings.plain_http,
        heard=lambda caller: alerts.tell(of_key_in_the_clear(caller)),
        rehearses=lambda key: rehearsals.class_of(key) is not None,
    )
    exams = ExamSeats(book, there.directory)
    sessions = SessionService(store.sessions, there.keys, plain, clock, exclusive=exams)
    await sessions.load()
    return Signing(sessions, plain)
