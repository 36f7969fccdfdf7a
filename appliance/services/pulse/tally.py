"""What is counted of requests when they end or are refused: once each, nothing for a token."""

from collections import Counter

from appliance.domain.clock import Clock
from appliance.domain.generation import ServiceClass
from appliance.errors import BudgetExhausted, CarrelError, PersonLimitReached, RateLimited
from appliance.services.admission.gates import Asked
from appliance.services.generation.timing import EndedRun
from appliance.services.pulse.lately import FirstWords, Lately


class Tally:
    """``Meter`` of the generator; ``refused`` hears of refusals at the gates and behind them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ended_requests = 0
        self.ended_tokens: Counter[str] = Counter()
        """Of answers that ended, by model."""
        self.first_words = FirstWords()
        self.active: Lately[tuple[str, str]] = Lately()
        """Model and person. Whose lines of a batch run overnight is not here."""
        self.limited: Lately[str] = Lately()
        """Persons."""

    def forget(self, now_s: float) -> None:
        """Nobody is remembered for longer than they count, also where nobody asks."""
        self.active.of(now_s)
        self.limited.of(now_s)

    def ended(self, run: EndedRun) -> None:
        """A request is over."""
        now_s = self._clock.monotonic_s()
        self.ended_requests += 1
        self.ended_tokens[run.model] += run.meters.completion_tokens
        if run.timing.first_token_s is not None:
            self.first_words.note(run.timing.first_token_s, now_s)
        if run.service_class is not ServiceClass.OVERNIGHT:
            self.active.note((run.model, run.caller.holder), now_s)

    def refused(self, asked: Asked, _gate: str, error: CarrelError) -> None:
        """A request was refused. Only what a limit or a budget did counts."""
        if isinstance(error, RateLimited | PersonLimitReached | BudgetExhausted):
            self.limited.note(asked.caller.holder, self._clock.monotonic_s())
