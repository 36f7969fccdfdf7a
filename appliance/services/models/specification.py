"""From a recipe's form and this box's settings to what an engine is told. Pure."""

from pathlib import Path

from appliance.domain.recipe import Recipe, RecipeForm
from appliance.engines.base import EngineSpec


def engine_spec(
    recipe: Recipe, form: RecipeForm, folder: Path, *, threads: int, gpu_layers: int
) -> EngineSpec:
    """Every sequence may fill its context: the KV cache is sized for all of them at once."""
    return EngineSpec(
        engine=form.engine,
        model_path=str(folder / form.files[0].name),
        context_tokens=recipe.context_tokens,
        kv_tokens=recipe.context_tokens * recipe.max_sequences,
        max_sequences=recipe.max_sequences,
        threads=threads,
        gpu_layers=gpu_layers,
        chat_template=recipe.chat_template,
        add_bos=recipe.add_bos,
    )
