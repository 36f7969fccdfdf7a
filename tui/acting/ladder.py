"""How hard to ask back before an action: what it can lose decides, and is said. Decides only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from appliance.domain.action import Action, Blast, Permission, Place
from appliance.domain.plain_text import one_line
from appliance.domain.results import QueueLine, Status

REHEARSAL: Final = "dry_run"
"""The argument of actions that can say beforehand what they would do."""
_LONGEST_WORD: Final = 64
_WRITES: Final = frozenset({"sample.key"})
"""Local actions that only look at the box, and write a file here."""


class Asks(StrEnum):
    """The steps of the ladder."""

    NOTHING = "nothing"
    COUNTS = "counts"
    """Work in flight can end: a dialog counts it."""
    TYPES = "types"
    """Data can be gone, or people cut off: the name has to be typed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what can be lost, in sentences, and the ``word`` that has to be typed, if any."""

    asks: Asks
    sentences: tuple[str, ...] = ()
    word: str = ""


def looks_only(action: Action) -> bool:
    """Whether it may be done through a viewer that is read-only: it changes nothing, and is no row of the
    audit log by somebody who decides.
    """
    reads = action.permission is Permission.READ or action.lists
    return reads and action.blast is Blast.NONE and action.name not in _WRITES


def refusal(action: Action) -> str:
    """What is said to somebody who wants more of a viewer that is read-only."""
    words = action.name.replace(".", " ")
    return (
        f"This viewer is read-only, and `{words}` is not for looking: open `carrel tui` without `--readonly`."
    )


def step_of(
    action: Action,
    arguments: Mapping[str, object],
    status: Status | None,
    *,
    subject: str = "",
    rehearsed: str = "",
) -> Step:
    """``status`` is what the box does now, None where it cannot be asked; ``rehearsed`` what the action
    itself says it would do; ``subject`` what a person calls the thing.
    """
    if arguments.get(REHEARSAL):
        return Step(Asks.NOTHING)
    if action.blast is Blast.DESTROYS:
        what = rehearsed or action.summary
        return Step(Asks.TYPES, (what, "This cannot be undone."), word_of(action, arguments, subject))
    if action.blast is Blast.INTERRUPTS:
        return Step(Asks.COUNTS, (action.summary, *_in_flight(action, arguments, status)))
    return Step(Asks.NOTHING)


def word_of(action: Action, arguments: Mapping[str, object], subject: str = "") -> str:
    """What has to be typed: the thing's own name, as it is shown, or the verb where there is none that a
    keyboard has.
    """
    first = next((arguments.get(one.name) for one in action.arguments if one.positional), None)
    for candidate in (subject, "" if first is None else str(first)):
        if candidate and len(candidate) <= _LONGEST_WORD and candidate.isascii() and candidate.isprintable():
            return candidate.strip()
    return action.verb


def confirmed(step: Step, typed: str) -> bool:
    """Whether the word was typed."""
    return one_line(typed) == one_line(step.word)


def _in_flight(action: Action, arguments: Mapping[str, object], status: Status | None) -> tuple[str, ...]:
    if action.place is Place.LOCAL:
        return ()
    if status is None:
        return ("How many requests run now is not known: the box does not say.",)
    model = arguments.get("model")
    lines = [one for one in status.queue.lines if one.model == model] if model else list(status.queue.lines)
    running, waiting = (
        (sum(one.running for one in lines), sum(one.waiting for one in lines))
        if model
        else (status.queue.running, status.queue.waiting)
    )
    if not running + waiting:
        return ("Nothing runs and nothing waits now.",)
    oldest = _oldest(lines)
    whose = f" of {model}" if model else " on the box"
    counted = f"{_requests(running)} running{whose}, {waiting} queued{oldest}; they may not end well."
    return (counted,)


def _oldest(lines: Iterable[QueueLine]) -> str:
    longest = max((one.oldest_wait_s for one in lines if one.waiting), default=0)
    return f", oldest {longest} s" if longest else ""


def _requests(number: int) -> str:
    return "1 request" if number == 1 else f"{number} requests"
