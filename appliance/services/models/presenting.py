"""A model as operators and students are shown it."""

from pathlib import Path

from appliance.domain.model import ModelCard, ModelState
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import ModelDetail, ModelFile, ModelSummary, ReplicaStatus
from appliance.services.models.ports import ReplicaProcess
from appliance.services.models.running import RunningModel


def summary(recipe: Recipe, form: RecipeForm, running: RunningModel | None, *, on_disk: bool) -> ModelSummary:
    """One line of ``model list``."""
    return ModelSummary(
        id=recipe.model_id(form),
        state=running.state if running else ModelState.AVAILABLE,
        title=recipe.title,
        license=recipe.license_expression,
        tier=recipe.tier,
        context_tokens=recipe.context_tokens,
        size_bytes=sum(file.size_bytes for file in form.files),
        on_disk=on_disk,
        reason=running.reason if running else None,
    )


def detail(
    recipe: Recipe, form: RecipeForm, running: RunningModel | None, folder: Path | None
) -> ModelDetail:
    """``model show``."""
    return ModelDetail(
        id=recipe.model_id(form),
        state=running.state if running else ModelState.AVAILABLE,
        title=recipe.title,
        summary=recipe.summary,
        license=recipe.license_expression,
        tier=recipe.tier,
        engine=form.engine,
        revision=recipe.revision,
        context_tokens=recipe.context_tokens,
        files=tuple(
            ModelFile(
                name=file.name, size_bytes=file.size_bytes, sha256=file.sha256, present=folder is not None
            )
            for file in form.files
        ),
        known_limits=recipe.known_limits,
        replicas=tuple(_replica(one) for one in running.replicas) if running else (),
        reason=running.reason if running else None,
    )


def card(running: RunningModel) -> ModelCard:
    """One entry of a student's model list."""
    return ModelCard(
        id=running.id,
        title=running.recipe.title,
        created_ms=running.created_ms,
        context_tokens=running.recipe.context_tokens,
        chats=running.recipe.chat_template is not None,
    )


def _replica(replica: ReplicaProcess) -> ReplicaStatus:
    ready = replica.state is ModelState.READY
    return ReplicaStatus(
        pid=replica.pid,
        state=replica.state,
        restarts=replica.restarts,
        running=replica.running,
        kv_tokens=replica.facts.kv_tokens if ready else 0,
        free_kv_tokens=replica.free.kv_tokens,
        free_sequences=replica.free.sequences,
        confinement=replica.confinement,
    )
