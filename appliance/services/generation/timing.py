"""How long the parts of one request took, and what is told of it when it is over. Times in seconds."""

from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.distribution import Distribution
from appliance.domain.generation import ServiceClass
from appliance.domain.people import Caller
from appliance.domain.usage import Meters, Outcome

ITL_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5)


class Timing:
    """The stopwatch of a request. It is asked once a step, so it only notes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun_s = clock.monotonic_s()
        self._joined_s = self._begun_s
        self._last_s: dict[int, float] = {}
        self.prepared_s: float | None = None
        """From its arrival until its prompt was tokens, its turn at the preparer included."""
        self.waited_s: float | None = None
        """In the queue; None while it has not left it."""
        self.first_token_s: float | None = None
        """From its arrival; None before the first token."""
        self.between_tokens = Distribution(ITL_BOUNDS_S)
        """From one token of a choice to its next one."""

    def prepared(self) -> None:
        """The prompt is tokens."""
        self.prepared_s = self._clock.monotonic_s() - self._begun_s

    def joined(self) -> None:
        """It waits for its turn from now on."""
        self._joined_s = self._clock.monotonic_s()

    def dispatched(self) -> None:
        """It left the queue."""
        self.waited_s = self._clock.monotonic_s() - self._joined_s

    def sampled(self, choice: int, tokens: int) -> None:
        """A step gave so many tokens of one choice."""
        now_s = self._clock.monotonic_s()
        if self.first_token_s is None:
            self.first_token_s = now_s - self._begun_s
        last_s = self._last_s.get(choice)
        if last_s is not None and tokens:
            self.between_tokens.add((now_s - last_s) / tokens, tokens)
        self._last_s[choice] = now_s


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A request that is over, and whose it was."""

    caller: Caller
    model: str
    service_class: ServiceClass
    outcome: Outcome
    meters: Meters
    timing: Timing


class Meter(Protocol):
    """Who counts what requests do."""

    def ended(self, run: EndedRun) -> None:
        """A request is over, settled or not. Must not raise."""
        ...


class JoinedMeter:
    """Several as one."""

    def __init__(self, *meters: Meter) -> None:
        self._meters = meters

    def ended(self, run: EndedRun) -> None:
        """Told to each."""
        for one in self._meters:
            one.ended(run)


class NoMeter:
    """Nobody counts."""

    def ended(self, run: EndedRun) -> None:
        """Nothing happens."""
