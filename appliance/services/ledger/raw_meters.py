"""Meters that only the box knows: the energy of a request, and its price in money, added as it is settled."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from appliance.domain.batches import LineAnswer
from appliance.domain.clock import Clock
from appliance.domain.upstream import Price
from appliance.domain.usage import Hold, Meters, Outcome, ProgressMark
from appliance.policy.prices import micro_credits
from appliance.services.generation.ports import Ledger

READING_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a model is computed: the GPUs of each replica; ``price`` is in millionths of the lab's money,
    where it is hosted elsewhere and its price is known.
    """

    replicas: tuple[tuple[int, ...], ...] = ()
    price: Price | None = None


class Gauges(Protocol):
    """What is known of the models that run."""

    def of(self, model_id: str) -> Whereabouts:
        """Without waiting."""
        ...


class PowerMeter:
    """The latest reading, not older than a second while requests run. It is taken on a thread; nobody
    waits for it.
    """

    def __init__(self, read_mw: Callable[[], Mapping[int, int]], clock: Clock) -> None:
        self._read_mw = read_mw
        self._clock = clock
        self._drawn: Mapping[int, int] = {}
        self._read_s: float | None = None
        self._dark = False
        self._reading: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Take a reading soon, unless there is a fresh one, or no GPU that tells."""
        now_s = self._clock.monotonic_s()
        stale = self._read_s is None or now_s - self._read_s >= READING_S
        if stale and not self._dark and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._take(now_s))

    def mean_mw(self, replicas: Iterable[Sequence[int]]) -> int | None:
        """What one replica draws, over all of them; None where one is on no GPU that tells."""
        drawn = [[self._drawn.get(gpu) for gpu in gpus] for gpus in replicas]
        known = [one for gpus in drawn for one in gpus if one is not None]
        if not drawn or len(known) != sum(map(len, drawn)) or not all(drawn):
            return None
        return sum(known) // len(drawn)

    async def _take(self, now_s: float) -> None:
        self._drawn = await asyncio.to_thread(self._read_mw)
        self._dark = self._read_s is None and not self._drawn
        self._read_s = now_s


class RawMeters:
    """Keeps the ``Ledger`` port, and does what the one below does.

    The energy of a request is what the GPUs of one replica draw, times its share of the computing time
    (``gpu_ms``, which the engine divides among all that it computes at once).
    """

    def __init__(self, below: Ledger, power: PowerMeter, gauges: Gauges) -> None:
        self._below = below
        self._power = power
        self._gauges = gauges
        self._running: dict[str, Whereabouts] = {}

    async def reserve(self, hold: Hold) -> None:
        """See ``generation.ports.Ledger``."""
        self._power.look()
        await self._below.reserve(hold)
        self._running[hold.request_id] = self._gauges.of(hold.model.id)

    async def mark(self, marks: Sequence[ProgressMark]) -> None:
        """See ``generation.ports.Ledger``."""
        self._power.look()
        await self._below.mark(marks)

    async def settle(
        self, request_id: str, outcome: Outcome, meters: Meters, kept: LineAnswer | None = None
    ) -> None:
        """See ``generation.ports.Ledger``."""
        where = self._running.pop(request_id, Whereabouts())
        await self._below.settle(request_id, outcome, self._with(meters, where), kept)

    async def release(self, request_id: str) -> None:
        """See ``generation.ports.Ledger``."""
        self._running.pop(request_id, None)
        await self._below.release(request_id)

    def _with(self, meters: Meters, where: Whereabouts) -> Meters:
        drawn_mw = self._power.mean_mw(where.replicas)
        return replace(
            meters,
            energy_mj=None if drawn_mw is None else drawn_mw * meters.gpu_ms // 1000,
            money_micro=None
            if where.price is None
            else micro_credits(
                where.price,
                prompt_tokens=meters.prompt_tokens,
                cached_tokens=meters.cached_tokens,
                completion_tokens=meters.completion_tokens,
            ),
        )
