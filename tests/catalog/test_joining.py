"""Which recipe of an id counts where several sources have one."""

from dataclasses import replace

import pytest

from appliance.catalog.entries import Entry
from appliance.catalog.joining import join
from appliance.domain.approval import Approval
from tests.models.fakes import recipe

RELEASE = Approval()
LAB = Approval("lab", "ada")
UNIVERSITY = Approval("catalog", "north", "uni")


def catalog(name: str = "north", freshness="fresh", role="targets") -> Approval:
    return Approval("catalog", name, role, freshness)


def one(id: str, approval: Approval, revision: int = 1, *, draft: bool = False) -> Entry:
    return Entry(replace(recipe(id), revision=revision, approval=approval, draft=draft), b"")


def winner(*entries: Entry):
    """The recipe that is left, by its approval and revision; and how many were left out."""
    by = {
        kind: [one for one in entries if one.recipe.approval.by == kind]
        for kind in ("release", "catalog", "lab")
    }
    joined = join(by["release"], by["catalog"], by["lab"], ())
    (found,) = [entry.recipe for entry in joined.entries]
    return (found.approval.name or found.approval.by, found.revision, len(joined.left_out))


@pytest.mark.parametrize(
    ("entries", "wins"),
    [
        ((one("a", RELEASE, 2), one("a", catalog(), 3)), ("north", 3, 0)),
        ((one("a", RELEASE, 2), one("a", catalog(), 2)), ("north", 2, 0)),
        ((one("a", RELEASE, 2), one("a", catalog(), 1)), ("release", 2, 0)),
        ((one("a", RELEASE, 2), one("a", catalog(), 3, draft=True)), ("release", 2, 0)),
        ((one("a", RELEASE, 2), one("a", catalog(freshness="unverifiable"), 3)), ("release", 2, 0)),
        ((one("a", RELEASE, 2), one("a", catalog(freshness="stale"), 3)), ("north", 3, 0)),
        ((one("a", catalog(), 2), one("a", catalog("south"), 2)), ("north", 2, 0)),
        ((one("a", catalog(), 2), one("a", catalog("south"), 3)), ("south", 3, 0)),
        ((one("a", catalog(), 3), one("a", catalog(), 2)), ("north", 3, 0)),
        ((one("a", RELEASE, 1), one("a", UNIVERSITY, 9)), ("release", 1, 1)),
        ((one("a", catalog(), 1), one("a", UNIVERSITY, 9)), ("north", 1, 1)),
        ((one("a", UNIVERSITY, 9),), ("north", 9, 0)),
        ((one("a", UNIVERSITY, 1), one("a", UNIVERSITY, 2)), ("north", 2, 0)),
        ((one("a", RELEASE, 5, draft=True), one("a", LAB, 1)), ("ada", 1, 0)),
        ((one("a", catalog(), 5, draft=True), one("a", LAB, 1)), ("ada", 1, 0)),
        ((one("a", RELEASE, 1), one("a", LAB, 9)), ("release", 1, 1)),
        ((one("a", catalog(), 1), one("a", LAB, 9)), ("north", 1, 1)),
    ],
)
def test_who_has_the_name(entries, wins):
    assert winner(*entries) == wins


def test_a_model_elsewhere_takes_no_name_at_all():
    joined = join([one("a", RELEASE, draft=True)], [], [one("b", LAB)], [one("a", LAB, 7), one("b", LAB, 8)])
    assert [(entry.recipe.id, entry.recipe.revision) for entry in joined.entries] == [("a", 1), ("b", 1)]
    assert [(left.id, left.place) for left in joined.left_out] == [("a", "upstreams"), ("b", "upstreams")]
