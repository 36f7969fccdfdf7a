"""Other names of models: found once, listed as such, and never in the way of a real name."""

from dataclasses import replace

import pytest

from appliance.domain.approval import Approval
from appliance.domain.people import Caller
from appliance.errors import ConfigInvalid, ModelNotFound, ModelNotRunning
from appliance.services.models.aliases import Aliases
from appliance.services.models.models import ModelService
from tests.models.conftest import Shelf
from tests.models.fakes import FakeCatalog, recipe

ADA = Caller("k", "ada", "default")
WRITTEN = ("gpt-4o-mini=small", "meta/Large-1.5:chat=large@f16")


def service(shelf: Shelf, *written: str) -> ModelService:
    return ModelService(
        catalog=shelf.catalog,
        weights=shelf.weights,
        wanted=shelf.wanted,
        factory=shelf.factory,
        machine=shelf.machine,
        queue=shelf.queue,
        clock=shelf.clock,
        threads=1,
        gpu_layers=-1,
        aliases=Aliases.read(written, shelf.catalog),
    )


async def test_a_request_by_alias_is_served_by_its_model(shelf: Shelf):
    models = service(shelf, *WRITTEN)
    await models.run(model="small")
    assert models.served("gpt-4o-mini").identity.id == "small"
    with pytest.raises(ModelNotRunning, match="large@f16 is not running"):
        models.served("meta/Large-1.5:chat")
    with pytest.raises(ModelNotFound):
        models.served("gpt-4")
    await models.close()


async def test_aliases_of_what_runs_are_listed_as_entries_of_their_own(shelf: Shelf):
    models = service(shelf, *WRITTEN)
    assert models.cards(ADA) == []
    await models.run(model="small")
    cards = models.cards(ADA)
    assert [(card.id, card.alias_of) for card in cards] == [("small", ""), ("gpt-4o-mini", "small")]
    assert cards[0].identity == cards[1].identity
    assert cards[0].identity is not None
    await models.close()


async def test_what_is_needed_to_repeat_an_answer_is_on_the_card(shelf: Shelf):
    models = service(shelf)
    await models.run(model="small")
    (card,) = models.cards(ADA)
    assert card.identity == models.served("small").identity
    assert (card.license, card.tier) == ("Apache-2.0", "open")
    assert card.defaults == models.served("small").defaults
    await models.close()


def test_the_default_form_by_its_long_name_is_the_same_model():
    assert Aliases.read(["a=small@q8"], FakeCatalog("small")).model("a") == "small"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (("small=large",), "small is the name of a model"),
        (("small@f16=large",), "small@f16 is the name of a model"),
        (("a=small", "a=large"), "the alias a is there twice"),
        (("a=small", "b=a"), "b names a, an alias too"),
    ],
)
def test_an_alias_that_would_confuse_is_refused_at_start(written, why):
    with pytest.raises(ConfigInvalid, match=why) as refused:
        Aliases.read(written, FakeCatalog("small", "large"))
    assert refused.value.param == "aliases"


def test_a_model_that_was_withdrawn_leaves_its_alias_alone_and_the_box_starts():
    catalog = FakeCatalog("small", "large")
    aliases = Aliases.read(("a=small", "b=large"), catalog)
    del catalog.recipes[0]
    assert aliases.lost() == ["a"]
    assert (aliases.model("a"), aliases.model("b")) == ("small", "large")
    assert Aliases.read(("a=small",), catalog).lost() == ["a"]


def test_a_model_that_comes_later_goes_before_an_alias_of_its_name():
    catalog = FakeCatalog("small")
    aliases = Aliases.read(("large=small",), catalog)
    assert aliases.model("large") == "small"
    catalog.recipes.append(replace(recipe("large"), approval=Approval("catalog", "lab")))
    assert aliases.model("large") == "large"
    assert Aliases.read(("large=small",), catalog).model("large") == "large"


def test_the_default_form_of_a_newer_recipe_is_what_an_alias_means():
    catalog = FakeCatalog("small")
    aliases = Aliases.read(("a=small@f16",), catalog)
    assert aliases.model("a") == "small@f16"
    catalog.recipes[0] = replace(catalog.recipes[0], forms=catalog.recipes[0].forms[::-1])
    assert aliases.model("a") == "small"
