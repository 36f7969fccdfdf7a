"""Joins the one switch with what turns it: the setting, an operator, classes that are going on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.classes import ClassMode, SchoolClass
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.outbound.switch import Kept, Reason, Switch
from appliance.services.classes.book import ClassBook
from appliance.store.store import Store


@dataclass(frozen=True, slots=True)
class Network:
    """``exam`` is why models that are hosted elsewhere are off for an exam, in a few words; empty while there
    is none.
    """

    switch: Switch
    exam: Callable[[], str]


async def network(settings: Settings, store: Store, classes: ClassBook, clock: Clock, log: Log) -> Network:
    """As it was set last. Raises ``StorageUnavailable``."""
    made = turned_by(settings, classes, kept=store.switches, began_ms=clock.now_ms())

    def note() -> None:
        log.info("offline" if made.switch.offline else "online", why=made.switch.because())

    await made.switch.load()
    made.switch.on_change(note)
    return made


def turned_by(
    settings: Settings, classes: ClassBook, *, kept: Kept | None = None, began_ms: int | None = None
) -> Network:
    """Before anybody knows how it was set last."""

    def of_mode(mode: ClassMode) -> Sequence[SchoolClass]:
        return [one for one in classes.going_on() if one.mode == mode]

    def exam() -> str:
        if settings.exam:
            return "setting `exam`"
        return next((f"class {one.id}" for one in of_mode("exam")), "")

    switch = Switch(
        setting=settings.offline,
        began_ms=began_ms,
        others=lambda: [_reason(one) for one in of_mode("offline")],
        kept=kept,
    )
    return Network(switch, exam)


def _reason(lesson: SchoolClass) -> Reason:
    return Reason(
        f"The class {lesson.id} goes on, for which it is; `carrel class close {lesson.id}` ends that.",
        lesson.opened_ms,
    )
