"""Which recipe of an id counts, where several sources have one. Decides; reads nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.catalog.entries import Entry
from appliance.domain.approval import LeftOut


@dataclass(frozen=True, slots=True)
class Joined:
    """``entries`` has one an id."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]


def join(
    release: Iterable[Entry], signed: Iterable[Entry], lab: Iterable[Entry], upstreams: Iterable[Entry]
) -> Joined:
    """A catalog's recipe replaces an older one; the lab's replaces a draft or a model elsewhere, and nothing
    else: what is hosted here is asked here.

    So nobody can take the name of a model that somebody else has approved, but the catalog of whoever
    maintains it. What was superseded is not told as left out; a name that is taken is.
    """
    table = {one.recipe.id: one for one in release}
    left_out = []
    for one in signed:
        present = table.get(one.recipe.id)
        if present is not None and _is_anothers(one, present):
            reason = f"There is a model {one.recipe.id} of somebody else; its name stays theirs."
            left_out.append(LeftOut(one.recipe.id, f"catalog {one.recipe.approval.name}", reason))
        elif present is None or _supersedes(one, present):
            table[one.recipe.id] = one
    for one in lab:
        present = table.get(one.recipe.id)
        if present is None or present.recipe.draft or present.recipe.upstream is not None:
            table[one.recipe.id] = one
        else:
            left_out.append(_taken(one, "lab"))
    for one in upstreams:
        if one.recipe.id in table:
            left_out.append(_taken(one, "upstreams"))
        else:
            table[one.recipe.id] = one
    return Joined(tuple(table.values()), tuple(left_out))


def _is_anothers(new: Entry, present: Entry) -> bool:
    """An organization signs for its own models: it takes the place of nobody else's."""
    approval, other = new.recipe.approval, present.recipe.approval
    return approval.role not in {"", "targets"} and (approval.name, approval.role) != (other.name, other.role)


def _supersedes(new: Entry, present: Entry) -> bool:
    """At the same revision a catalog goes before the release, and an earlier catalog before a later one."""
    if new.recipe.approval.freshness == "unverifiable" or (new.recipe.draft and not present.recipe.draft):
        return False
    if present.recipe.approval.by == "release":
        return new.recipe.revision >= present.recipe.revision
    return new.recipe.revision > present.recipe.revision


def _taken(one: Entry, place: str) -> LeftOut:
    reason = (
        f"There is a model {one.recipe.id} in the catalog already; choose another `id` for this one and "
        "name its file so."
    )
    return LeftOut(one.recipe.id, place, reason)
