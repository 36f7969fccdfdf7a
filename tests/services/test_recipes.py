"""Operators see every recipe, who approved it, and why one is not used."""

from dataclasses import replace

import pytest

from appliance.domain.approval import Approval, LeftOut
from appliance.services.recipes import RecipeService
from tests.admin.fake_box import SilentLog
from tests.models.fakes import recipe


class Sources:
    """A catalog that has what ``next`` is once it is read again."""

    def __init__(self) -> None:
        self.recipes = [recipe("tiny"), replace(recipe("own"), approval=Approval("lab", "ada"))]
        self.left_out = [LeftOut("bad", "lab", "It is not approved.")]
        self.next: list = []

    def reload(self) -> None:
        self.recipes = self.next


class Models:
    def __init__(self) -> None:
        self.by_lab: list[set[str]] = []

    async def end_withdrawn(self, by_lab) -> None:
        self.by_lab.append(set(by_lab))


@pytest.fixture
def service():
    return RecipeService(Sources(), Models(), SilentLog())


async def lines(service):
    return [
        (one.id, one.state, one.approved_by, one.who, one.reason)
        for one in (await service.list_recipes()).recipes
    ]


async def test_the_list_has_what_counts_and_after_it_what_does_not(service):
    assert await lines(service) == [
        ("tiny", "approved", "approved with Carrel", None, None),
        ("own", "approved", "approved by this lab", "ada", None),
        ("bad", "left out", "nobody (from lab)", None, "It is not approved."),
    ]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"draft": True}, "draft"),
        ({"approval": Approval("catalog", "north", "targets", "stale")}, "stale"),
        ({"approval": Approval("catalog", "north", "targets", "unverifiable")}, "unverifiable"),
    ],
)
async def test_what_keeps_a_recipe_from_being_used_is_its_state(service, changes, state):
    service._catalog.recipes = [replace(recipe("tiny"), **changes)]
    assert (await lines(service))[0][1] == state


async def test_reading_again_ends_what_the_lab_has_withdrawn_and_nothing_that_was_only_put_aside(service):
    sources = service._catalog
    sources.next = [recipe("tiny"), replace(recipe("new"), approval=Approval("lab", "ada"))]
    listed = await service.reload()
    assert [one.id for one in listed.recipes] == ["tiny", "new", "bad"]
    assert service._models.by_lab == [{"new", "bad"}]


async def test_what_is_left_out_is_logged(service):
    service.tell_left_out()
    assert service._log.records == [
        ("warning", "recipe_left_out", {"recipe": "bad", "place": "lab", "reason": "It is not approved."})
    ]
