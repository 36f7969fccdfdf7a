"""The services of classes as they are joined in the box, over a class desk."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from appliance.domain.results import ClassSeats
from appliance.errors import ModelNotFound, NotPermitted
from appliance.services.classes.carding import Carding
from appliance.services.classes.changing import Changing
from appliance.services.classes.closing import Closing
from appliance.services.classes.details import ClassDetails
from appliance.services.classes.enrolling import Enrolling
from appliance.services.classes.making import Making
from appliance.services.classes.recapping import Recapping
from appliance.services.classes.reporting import Reporting
from appliance.services.classes.rostering import Rostering
from appliance.services.classes.topping_up import ToppingUp
from tests.services.class_fakes import MODEL, ClassDesk

ZONE = ZoneInfo("Europe/Berlin")


class FakeModels:
    """``small`` is another name of the one that runs."""

    def __init__(self):
        self.names = {MODEL: MODEL, "small": MODEL, "other@f16": "other@f16"}
        self.runs = (MODEL,)

    def ids(self, names):
        if unknown := [one for one in names if one not in self.names]:
            raise ModelNotFound(f"No model {unknown[0]}.")
        return tuple(self.names[one] for one in names)

    def running(self):
        return self.runs


class NoWarnings:
    async def of(self, lesson):
        return ("mind the gap",) if not lesson.models else ()


class NoDecisions:
    def __init__(self):
        self.flushed = 0

    async def flush(self):
        self.flushed += 1


class Numbers:
    """Seats as their numbers alone."""

    def __init__(self, desk):
        self.desk = desk

    async def of(self, lesson):
        now_ms = self.desk.clock.now_ms()
        taken = sum(one.taken_ms is not None for one in self.desk.book.seats(lesson.id))
        return ClassSeats(
            id=lesson.id,
            state=lesson.state(now_ms),
            mode=lesson.mode,
            message="",
            now_ms=now_ms,
            ends_ms=lesson.ends_ms,
            taken=taken,
            seats=(),
            first_word_ms=None,
        )


@dataclass
class Teaching:
    """All of them over one desk; ``over`` notes which classes were closed."""

    desk: ClassDesk

    def __post_init__(self):
        desk = self.desk
        self.models, self.decisions = FakeModels(), NoDecisions()
        self.changing = Changing(desk.store.classes, desk.book)
        self.enrolling = Enrolling(desk.store.classes, desk.directory, desk.book, desk.clock)
        self.details = ClassDetails(desk.book, desk.door, NoWarnings(), desk.clock)
        self.making = Making(
            classes=desk.store.classes,
            book=desk.book,
            directory=desk.directory,
            enrolling=self.enrolling,
            changing=self.changing,
            recapping=Recapping(desk.book, desk.keys.ring, desk.seat_costs, desk.clock),
            details=self.details,
            models=self.models,
            clock=desk.clock,
            zone=ZONE,
        )
        self.rostering = Rostering(desk.book, self.enrolling)
        self.carding = Carding(
            book=desk.book,
            seat_keys=desk.seat_keys,
            directory=desk.directory,
            keys=desk.keys,
            door=desk.door,
            seats=Numbers(desk),
        )
        self.topping_up = ToppingUp(
            book=desk.book,
            keys=desk.keys,
            accounts=desk.store.allocations,
            gifts=desk.store.adjustments,
            costs=desk.seat_costs,
            seats=Numbers(desk),
            clock=desk.clock,
        )
        self.reporting = Reporting(
            book=desk.book,
            uses=desk.store.class_use,
            decisions=self.decisions,
            directory=desk.directory,
            clock=desk.clock,
        )
        self.closing = Closing(
            classes=desk.store.classes,
            book=desk.book,
            changing=self.changing,
            keys=desk.keys,
            runs=desk.runs,
            refusal=self._refusal,
            door=desk.door,
            details=self.details,
            clock=desk.clock,
        )
        self.over = []
        self.closing.on_closed(self.over.append)

    def _refusal(self, caller):
        sitting = self.desk.book.sitting(caller)
        over = sitting is not None and sitting.lesson.state(self.desk.clock.now_ms()) != "open"
        return NotPermitted("The class is over.", rule="class", waits_for="lead") if over else None

    def handlers(self):
        services = (
            self.making,
            self.rostering,
            self.carding,
            self.topping_up,
            self.reporting,
            self.closing,
        )
        return {name: handler for one in services for name, handler in one.handlers().items()}
