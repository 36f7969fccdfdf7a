"""Joins what makes, fills, opens, shows and ends classes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from appliance.client.visiting import HttpVisitor
from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.domain.log import Log
from appliance.domain.results import Result
from appliance.services.classes.attempts import Attempts
from appliance.services.classes.carding import Carding
from appliance.services.classes.changing import Changing
from appliance.services.classes.closing import Closing
from appliance.services.classes.codes import JoinCodes
from appliance.services.classes.details import ClassDetails
from appliance.services.classes.door import ClassDoor
from appliance.services.classes.enrolling import Enrolling
from appliance.services.classes.freezing import Freezing
from appliance.services.classes.joining import Joining
from appliance.services.classes.making import Making
from appliance.services.classes.one_key import OneKeyEach
from appliance.services.classes.opening import Opening
from appliance.services.classes.pausing import Pausing
from appliance.services.classes.plain import PlainPolicy
from appliance.services.classes.polling import Polling
from appliance.services.classes.recapping import Recapping
from appliance.services.classes.rehearsing import Rehearsing
from appliance.services.classes.reporting import Reporting
from appliance.services.classes.rostering import Rostering
from appliance.services.classes.screens import JoinScreens, Shown
from appliance.services.classes.seat_costs import SeatCosts
from appliance.services.classes.seat_keys import SeatKeys
from appliance.services.classes.seating import Seating
from appliance.services.classes.topping_up import ToppingUp
from appliance.services.classes.warning import ClassWarnings
from appliance.store.store import Store
from appliance.wiring.class_models import ClassModels, is_of_this_machine
from appliance.wiring.class_requests import ClassRequests
from appliance.wiring.computing import Computing
from appliance.wiring.ledger import Budgeting
from appliance.wiring.machinery import Machinery
from appliance.wiring.people import People
from appliance.wiring.restrictions import Restricting


@dataclass(frozen=True, slots=True)
class Classes:
    """``seat_keys`` and ``joining`` are what the page asks too."""

    seat_keys: SeatKeys
    joining: Joining
    seating: Seating
    closing: Closing
    making: Making
    rostering: Rostering
    opening: Opening
    pausing: Pausing
    carding: Carding
    topping_up: ToppingUp
    screens: JoinScreens
    polling: Polling
    rehearsing: Rehearsing
    reporting: Reporting

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Actions and who carries them out."""
        services = (
            self.seating,
            self.closing,
            self.making,
            self.rostering,
            self.opening,
            self.pausing,
            self.carding,
            self.topping_up,
            self.screens,
            self.polling,
            self.rehearsing,
            self.reporting,
        )
        return {name: handler for one in services for name, handler in one.handlers().items()}


@dataclass(frozen=True, slots=True)
class Around:
    """What classes need of the rest of the box."""

    store: Store
    people: People
    machine: Machinery
    work: Computing
    requests: ClassRequests
    restricting: Restricting
    budgets: Budgeting
    door: ClassDoor
    offline: Callable[[], bool]
    plain: PlainPolicy


def classes(settings: Settings, around: Around, *, clock: Clock, log: Log) -> Classes:
    """Nothing listens and nothing runs yet."""
    made = _Making(settings, around, clock, log)
    return made.classes()


