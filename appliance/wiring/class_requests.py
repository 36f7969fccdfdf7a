"""Joins what classes are at the time of a request: the gate, the names, what is noted of their callers."""

from dataclasses import dataclass

from appliance.domain.classes import FrozenModel
from appliance.domain.clock import Clock
from appliance.services.classes.book import ClassBook
from appliance.services.classes.first_uses import FirstUses
from appliance.services.classes.first_words import FirstWords
from appliance.services.classes.freezing import frozen_of
from appliance.services.classes.gate import ClassGate
from appliance.services.classes.listed import ListedModels
from appliance.services.classes.polling import Polling
from appliance.services.classes.rehearsal_keys import RehearsalKeys
from appliance.services.classes.troubles import Troubles
from appliance.services.models.models import ModelService
from appliance.wiring.restrictions import local_time


@dataclass(frozen=True, slots=True)
class ClassRequests:
    """``listed`` is what callers find in lists of models."""

    book: ClassBook
    gate: ClassGate
    rehearsals: RehearsalKeys
    polling: Polling
    troubles: Troubles
    first_uses: FirstUses
    first_words: FirstWords
    listed: ListedModels


def class_requests(book: ClassBook, models: ModelService, clock: Clock) -> ClassRequests:
    """Everything is in memory."""

    def as_runs(model: str) -> FrozenModel | None:
        for one in models.present:
            if one.id == model and not one.lent:
                return frozen_of(one.recipe, one.form)
        return None

    rehearsals = RehearsalKeys()
    polling = Polling(book, models.permitting, clock, runs=lambda model: as_runs(model) is not None)
    gate = ClassGate(book, rehearsals, runs=as_runs, local=local_time, clock=clock)
    return ClassRequests(
        book=book,
        gate=gate,
        rehearsals=rehearsals,
        polling=polling,
        troubles=Troubles(clock),
        first_uses=FirstUses(book),
        first_words=FirstWords(book, clock),
        listed=ListedModels(models, book, clock),
    )
