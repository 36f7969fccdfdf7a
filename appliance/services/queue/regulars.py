"""Who uses a model these minutes: what each runs, and who may be back at any moment."""

from dataclasses import dataclass
from typing import Final

from appliance.engines.base import Free
from appliance.policy.fairness_room import AROUND_S, equal_share, kept_for_returning, leaves_room

NOTHING: Final = Free(0, 0)


@dataclass(slots=True)
class Regular:
    """One person at one model. ``needs`` is what the latest request needs."""

    needs: Free
    waiting: int = 0
    running: int = 0
    seen_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Situation:
    """What is free at one moment, what of it is kept for those who may return, and how many sequences each
    person may run in any case.
    """

    free: Free
    kept: Free
    share: int
    whole: Free
    """What a model can run at once."""


class Regulars:
    """The people of one line. Times in seconds."""

    def __init__(self) -> None:
        self._people: dict[str, Regular] = {}
        self._taken = NOTHING

    def wait(self, person: str, needs: Free) -> None:
        """A request of theirs waits."""
        regular = self._people.setdefault(person, Regular(needs))
        regular.needs = needs
        regular.waiting += 1

    def stop_waiting(self, person: str, now_s: float) -> None:
        """A request of theirs goes, to a source or away."""
        self._people[person].waiting -= 1
        self._people[person].seen_s = now_s

    def run(self, person: str, needs: Free) -> None:
        """A request of theirs is computed."""
        self._people[person].running += 1
        self._taken = _sum(self._taken, needs)

    def end(self, person: str, needs: Free, now_s: float) -> None:
        """It is no more."""
        self._people[person].running -= 1
        self._people[person].seen_s = now_s
        self._taken = Free(self._taken.kv_tokens - needs.kv_tokens, self._taken.sequences - needs.sequences)

    def situation(self, free: list[Free], now_s: float) -> Situation:
        """What a decision about room needs; forgets who has been away for long."""
        here = {
            name: one
            for name, one in self._people.items()
            if one.waiting or one.running or now_s - one.seen_s < AROUND_S
        }
        self._people = here
        in_all = NOTHING
        for one in free:
            in_all = _sum(in_all, one)
        whole = _sum(in_all, self._taken)
        around = (one.needs for one in here.values() if not (one.waiting or one.running))
        return Situation(in_all, kept_for_returning(around, whole), equal_share(whole, len(here)), whole)

    def may_take(self, person: str, needs: Free, situation: Situation) -> bool:
        """Whether one more request of this person leaves the others what is kept for them."""
        if self._people[person].running < situation.share:
            return True
        return leaves_room(needs, free=situation.free, kept=situation.kept)


def _sum(one: Free, other: Free) -> Free:
    return Free(one.kv_tokens + other.kv_tokens, one.sequences + other.sequences)
