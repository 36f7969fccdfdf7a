"""A recipe's form as the planner sees it, with what was measured in place of what the recipe says. Pure."""

from dataclasses import replace

from appliance.domain.measurement import MemoryMeasurement
from appliance.domain.recipe import MemoryFacts, Recipe, RecipeForm
from appliance.domain.shapes import ModelShapes
from appliance.policy.placement import PlannedForm, facts_of
from appliance.policy.placement.precision import gpu_bytes


def by_recipe(form: RecipeForm, measured: MemoryMeasurement | None = None) -> PlannedForm | None:
    """None where the recipe does not say what the form needs."""
    return None if form.memory is None else _planned(form, form.memory, measured)


def by_shapes(
    form: RecipeForm, shapes: ModelShapes, measured: MemoryMeasurement | None = None
) -> PlannedForm:
    """From the sizes in its files."""
    size_bytes = sum(file.size_bytes for file in form.files)
    return _planned(form, facts_of(shapes, size_bytes, form.precision), measured)


def other_forms(recipe: Recipe, form: RecipeForm) -> dict[str, PlannedForm]:
    """By name, those whose needs the recipe says."""
    others = {one.name: by_recipe(one) for one in recipe.forms if one != form}
    return {name: planned for name, planned in others.items() if planned is not None}


def _planned(form: RecipeForm, sizes: MemoryFacts, measured: MemoryMeasurement | None) -> PlannedForm:
    if measured is not None and measured.weight_bytes:
        sizes = replace(sizes, weight_bytes=_as_on_gpu(measured, sizes.parameters))
    return PlannedForm(sizes, form.engine, form.precision)


def _as_on_gpu(measured: MemoryMeasurement, parameters: int) -> int:
    """Weights measured on a processor take less on a GPU where they are packed."""
    if measured.gpus:
        return measured.weight_bytes
    return gpu_bytes(measured.weight_bytes, parameters, measured.precision)
