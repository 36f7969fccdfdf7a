"""What a ledger should know, in a few lines of arithmetic over plain lists: the slow, obvious way."""

from dataclasses import dataclass

from appliance.domain.allocation import Allocation, Scope, Window, binding, subjects_of
from appliance.domain.people import Caller

PREFILL, PER_TOKEN = 7, 2


@dataclass(eq=False)
class Asked:
    """One request."""

    name: str
    caller: Caller
    model: str
    started_ms: int
    hold: int
    resumable: bool = False
    marked: int | None = None
    charged: int | None = None
    refunded: int = 0
    folded: bool = False
    """Its row has become a part of a sum."""

    @property
    def held(self):
        return self.hold if self.charged is None else 0

    def crash_charge(self):
        return 0 if self.marked is None else min(self.hold, PREFILL + self.marked * PER_TOKEN)


@dataclass(frozen=True)
class Given:
    """A grant to one account, or a bounty or correction for a project."""

    project: str
    micro: int
    at_ms: int
    account: tuple[str, str, int] | None = None


class ModeledLedger:
    """Requests, rules and gifts."""

    def __init__(self):
        self.asked: dict[str, Asked] = {}
        self.allocations: dict[str, Allocation] = {}
        self.given: list[Given] = []

    def concerned(self, caller: Caller, model: str) -> list[Allocation]:
        subjects = subjects_of(caller, model)
        return [
            one
            for one in self.allocations.values()
            if one.project_id == caller.project_id and one.subject in {"", subjects[one.scope]}
        ]

    def sums(self, allocation: Allocation, subject: str, opened_ms: int) -> tuple[int, int, int]:
        """Spent, held and granted of an account."""
        inside = [
            one
            for one in self.asked.values()
            if one.caller.project_id == allocation.project_id
            and subjects_of(one.caller, one.model)[allocation.scope] == subject
            and opened_ms <= one.started_ms < allocation.closes_ms(opened_ms)
        ]
        granted = sum(one.refunded for one in inside) + sum(
            one.micro for one in self.given if self._reaches(one, allocation, subject, opened_ms)
        )
        return sum(one.charged or 0 for one in inside), sum(one.held for one in inside), granted

    def fits(self, caller: Caller, model: str, hold: int, at_ms: int) -> bool:
        subjects = subjects_of(caller, model)
        for one in binding(self.concerned(caller, model), at_ms):
            spent, held, granted = self.sums(one, subjects[one.scope], one.opens_ms(at_ms))
            if not one.runs(at_ms):
                return False
            if one.limit_micro is not None and spent + held + hold > one.limit_micro + granted:
                return False
        return True

    def crash(self) -> int:
        held = [one for one in self.asked.values() if one.charged is None]
        for one in held:
            if one.resumable:
                del self.asked[one.name]
            else:
                one.charged = one.crash_charge()
        return sum(not one.resumable for one in held)

    @staticmethod
    def _reaches(given: Given, allocation: Allocation, subject: str, opened_ms: int) -> bool:
        if given.account is not None:
            return given.account == (allocation.id, subject, opened_ms)
        return (
            given.project == allocation.project_id
            and allocation.scope is Scope.PROJECT
            and allocation.window is not Window.DAY
            and opened_ms <= given.at_ms < allocation.closes_ms(opened_ms)
        )
