"""By which requests an amount is said in other words: those of the model that a project uses most."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.days import DAY_MS
from appliance.domain.results import AmountAbout
from appliance.domain.usage import Grouping, UsageFilter, UsageSum
from appliance.errors import BadRequest
from appliance.policy.amounts import (
    USUAL_ANSWER_TOKENS,
    USUAL_PROMPT_TOKENS,
    Reference,
    gpu_hours,
    questions,
    tokens,
)

_DAYS: Final = 30
_USUAL: Final = f"{USUAL_PROMPT_TOKENS} tokens in and {USUAL_ANSWER_TOKENS} out, since nothing was asked yet"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that runs. ``micro`` is what a question of usual length costs there."""

    id: str
    micro: int


class UsageSums(Protocol):
    """Where usage rows are summed."""

    async def filtered(self, by: Grouping, which: UsageFilter) -> Sequence[UsageSum]:
        """One sum a group."""
        ...


class References:
    """``running`` are the models that run now."""

    def __init__(self, usage: UsageSums, running: Callable[[], Iterable[KnownModel]], clock: Clock) -> None:
        self._usage = usage
        self._running = running
        self._clock = clock

    async def of(self, project: str, model: str | None = None) -> Reference | None:
        """Of a model, or of what the project used most, or of the only model that runs; None where there is
        nothing of the kind. Raises ``BadRequest`` for a model that nobody knows the cost of.
        """
        since_ms = self._clock.now_ms() - _DAYS * DAY_MS
        mine = await self._usage.filtered(Grouping.MODEL, UsageFilter(since_ms, project_id=project))
        if measured := _most_used(mine, model, f"what project {project} used in {_DAYS} days"):
            return measured
        wanted = model or self._only_one()
        if wanted is None:
            return None
        which = UsageFilter(since_ms, model=wanted.partition("@")[0])
        box = await self._usage.filtered(Grouping.MODEL, which)
        found = _most_used(box, wanted, f"what everybody used in {_DAYS} days") or self._usual(wanted)
        if found is None:
            raise BadRequest(
                f"Nobody used {wanted} in {_DAYS} days and it does not run, so nobody knows what it costs: "
                "say `--credits`, or another model with `--of`.",
                param="of",
            )
        return found

    def among(self, used: Iterable[UsageSum]) -> Reference | None:
        """The same without a query, from what a caller used in these days."""
        return _most_used(used, None, f"what you used in {_DAYS} days") or self._usual(self._only_one())

    def _only_one(self) -> str | None:
        running = [one.id for one in self._running()]
        return running[0] if len(running) == 1 else None

    def _usual(self, model: str | None) -> Reference | None:
        for one in self._running():
            if one.id == model and one.micro:
                usual = USUAL_PROMPT_TOKENS + USUAL_ANSWER_TOKENS
                return Reference(one.id, 1, usual, one.micro, 0, _USUAL)
        return None


def about(micro: int | None, reference: Reference | None) -> AmountAbout | None:
    """An amount in other words; None where there is no limit, or nothing to go by."""
    if micro is None or reference is None:
        return None
    return AmountAbout(
        model=reference.model,
        questions=questions(micro, reference),
        tokens=tokens(micro, reference),
        gpu_hours=gpu_hours(micro, reference),
        basis=reference.basis,
    )


def _most_used(used: Iterable[UsageSum], model: str | None, basis: str) -> Reference | None:
    costly = [one for one in used if one.meters.gflop and model in {None, one.group}]
    if not costly:
        return None
    most = max(costly, key=lambda one: one.meters.gflop)
    meters = most.meters
    whole = max(meters.prompt_tokens + meters.completion_tokens, 1)
    return Reference(most.group, most.requests, whole, meters.gflop, meters.gpu_ms, basis)
