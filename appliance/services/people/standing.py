"""Nothing is computed for who is suspended, has left, or whose project is over; what runs for them ends."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from appliance.domain.clock import Clock
from appliance.domain.people import Caller
from appliance.errors import CarrelError, NotPermitted
from appliance.policy.standing import Fault, fault_of
from appliance.services.admission.gates import Asked
from appliance.services.people.directory import Directory

LOOK_EVERY_S: Final = 1.0


class Runs(Protocol):
    """What is computed and what waits for it."""

    def end_where(self, refused: Callable[[Caller], CarrelError | None]) -> None:
        """Whatever is of a caller for whom there is an error ends with it."""
        ...


class Refuses(Protocol):
    """Who says for whom nothing is computed now."""

    def refusal(self, caller: Caller) -> NotPermitted | None:
        """From memory; None where all is well."""
        ...


class Standing:
    """Answers from memory whether a caller is in good standing."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    def fault(self, caller: Caller) -> Fault | None:
        """None where all is well."""
        there = self._directory
        return fault_of(
            caller,
            person=there.person(caller.person_id),
            project=there.project(caller.project_id),
            part=there.part(caller.project_id, caller.person_id),
            leads=there.leads(caller.project_id),
            now_ms=self._clock.now_ms(),
        )

    def refusal(self, caller: Caller) -> NotPermitted | None:
        """The fault as an error."""
        fault = self.fault(caller)
        return None if fault is None else _error(fault)

    def check(self, caller: Caller, *, belonging_only: bool = False) -> None:
        """Raises ``NotPermitted``. With ``belonging_only`` who is suspended, or whose project is over,
        passes: they may still see what is theirs.
        """
        fault = self.fault(caller)
        if fault is not None and (fault.outside or not belonging_only):
            raise _error(fault)


class StandingGate:
    """The first gate: who asks, before what is asked for."""

    name: Final = "standing"

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    def let(self, asked: Asked) -> Asked:
        """Raises ``NotPermitted``."""
        self._standing.check(asked.caller)
        return asked


class StandingKeys:
    """Which keys something can still be computed for."""

    def __init__(self, works: Callable[[str], Caller | None], standing: Standing) -> None:
        self._caller_of = works
        self._standing = standing

    def works(self, key_id: str) -> bool:
        """Whether the key is in use, and its person and project are in good standing."""
        caller = self._caller_of(key_id)
        return caller is not None and self._standing.fault(caller) is None


async def enforce(
    rule: Refuses, runs: Runs, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Until it is cancelled: once a second, end what runs for whoever lost their standing, or whose class is
    over. Days end, persons are suspended and members leave, whoever had that done; one look finds them all.
    """
    while True:
        runs.end_where(rule.refusal)
        await sleep(LOOK_EVERY_S)


def _error(fault: Fault) -> NotPermitted:
    return NotPermitted(fault.message, rule=fault.rule, waits_for=fault.waits_for)
