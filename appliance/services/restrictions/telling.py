"""The log of decisions, as reviewers read it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from appliance.domain.clock import Clock
from appliance.domain.days import DAY_MS
from appliance.domain.decision import DecisionCount
from appliance.domain.results import DecisionLine, DecisionList, Result


class StoredDecisions(Protocol):
    """Where decisions are remembered."""

    async def list(
        self,
        *,
        since_ms: int,
        limit: int,
        person: str | None = None,
        project: str | None = None,
        model: str | None = None,
        rule: str | None = None,
    ) -> Sequence[DecisionCount]:
        """The latest first."""
        ...


class DecisionService:
    """Answers ``decision list``."""

    def __init__(self, decisions: StoredDecisions, clock: Clock) -> None:
        self._decisions = decisions
        self._clock = clock

    def handlers(self) -> Mapping[str, Callable[..., Awaitable[Result]]]:
        """Operator actions and who carries them out."""
        return {"decision.list": self.list}

    async def list(
        self,
        *,
        person: str | None,
        project: str | None,
        model: str | None,
        rule: str | None,
        days: int,
        limit: int,
    ) -> DecisionList:
        """What was decided, the latest first."""
        found = await self._decisions.list(
            since_ms=self._clock.now_ms() - days * DAY_MS,
            limit=limit + 1,
            person=person,
            project=project,
            model=model,
            rule=rule,
        )
        return DecisionList(decisions=tuple(_line(one) for one in found[:limit]), more=len(found) > limit)


def _line(one: DecisionCount) -> DecisionLine:
    decided = one.decided
    return DecisionLine(
        minute_ms=decided.minute_ms,
        verdict=decided.verdict,
        gate=decided.gate,
        rule=decided.rule,
        restriction=decided.restriction,
        key=decided.key,
        person=decided.person,
        project=decided.project,
        model=decided.model,
        count=one.count,
        last_ms=one.last_ms,
    )
