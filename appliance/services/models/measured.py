"""What was measured of a form's fidelity, as it is shown with its model."""

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import FormFidelity
from appliance.services.models.ports import Measured
from appliance.services.verifying.presenting import line_of


def record_of(measured: Measured | None, recipe: Recipe, form: RecipeForm) -> FidelityRecord | None:
    """None where nothing was measured of these very files."""
    return None if measured is None else measured.of(recipe, form)


def fidelity_of(measured: Measured | None, recipe: Recipe, form: RecipeForm) -> FormFidelity | None:
    """The same for people."""
    record = record_of(measured, recipe, form)
    return None if record is None else line_of(recipe, form, record)
