"""Looking on at what actions answer: topics, what of an answer changed, and the answer put together again.

An answer is taken as JSON has it: an object of fields. A field that is a list of objects is told row by row
where that is less than the whole list; any other is told whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, TypeGuard

from msgspec import Meta, Struct

from appliance.domain.action import Action, Blast, Permission, Place

MOST_TOPICS: Final = 24
_MISSING: Final = object()
"""In place of a row that is not known."""
LEAST_EVERY_MS: Final = 200
MOST_EVERY_MS: Final = 60_000

Value = str | int | bool | None
"""What an argument of an action can be."""

Answer = Mapping[str, object]
"""What an action answered, as JSON has it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """An action that changes nothing, asked again ``every_ms`` after each answer. ``arguments`` are pairs
    of name and value, so that a topic can be a key.
    """

    action: str
    arguments: tuple[tuple[str, Value], ...] = ()
    every_ms: int = 1000


class TopicBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A topic as it is asked for."""

    action: Annotated[str, Meta(min_length=1, max_length=100)]
    arguments: Annotated[dict[Annotated[str, Meta(max_length=100)], Value], Meta(max_length=32)] = {}
    every_ms: Annotated[int, Meta(ge=LEAST_EVERY_MS, le=MOST_EVERY_MS)] = 1000


class WatchBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody wants to look on at. Events name a topic by its place in the list."""

    topics: Annotated[tuple[TopicBody, ...], Meta(min_length=1, max_length=MOST_TOPICS)]


class RowsChange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changed in a list: it has ``length`` rows; each is the one of ``changed`` at its place, or else
    the one that was ``shift`` places further on.
    """

    length: int
    shift: int = 0
    changed: dict[int, object] = {}


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changed in an answer: fields with a new value, lists with new rows, fields that are no more."""

    set: dict[str, object] = {}
    rows: dict[str, RowsChange] = {}
    gone: tuple[str, ...] = ()


class Failure(Struct, frozen=True, kw_only=True):
    """Why an action could not be carried out, with the code of the error."""

    code: str
    message: str


class Event(Change, frozen=True, kw_only=True, omit_defaults=True):
    """What one topic tells: a change, or an error that holds until the next change."""

    topic: int
    error: Failure | None = None


def body_of(topics: Sequence[Topic]) -> WatchBody:
    """The topics as they are asked for."""
    return WatchBody(topics=tuple(_body(one) for one in topics))


def topics_of(body: WatchBody) -> tuple[Topic, ...]:
    """The topics that were asked for."""
    return tuple(Topic(one.action, tuple(one.arguments.items()), one.every_ms) for one in body.topics)


def is_watchable(action: Action) -> bool:
    """It changes nothing, leaves no row in the audit log, and is answered in a moment."""
    only_looks = action.permission is Permission.READ or action.lists
    soon = action.place is Place.GATEWAY and not action.long and not action.follows
    return only_looks and soon and action.blast is Blast.NONE


def changes(old: Answer | None, new: Answer) -> Change | None:
    """What turns ``old`` into ``new``; None where nothing does. Without an old answer, all of the new one."""
    if old is None:
        return Change(set=dict(new))
    other = {name: value for name, value in new.items() if name not in old or old[name] != value}
    gone = tuple(name for name in old if name not in new)
    if not other and not gone:
        return None
    rows = {name: _rows(old.get(name), value) for name, value in other.items()}
    return Change(
        set={name: value for name, value in other.items() if rows[name] is None},
        rows={name: found for name, found in rows.items() if found is not None},
        gone=gone,
    )


def applied(old: Answer | None, change: Change) -> dict[str, object]:
    """The answer after a change. Raises ``ValueError`` where it does not fit the answer before."""
    new = {name: value for name, value in (old or {}).items() if name not in change.gone}
    for name, rows in change.rows.items():
        new[name] = _with_rows(new.get(name), rows)
    return {**new, **change.set}


def _body(topic: Topic) -> TopicBody:
    return TopicBody(action=topic.action, arguments=dict(topic.arguments), every_ms=topic.every_ms)


def _rows(old: object, new: object) -> RowsChange | None:
    """The change by rows, or None where the whole list says it as briefly."""
    if not _is_rows(old) or not _is_rows(new):
        return None
    found = min((_shifted(old, new, shift) for shift in _shifts(old, new)), key=lambda one: len(one.changed))
    return found if len(found.changed) < len(new) or not new else None


def _is_rows(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _shifts(old: list[object], new: list[object]) -> set[int]:
    """Where the rows may have gone: nowhere, up by those that left at the top, down by those that came."""
    up = old.index(new[0]) if new and new[0] in old else 0
    down = new.index(old[0]) if old and old[0] in new else 0
    return {0, up, -down}


def _shifted(old: list[object], new: list[object], shift: int) -> RowsChange:
    changed = {
        place: row
        for place, row in enumerate(new)
        if not 0 <= place + shift < len(old) or old[place + shift] != row
    }
    return RowsChange(length=len(new), shift=shift, changed=changed)


def _with_rows(old: object, change: RowsChange) -> list[object]:
    before = old if isinstance(old, list) else []
    if change.length < 0 or change.length > len(before) + len(change.changed):
        raise ValueError("A list has more rows than were told.")
    first = max(0, -change.shift)
    kept = before[max(0, change.shift) :][: max(0, change.length - first)]
    rows = [_MISSING] * first + kept
    rows += [_MISSING] * (change.length - len(rows))
    for place, row in change.changed.items():
        if not 0 <= place < change.length:
            raise ValueError("A row was told that is none of the list.")
        rows[place] = row
    if _MISSING in rows:
        raise ValueError("A row was never told.")
    return rows
