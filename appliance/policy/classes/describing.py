"""What a teacher says of a class, and the class that it makes of the one before. Pure."""

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import TypeVar

from appliance.domain.classes import ClassMode, SchoolClass, SeatCaps
from appliance.errors import BadRequest
from appliance.policy.classes.shape import networks_in
from appliance.policy.classes.times import MINUTE_MS, USUAL_MIN, ends_at, starts_at

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Described:
    """As it was said; None is not said. ``models`` are ids already."""

    title: str | None = None
    mode: ClassMode | None = None
    models: tuple[str, ...] | None = None
    seat_tokens: int | None = None
    seat_running: int | None = None
    seat_requests_per_minute: int | None = None
    seat_tokens_per_minute: int | None = None
    starts: str | None = None
    ends: str | None = None
    minutes: int | None = None
    grace_min: int | None = None
    guests: int | None = None
    networks: str | None = None
    seed: int | None = None


def described(lesson: SchoolClass, said: Described, now_ms: int, zone: tzinfo | None) -> SchoolClass:
    """The class with what was said. Raises ``BadRequest``."""
    starts_ms = lesson.starts_ms if said.starts is None else starts_at(said.starts, now_ms, zone)
    return replace(
        lesson,
        title=_or(said.title, lesson.title),
        mode=said.mode or lesson.mode,
        models=_or(said.models, lesson.models),
        caps=_caps(lesson.caps, said),
        starts_ms=starts_ms,
        ends_ms=_ends(lesson, said, _begins(lesson, starts_ms, now_ms), zone),
        grace_min=_or(said.grace_min, lesson.grace_min),
        guests=_or(said.guests, lesson.guests),
        networks=lesson.networks if said.networks is None else networks_in(said.networks),
        seed=_or(said.seed, lesson.seed),
    )


def usual_end(now_ms: int) -> int:
    """Where nobody says."""
    return now_ms + USUAL_MIN * MINUTE_MS


def _begins(lesson: SchoolClass, starts_ms: int | None, now_ms: int) -> int:
    """What its end is counted from."""
    if starts_ms is not None:
        return starts_ms
    return now_ms if lesson.opened_ms is None else lesson.opened_ms


def _ends(lesson: SchoolClass, said: Described, begins_ms: int, zone: tzinfo | None) -> int:
    if said.ends is not None and said.minutes is not None:
        raise BadRequest("Say `--ends` or `--minutes`, not both.", param="ends")
    if said.minutes is not None:
        return begins_ms + said.minutes * MINUTE_MS
    if said.ends is not None:
        return ends_at(said.ends, begins_ms, zone)
    # An end that nobody set moves with the beginning.
    unset = lesson.ends_ms == usual_end(lesson.created_ms)
    return usual_end(begins_ms) if said.starts is not None and unset else lesson.ends_ms


def _caps(caps: SeatCaps, said: Described) -> SeatCaps:
    return SeatCaps(
        tokens=_or(said.seat_tokens, caps.tokens),
        running=_or(said.seat_running, caps.running),
        requests_per_minute=_or(said.seat_requests_per_minute, caps.requests_per_minute),
        tokens_per_minute=_or(said.seat_tokens_per_minute, caps.tokens_per_minute),
    )


def _or(said: T | None, before: T) -> T:
    return before if said is None else said
