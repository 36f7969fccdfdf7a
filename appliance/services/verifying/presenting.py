"""A form's fidelity as operators are shown it. Pure."""

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import FormFidelity


def line_of(recipe: Recipe, form: RecipeForm, record: FidelityRecord) -> FormFidelity:
    """One form that was measured."""
    measures, distance = record.measures, record.distance
    return FormFidelity(
        id=_name(recipe, form),
        reference=record.reference,
        engine=form.engine,
        size_bytes=_size_bytes(form),
        engine_build=record.subject.engine_build,
        tokens=measures.tokens,
        nll=measures.nll,
        perplexity=measures.perplexity,
        reference_perplexity=record.reference_perplexity,
        nll_difference=distance.nll_difference,
        agreement=distance.agreement,
        mean_difference=distance.mean_difference,
        largest_difference=distance.largest_difference,
        seconds=record.seconds,
        measured_ms=record.measured_ms,
    )


def line_without(recipe: Recipe, form: RecipeForm, reference: str, reason: str) -> FormFidelity:
    """One that could not be."""
    return FormFidelity(
        id=_name(recipe, form),
        reference=reference,
        engine=form.engine,
        size_bytes=_size_bytes(form),
        reason=reason,
    )


def _name(recipe: Recipe, form: RecipeForm) -> str:
    """With the form's name even for the default form: in a table of forms that is what tells them apart."""
    return f"{recipe.id}@{form.name}"


def _size_bytes(form: RecipeForm) -> int:
    """Of its weights as its engine holds them, where the recipe says it: one file can be held in several
    ways.
    """
    if form.memory is not None:
        return form.memory.weight_bytes
    return sum(file.size_bytes for file in form.files)
