"""Who may decide about access, and what is marked as decided by whoever has it."""

from collections.abc import Sequence

from appliance.domain.people import DEFAULT_ID, Person, Role

REVIEWING = frozenset({Role.REVIEWER, Role.ADMIN})


def somebody_else_reviews(people: Sequence[Person], person: str) -> bool:
    """Whether the box has a reviewer beside this person. Suspended ones decide nothing."""
    return any(one.role in REVIEWING and one.id != person and one.ended_ms is None for one in people)


def self_approved(people: Sequence[Person], members: Sequence[str], person: str) -> bool:
    """Whether whoever gives a grant to a project of these ``members`` is the only one who has it: ``person``
    is its only member, or the box has one person at most. ``person`` is empty for an operator who is none.
    """
    known = [one for one in people if one.id != DEFAULT_ID and one.ended_ms is None]
    return len(known) <= 1 or (bool(person) and set(members) == {person})
