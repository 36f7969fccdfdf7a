"""May the files of a model be brought here now? Asked before a download, and every second while it runs."""

from appliance.domain.model import MODEL_ID
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.source import WeightSource
from appliance.errors import BadRequest, IntegrityFailed, ModelNotFound, NotAllowed, NotFound, Offline
from appliance.policy.licenses import Act
from appliance.services.downloads.ports import Catalog, Permits


def find(catalog: Catalog, model: str) -> tuple[Recipe, RecipeForm]:
    """The form that is meant. Raises ``ModelNotFound`` for an unknown one and a draft, ``BadRequest`` for a
    model that is hosted elsewhere.
    """
    if not MODEL_ID.match(model):
        raise ModelNotFound("No model has that name; `carrel model list --all` shows what there is.")
    recipe, form = catalog.find(model)
    if recipe.upstream is not None:
        raise BadRequest(f"{recipe.id} is hosted elsewhere, so there is nothing to pull: run it.")
    if recipe.draft:
        raise ModelNotFound(
            f"{recipe.id} is a draft: not every hash of its files is known, so it cannot be pulled. "
            f"`carrel recipe new {recipe.id}` completes it, and `carrel recipe approve FILE` approves it."
        )
    return recipe, form


def check_fresh(recipe: Recipe) -> None:
    """Raises for a catalog whose word is not good any more: ``NotAllowed`` where it has expired,
    ``IntegrityFailed`` where it cannot be verified.
    """
    catalog = recipe.approval.name
    if recipe.approval.freshness == "stale":
        raise NotAllowed(
            f"The catalog {catalog}, which lists {recipe.id}, has expired: what is installed is served, and "
            "nothing new is pulled. Run `carrel catalog refresh`."
        )
    check_verified(recipe)


def check_verified(recipe: Recipe) -> None:
    """Raises ``IntegrityFailed`` where the catalog cannot be verified."""
    if recipe.approval.freshness == "unverifiable":
        raise IntegrityFailed(
            f"The catalog {recipe.approval.name}, which lists {recipe.id}, cannot be verified, so nothing of "
            f"it is pulled. See `carrel catalog show`."
        )


def sources_of(recipe: Recipe, form: RecipeForm, *, offline: bool) -> tuple[WeightSource, ...]:
    """Where its files can be had from here. Raises ``NotFound`` for nowhere, ``Offline`` where only the
    network has them.
    """
    model = recipe.model_id(form)
    if not form.sources:
        raise NotFound(
            f"The recipe of {model} names no place that has its files. Put them into the folder "
            f"`{recipe.id}` of the models' folder yourself, then run `carrel model verify {model}`."
        )
    if not offline:
        return form.sources
    near = tuple(one for one in form.sources if one.kind == "folder")
    if not near:
        raise Offline(
            f"This box is offline (`carrel offline show` says why), and {model} is only on the network. "
            "Bring it as a bundle (`carrel bundle install`), or put its files into the folder "
            f"`{recipe.id}` of the models' folder."
        )
    return near


def check_still(catalog: Catalog, permits: Permits, model: str, revision: int) -> tuple[Recipe, RecipeForm]:
    """A download that was begun may go on: the same recipe is approved, and its license allows it. One
    that a catalog listed goes on after that has expired.

    Raises ``ModelNotFound``, ``NotLicensed``, ``IntegrityFailed``, ``NotFound`` for another revision.
    """
    recipe, form = find(catalog, model)
    if recipe.revision != revision:
        raise NotFound(
            f"The catalog has another revision of {model} now; `carrel model pull {model}` fetches that one."
        )
    check_verified(recipe)
    permits.check(recipe, Act.PULL, form)
    return recipe, form
