"""A model whose file was found to be wrong is named with the reason, whether it runs or not."""

from appliance.domain.recipe import Recipe, RecipeForm
from tests.models.conftest import Shelf

WRONG = "small-q8.gguf is not the file of the recipe (its SHA-256 differs)."


def trouble_of(recipe: Recipe, form: RecipeForm) -> str | None:
    return WRONG if (recipe.id, form.name) == ("small", "q8") else None


async def test_it_is_listed_and_shown_with_the_reason(shelf: Shelf):
    service = shelf.service(trouble_of=trouble_of)
    lines = {one.id: one for one in (await service.list_models(all=True)).models}
    assert (lines["small"].damaged, lines["small"].reason) == (WRONG, WRONG)
    assert lines["small@f16"].damaged is None
    assert (await service.show(model="small")).reason == WRONG


async def test_one_that_runs_goes_on_and_is_named(shelf: Shelf):
    service = shelf.service(trouble_of=trouble_of)
    await service.run(model="small")
    (line,) = [one for one in service.summaries(every=False) if one.id == "small"]
    assert (line.state, line.damaged, line.reason) == ("ready", WRONG, WRONG)
    assert service.served("small")
