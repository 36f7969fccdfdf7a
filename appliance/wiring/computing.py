"""Joins what takes a request from its gates to its answer."""

from dataclasses import dataclass

from appliance.config import Settings
from appliance.domain.clock import Clock
from appliance.services.admission.admission import Admission
from appliance.services.admission.watching import Watcher
from appliance.services.classes.seat_ledger import SeatLedger
from appliance.services.generation.generator import Generator
from appliance.services.generation.timing import JoinedMeter
from appliance.services.generation.tokenizing import Tokenizer
from appliance.services.generation.turns import Turns
from appliance.services.metrics.counting import Counting
from appliance.services.oversight.guard_look import GuardLook
from appliance.services.pulse import Tally
from appliance.store.store import Store
from appliance.wiring.admission import admission
from appliance.wiring.class_requests import ClassRequests
from appliance.wiring.duties import Owing
from appliance.wiring.ledger import metered
from appliance.wiring.licenses import Licensing
from appliance.wiring.machinery import Machinery
from appliance.wiring.oversight import Oversight, guard_look
from appliance.wiring.people import People
from appliance.wiring.restrictions import Restricting


@dataclass(frozen=True, slots=True)
class Computing:
    """``tokenizing`` answers without computing. ``counting`` and ``tally`` hear of all of it."""

    admission: Admission
    generator: Generator
    tokenizing: Tokenizer
    counting: Counting
    tally: Tally
    guard: GuardLook


def computing(
    settings: Settings,
    machine: Machinery,
    *,
    store: Store,
    people: People,
    seen: Oversight,
    sampler: Watcher,
    licensing: Licensing,
    owing: Owing,
    restricting: Restricting,
    lessons: ClassRequests,
    clock: Clock,
) -> Computing:
    """Nothing is computed yet. A key that is revoked ends what it runs from here on."""
    counting, turns, guard = Counting(), Turns(), guard_look(settings, seen, machine)
    tally = Tally(clock)
    gates = admission(
        machine.models,
        people,
        seen=seen,
        sampler=sampler,
        guard=guard,
        licensing=licensing,
        owing=owing,
        restricting=restricting,
        lessons=lessons.gate,
        first_uses=lessons.first_uses,
        clock=clock,
    )
    gates.on_refused(tally.refused)
    ledger = metered(store, counting, machine.models, clock)
    generator = Generator(
        models=machine.models,
        admission=gates,
        ledger=SeatLedger(ledger, lessons.gate.is_of_class),
        projects=people.projects,
        queue=machine.queue,
        clock=clock,
        turns=turns,
        allowance=restricting.allowance,
        meter=JoinedMeter(counting, tally, lessons.first_words),
    )
    people.keys.on_revoked(generator.runs.end_runs_of_key)
    tokenizing = Tokenizer(models=machine.models, admission=gates, queue=machine.queue, turns=turns)
    return Computing(gates, generator, tokenizing, counting, tally, guard)
