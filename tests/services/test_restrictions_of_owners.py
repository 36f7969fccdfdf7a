"""What the owner of a shared model says of it holds on every box that has the entry: the strictest wins."""

from dataclasses import replace

import pytest

from appliance.domain.restriction import Limits, Restriction, Scope
from appliance.domain.sharing import Sharing
from appliance.errors import ModelNotFound, Restricted
from appliance.services.restrictions.book import RestrictionBook
from appliance.services.restrictions.owners import CatalogOwners
from tests.models.fakes import recipe

SHARING = Sharing("uni", "access", "ada", (), (), (), "", "", restrictions=Limits(max_tokens=64, n=1))


class Catalog:
    def __init__(self, **changed):
        self.recipe = replace(recipe("uni.m"), revision=3, sharing=replace(SHARING, **changed))

    def find(self, model):
        if model != self.recipe.id:
            raise ModelNotFound("No such model.")
        return self.recipe


def book(catalog):
    return RestrictionBook(lambda _model: "open", CatalogOwners(catalog.find, lambda: [catalog.recipe]))


def lab(max_tokens):
    return Restriction(Scope("all"), 1, Limits(max_tokens=max_tokens), "ours", "uid 0", 1)


@pytest.mark.parametrize(("ours", "most", "by"), [(32, 32, "all@1"), (128, 64, "owner:uni.m@3")])
def test_the_strictest_of_lab_and_owner_holds(ours, most, by):
    restrictions = book(Catalog(why="for its own sake"))
    restrictions.put(lab(ours))
    cap = restrictions.in_force("uni.m", "nlp").cap("max_tokens")
    assert (cap.most, cap.by.name) == (most, by)
    assert restrictions.in_force("other", "nlp").cap("max_tokens").most == ours
    assert restrictions.said_of("uni.m")[-1] == (
        "owner:uni.m@3: answers of at most 64 tokens; at most 1 answers to a prompt (for its own sake)"
    )


def test_a_new_entry_holds_from_the_next_request_on():
    catalog = Catalog()
    restrictions = book(catalog)
    assert restrictions.in_force("uni.m", "nlp").cap("max_tokens").most == 64
    catalog.recipe = Catalog(restrictions=Limits(max_tokens=16)).recipe
    assert restrictions.in_force("uni.m", "nlp").cap("max_tokens").most == 16
    catalog.recipe = replace(catalog.recipe, sharing=None)
    assert restrictions.in_force("uni.m", "nlp").rules == ()


def test_members_see_what_owners_say():
    assert [one.name for one in book(Catalog()).all()] == ["owner:uni.m@3"]
    assert [one.name for one in book(Catalog()).of_project("nlp")] == ["owner:uni.m@3"]


def test_what_cannot_be_read_lets_nothing_through():
    with pytest.raises(Restricted, match="cannot be read"):
        book(Catalog(restrictions=Limits(denied=("(",)))).in_force("uni.m", "nlp")
