"""A model as operators and students are shown it."""

from pathlib import Path

from appliance.domain.fidelity import FidelityRecord
from appliance.domain.measurement import MemoryMeasurement
from appliance.domain.model import ModelCard, ModelState
from appliance.domain.recipe import Recipe, RecipeForm
from appliance.domain.results import (
    ModelDetail,
    ModelFile,
    ModelMemory,
    ModelRun,
    ModelSummary,
    ReplicaStatus,
)
from appliance.services.models.ports import ReplicaProcess
from appliance.services.models.running import RunningModel
from appliance.services.models.specification import ReplicaOrder, seats_of


def summary(
    recipe: Recipe, form: RecipeForm, running: RunningModel | None, *, on_disk: bool, note: str | None
) -> ModelSummary:
    """One line of ``model list``. ``note`` says why a model does not run any more."""
    return ModelSummary(
        id=recipe.model_id(form),
        state=running.state if running else ModelState.AVAILABLE,
        title=recipe.title,
        license=recipe.license_expression,
        tier=recipe.tier,
        context_tokens=recipe.context_tokens,
        size_bytes=_size_bytes(form),
        on_disk=on_disk,
        reason=running.reason if running else note or _draft_note(recipe),
        percent=running.percent if running else None,
        leaves_box=recipe.upstream.host if recipe.upstream else None,
        approved_by=recipe.approved_by,
    )


def detail(
    recipe: Recipe, form: RecipeForm, running: RunningModel | None, folder: Path | None, *, note: str | None
) -> ModelDetail:
    """``model show``. ``note`` as in ``summary``."""
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
        replicas=tuple(map(_replica, running.replicas, running.orders)) if running else (),
        reason=running.reason if running else note or _draft_note(recipe),
        run=_run(running) if running else None,
        percent=running.percent if running else None,
        eta_s=running.eta_s if running else None,
        leaves_box=recipe.upstream.host if recipe.upstream else None,
        approved_by=recipe.approved_by,
    )


def memory(weighed: MemoryMeasurement | None) -> ModelMemory | None:
    """What was found when it was loaded."""
    if weighed is None:
        return None
    return ModelMemory(
        planned_bytes=weighed.planned_bytes,
        held_bytes=weighed.held_bytes,
        weight_bytes=weighed.weight_bytes,
        cache_bytes=weighed.cache_bytes,
        resident_bytes=weighed.resident_bytes,
        gpu_bytes=weighed.gpu_bytes,
        gpus=weighed.gpus,
        engine_build=weighed.engine_build,
        measured_ms=weighed.measured_ms,
    )


def card(running: RunningModel, measured: FidelityRecord | None = None) -> ModelCard:
    """One entry of a student's model list."""
    return ModelCard(
        id=running.id,
        title=running.recipe.title,
        created_ms=running.created_ms,
        context_tokens=running.context_tokens,
        chats=running.recipe.chats,
        embeds=bool(running.recipe.pooling),
        identity=running.identity,
        license=running.recipe.license_expression,
        tier=running.recipe.tier,
        defaults=running.recipe.defaults,
        fidelity=measured,
        leaves_box=running.recipe.upstream.host if running.recipe.upstream else "",
        approved_by=running.recipe.approved_by,
    )


def _size_bytes(form: RecipeForm) -> int:
    """Of its files, or of what a draft says that they will hold."""
    if not form.files and form.memory is not None:
        return form.memory.weight_bytes
    return sum(file.size_bytes for file in form.files)


def _draft_note(recipe: Recipe) -> str | None:
    return "a draft: it can be planned for, not run" if recipe.draft else None


def _run(running: RunningModel) -> ModelRun:
    return ModelRun(
        replicas=running.wishes.replicas or 1,
        seats=seats_of(running.recipe, running.wishes),
        context_tokens=running.context_tokens,
        deterministic=running.wishes.deterministic,
        gpus=running.wishes.gpus,
    )


def _replica(replica: ReplicaProcess, order: ReplicaOrder) -> ReplicaStatus:
    ready = replica.state is ModelState.READY
    return ReplicaStatus(
        pid=replica.pid,
        state=replica.state,
        gpus=order.gpus,
        threads=order.spec.threads,
        memory_bytes=replica.memory_bytes,
        restarts=replica.restarts,
        running=replica.running,
        kv_tokens=replica.facts.kv_tokens if ready else 0,
        free_kv_tokens=replica.free.kv_tokens,
        free_sequences=replica.free.sequences,
        confinement=replica.confinement,
        reason=replica.reason,
    )
