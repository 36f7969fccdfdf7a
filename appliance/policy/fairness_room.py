"""Which waiting request goes now, into what is free, and for whom room is kept.

A big request may be passed by smaller ones, or half the box would idle until it fits; but only a few times,
or it would never fit. Then the replica with the most room takes nothing else until the big one fits there.

Nothing that runs is taken back, so an order alone is not enough: one person's loop would take each slot in
the moment between another's answer and next question ("deceptive idleness": Iyer and Druschel, "Anticipatory
Scheduling", SOSP 2001). Whoever runs more than an equal share therefore leaves some room to those who were
here a moment ago and have nothing running.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.engines.base import Free

MOST_PASSED: Final = 8
"""How many requests may go before one whose turn it is and that does not fit."""

AROUND_S: Final = 60.0
"""So long after the last request ended, a person counts as one who may ask again at any moment."""
KEPT_PART: Final = 2
"""No more than this part of a model (one half) is kept for those who may come back."""
OVERNIGHT_PART: Final = 2
"""No more than this part of a model (one half) computes lines of batches, while anything else runs there."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a waiting request needs of one source. ``kept`` is the source that keeps room for it, if one
    does.
    """

    number: int
    needs: Free
    passed: int = 0
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who goes, to one of the sources with room for it; who was passed; which source keeps room for whom."""

    number: int
    sources: tuple[int, ...]
    passed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with what is free. Without a ``choice``, nobody can go now."""

    choice: Choice | None
    kept: tuple[tuple[int, int], ...]
    """Pairs of a request's number and the source that keeps room for it from now on."""


def who_goes(order: Iterable[Wish], free: Sequence[Free]) -> Verdict:
    """The first of the order that fits, past those which do not. Sources are numbered as in ``free``.

    Looks no further than to whom it chooses. A source takes nothing while it keeps room for another; when
    all keep room, nobody else goes.
    """
    open_to_all = set(range(len(free)))
    passed: list[int] = []
    kept: list[tuple[int, int]] = []
    for wish in order:
        if not open_to_all:
            break
        rooms = tuple(source for source in sorted(open_to_all) if fits(wish.needs, free[source]))
        if rooms:
            return Verdict(Choice(wish.number, rooms, tuple(passed)), tuple(kept))
        passed.append(wish.number)
        if wish.passed >= MOST_PASSED:
            source = wish.kept if wish.kept in open_to_all else _roomiest(open_to_all, free)
            open_to_all.discard(source)
            kept.append((wish.number, source))
    return Verdict(None, tuple(kept))


def fits(needs: Free, free: Free) -> bool:
    """Whether there is room for both the sequences and the KV tokens."""
    return free.sequences >= needs.sequences and free.kv_tokens >= needs.kv_tokens


def kept_for_returning(around: Iterable[Free], whole: Free) -> Free:
    """Room for one more request of each who may come back, by what each asked for last; of ``whole``, which
    is all that a model can run at once, at most one part in ``KEPT_PART``.
    """
    kv_tokens = sequences = 0
    for one in around:
        kv_tokens += one.kv_tokens
        sequences += one.sequences
    return Free(min(kv_tokens, whole.kv_tokens // KEPT_PART), min(sequences, whole.sequences // KEPT_PART))


def equal_share(whole: Free, people: int) -> int:
    """Sequences that a person may run whatever is kept for others, at least 1. ``people`` are those here and
    those who may come back.
    """
    return max(1, whole.sequences // max(1, people))


def leaves_room(needs: Free, *, free: Free, kept: Free) -> bool:
    """Whether what is kept for others would still be free."""
    return free.sequences >= needs.sequences + kept.sequences and (
        free.kv_tokens >= needs.kv_tokens + kept.kv_tokens
    )


@dataclass(frozen=True, slots=True)
class Lodger:
    """A line of a batch that runs: what it takes of which source. ``leaving``: it was told to end."""

    number: int
    source: int
    needs: Free
    leaving: bool = False


def overnight_may_take(needs: Free, *, taken: Free, free: Free, whole: Free) -> bool:
    """Whether one more line of a batch may run, where batches have ``taken`` this much. All of a model that
    is otherwise idle is theirs too, if a line needs that much: they give way.
    """
    if free == whole:
        return True
    return (
        taken.sequences + needs.sequences <= whole.sequences // OVERNIGHT_PART
        and taken.kv_tokens + needs.kv_tokens <= whole.kv_tokens // OVERNIGHT_PART
    )


def who_gives_way(needs: Free, free: Sequence[Free], lodgers: Collection[Lodger]) -> tuple[int, ...]:
    """Lines of batches to end so that somebody's request fits one source: the youngest, which lose the least.

    ``lodgers`` are the oldest first. None where those that leave already are enough, or all would not be.
    """
    room = list(free)
    for one in lodgers:
        if one.leaving:
            room[one.source] = _more(room[one.source], one.needs)
    if any(fits(needs, one) for one in room):
        return ()
    told: dict[int, list[int]] = {}
    for one in reversed([one for one in lodgers if not one.leaving]):
        room[one.source] = _more(room[one.source], one.needs)
        told.setdefault(one.source, []).append(one.number)
        if fits(needs, room[one.source]):
            return tuple(told[one.source])
    return ()


def _more(one: Free, other: Free) -> Free:
    return Free(one.kv_tokens + other.kv_tokens, one.sequences + other.sequences)


def _roomiest(sources: Iterable[int], free: Sequence[Free]) -> int:
    return max(sources, key=lambda source: (free[source].kv_tokens, free[source].sequences, -source))