class _Making:
    """The parts in the order in which they need each other."""

    def __init__(self, settings: Settings, around: Around, clock: Clock, log: Log) -> None:
        self._settings: Final = settings
        self._there: Final = around
        self._clock: Final = clock
        self._log: Final = log
        self._book = around.requests.book
        self._models = ClassModels(around.machine.models)
        self._costs = SeatCosts(around.budgets.references)
        self._changing = Changing(around.store.classes, self._book)
        self._enrolling = Enrolling(around.store.classes, around.people.directory, self._book, clock)
        self._details = ClassDetails(self._book, around.door, self._warnings(), clock)
        self._seating = self._new_seating()
        self._seat_keys = SeatKeys(
            classes=around.store.classes,
            book=self._book,
            keys=around.people.keys,
            costs=self._costs,
            runs=around.work.generator.runs,
            clock=clock,
            log=log,
        )
        around.people.keys.object_to_more(OneKeyEach(self._book).objection)

    def classes(self) -> Classes:
        self._there.requests.first_uses.on_first_use(lambda seat: self._seat_keys.take(seat, "card"))
        there, book = self._there, self._book
        codes = JoinCodes(self._clock)
        joining = self._joining(codes)
        return Classes(
            seat_keys=self._seat_keys,
            joining=joining,
            seating=self._seating,
            closing=self._closing(codes),
            making=self._new_making(),
            rostering=Rostering(book, self._enrolling),
            opening=self._opening(),
            pausing=Pausing(
                self._changing,
                there.work.generator.runs,
                refusal=there.requests.gate.refusal,
                details=self._details,
                clock=self._clock,
            ),
            carding=Carding(
                book=book,
                seat_keys=self._seat_keys,
                directory=there.people.directory,
                keys=there.people.keys,
                door=there.door,
                seats=self._seating,
            ),
            topping_up=self._topping_up(),
            screens=self._screens(codes, joining),
            polling=there.requests.polling,
            rehearsing=self._rehearsing(),
            reporting=Reporting(
                book=book,
                uses=there.store.class_use,
                decisions=there.restricting.decisions,
                directory=there.people.directory,
                clock=self._clock,
            ),
        )

    def _warnings(self) -> ClassWarnings:
        return ClassWarnings(
            self._book,
            answers=self._models.answers,
            names=self._there.machine.models.permitting,
            budgets=self._there.store.budgets,
            costs=self._costs,
            clock=self._clock,
        )

    def _new_seating(self) -> Seating:
        there = self._there
        return Seating(
            self._book,
            people=there.people.directory,
            queue=there.machine.queue,
            uses=there.store.class_use,
            left=there.store.seat_left,
            troubles=there.requests.troubles,
            answers=there.requests.first_words,
            clock=self._clock,
        )

    def _joining(self, codes: JoinCodes) -> Joining:
        return Joining(
            book=self._book,
            codes=codes,
            seats=self._seat_keys,
            guests=self._enrolling,
            names=self._there.people.directory,
            plain=self._there.plain,
            attempts=Attempts(self._clock),
            clock=self._clock,
            log=self._log,
        )

    def _screens(self, codes: JoinCodes, joining: Joining) -> JoinScreens:
        requests = self._there.requests
        shown = Shown(
            left=joining.left,
            first_word_ms=requests.first_words.median_ms,
            poll=requests.polling.current,
            offline=self._there.offline,
        )
        return JoinScreens(
            book=self._book, codes=codes, door=self._there.door, shown=shown, clock=self._clock
        )

    def _new_making(self) -> Making:
        people = self._there.people
        return Making(
            classes=self._there.store.classes,
            book=self._book,
            directory=people.directory,
            enrolling=self._enrolling,
            changing=self._changing,
            recapping=Recapping(self._book, people.keys.ring, self._costs, self._clock),
            details=self._details,
            models=self._models,
            clock=self._clock,
        )

    def _opening(self) -> Opening:
        return Opening(
            self._book,
            self._changing,
            freezing=Freezing(self._there.machine.models.permitting.names),
            door=self._there.door,
            is_own=is_of_this_machine,
            details=self._details,
            clock=self._clock,
        )

    def _closing(self, codes: JoinCodes) -> Closing:
        there = self._there
        closing = Closing(
            classes=there.store.classes,
            book=self._book,
            changing=self._changing,
            keys=there.people.keys,
            runs=there.work.generator.runs,
            refusal=there.requests.gate.refusal,
            door=there.door,
            details=self._details,
            clock=self._clock,
        )
        closing.on_closed(codes.end)
        return closing

    def _topping_up(self) -> ToppingUp:
        there = self._there
        return ToppingUp(
            book=self._book,
            keys=there.people.keys,
            accounts=there.store.allocations,
            gifts=there.store.adjustments,
            costs=self._costs,
            seats=self._seating,
            clock=self._clock,
        )

    def _rehearsing(self) -> Rehearsing:
        there = self._there
        return Rehearsing(
            self._book,
            there.requests.rehearsals,
            keys=there.people.keys,
            visitor=HttpVisitor(lambda: self._settings.api_url),
            names=there.machine.models.permitting,
            runs=there.work.generator.runs,
            paid=there.store.requests_of_keys,
            refunds=there.budgets.adjusting,
            clock=self._clock,
            log=self._log,
        )
