"""The table of tripwires: what each counts, from which count on it is touched, and why that one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from appliance.domain.oversight import Level, WireSetting


@dataclass(frozen=True, slots=True)
class Wire:
    """``threshold`` counts ``unit``. An incident begins at level ``first`` and is raised to ``most`` at the
    highest without a person. ``explained_by`` are declared patterns that lower it to a note.
    """

    id: str
    title: str
    unit: str
    threshold: int
    first: Level
    most: Level
    why: str
    explained_by: tuple[str, ...] = ()
    on: bool = True
    hours: str = ""
    """Of the day, for the wire that looks at it."""
    window_hours: int = 24
    """Of a pack: in what time it counts."""
    distinct: int = 0
    """Of a pack: how many different texts must be among what it counts."""


BURST: Final = "burst"
VOLUME: Final = "volume"
NEAR_EQUAL: Final = "near-equal"
HARVEST: Final = "logprob-harvest"
ADDRESSES: Final = "many-addresses"
OFF_HOURS: Final = "off-hours"
CANARY_KEY: Final = "canary-key"
CLASSIFIER: Final = "classifier"
SPOT_CHECK: Final = "spot-check"

WIRES: Final = (
    Wire(
        BURST,
        "far more requests in a minute than is usual for them",
        "requests in a minute",
        120,
        Level.NOTE,
        Level.WARN,
        "Two a second for a whole minute is no person typing; ten times one's own usual minute is new. A "
        "loop is the daily bread of research, so it is written down and at the most told.",
        ("templated", "bulk", "evaluation", "course"),
    ),
    Wire(
        VOLUME,
        "far more use in a day than is usual for them",
        "requests in 24 hours, each 1,000 tokens as one more",
        3000,
        Level.NOTE,
        Level.THROTTLE,
        "A person who works all day sends some hundreds. Five times one's own usual day is new; ten times "
        "the threshold counts however usual it has become, so that nobody gets there in small steps.",
        ("templated", "bulk", "evaluation"),
    ),
    Wire(
        NEAR_EQUAL,
        "many prompts that are nearly equal",
        "prompts in 24 hours that are nearly equal to several recent ones",
        200,
        Level.WARN,
        Level.THROTTLE,
        "Somebody who mends a prompt by hand tries it some dozens of times. Hundreds are a template with its "
        "slots filled, which is how text is made in bulk, and also how bias is studied: hence declarations.",
        ("templated", "evaluation", "course"),
    ),
    Wire(
        HARVEST,
        "log-probabilities taken systematically",
        "different beginnings in a day whose log-probabilities were told (one in eight where only the "
        "token's own was)",
        1000,
        Level.WARN,
        Level.HOLD,
        "A model's last layer can be computed from the log-probabilities of about as many prompts as it is "
        "wide, some thousands (Carlini et al. 2024), and distilling takes more. At four times the threshold "
        "it is slowed down, before that many are told. Scoring asks for the token's own only.",
        ("evaluation", "log-probabilities"),
    ),
    Wire(
        ADDRESSES,
        "one key used from many addresses",
        "addresses in a day",
        8,
        Level.WARN,
        Level.HOLD,
        "One person has a desk, a laptop, a phone and a train. A class behind one router is one address. A "
        "key that was passed on or found shows as many.",
        ("shared",),
    ),
    Wire(
        OFF_HOURS,
        "much use at night",
        "requests in the hours that were set, in one night",
        200,
        Level.NOTE,
        Level.WARN,
        "Off unless the lab turns it on: many people work at night, and batches do.",
        ("templated", "bulk", "evaluation"),
        on=False,
        hours="22-5",
    ),
    Wire(
        CANARY_KEY,
        "a key that nobody was given",
        "uses",
        1,
        Level.NOTE,
        Level.NOTE,
        "Whoever uses it took it from where it was laid out. Nobody can be held for that, so it is told to "
        "who runs the box.",
    ),
    Wire(
        CLASSIFIER,
        "prompts that the guard model finds unsafe",
        "prompts in 24 hours, of those that were looked at",
        10,
        Level.WARN,
        Level.HOLD,
        "A guard model errs on a few of a hundred harmless prompts, so one verdict is nothing. Off unless "
        "`guard_percent` says how many prompts it looks at.",
    ),
    Wire(
        SPOT_CHECK,
        "a spot check that did not fit the declared purpose",
        "verdicts of a reviewer",
        1,
        Level.NOTE,
        Level.NOTE,
        "A reviewer compared one request with what its project said that it does. What follows is for people "
        "to decide.",
    ),
)

WORDS: Final[Mapping[str, str]] = {
    "templated": "one template with its slots filled, as in studies of bias",
    "bulk": "many requests at once, or all day",
    "evaluation": "a benchmark: scores, log-probabilities, templates, many requests",
    "log-probabilities": "log-probabilities of many prompts, as in studies of calibration",
    "shared": "one key on many machines, such as a cluster's nodes",
}
"""Patterns that a project can declare beside the names of wires and packs."""

_BY_KIND: Final[Mapping[str, tuple[str, ...]]] = {"evaluation": ("evaluation",), "course": ("course",)}
"""What a project's kind declares by itself: a class does one worksheet, and an evaluation evaluates."""


def declared_by_kind(kind: str) -> tuple[str, ...]:
    """Patterns that need not be declared in a project of this kind."""
    return _BY_KIND.get(kind, ())


def explanation(wire: Wire, declared: Iterable[str]) -> str:
    """The first of the declared patterns that explains trips of this wire; empty: none does."""
    explains = {wire.id, *wire.explained_by}
    return next((one for one in declared if one in explains), "")


def as_set(wire: Wire, setting: WireSetting | None) -> Wire:
    """The wire as the lab has it."""
    if setting is None:
        return wire
    return replace(
        wire,
        on=wire.on if setting.on is None else setting.on,
        threshold=setting.threshold or wire.threshold,
        hours=setting.hours or wire.hours,
    )
