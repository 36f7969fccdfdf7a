"""Models: the list and the sheet of one."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell, sheet, state, table
from appliance.client.presenting.licenses import terms_rows
from appliance.client.presenting.upstreams import upstream_rows
from appliance.client.presenting.verifying import fidelity_line
from appliance.domain.amounts import size
from appliance.domain.plain_text import one_line
from appliance.domain.results import (
    ModelDetail,
    ModelList,
    ModelMemory,
    ModelRun,
    ModelSummary,
    ReplicaStatus,
)

_LACKS: Final = {
    "acceptance": "license not accepted",
    "grant": "no grant",
    "lease": "no lease",
    "access": "no access",
}


def model_table(models: Sequence[ModelSummary]) -> RenderableType:
    """One line a model, and why a model that does not run does not."""
    if not models:
        return Text("No models. `carrel model list --all` shows the catalog.")
    rows = [
        (
            one.id,
            _state(one.state, one.percent),
            one.title,
            one.license,
            one.approved_by,
            f"{one.context_tokens:,}",
            size(one.size_bytes),
            _why(one),
        )
        for one in models
    ]
    return table(
        ("MODEL", "STATE", "TITLE", "LICENSE", "APPROVAL", "CONTEXT", "SIZE", "WHY"),
        rows,
        right=("CONTEXT", "SIZE"),
    )


def model_list(result: ModelList) -> RenderableType:
    """The table alone."""
    return model_table(result.models)


def model_detail(result: ModelDetail) -> RenderableType:
    """Facts, then files, processes and known limits."""
    facts = sheet(
        [
            ("model", result.id),
            ("state", _state(result.state, result.percent)),
            *([("ready in", f"about {result.eta_s} s")] if result.eta_s is not None else ()),
            *([("why", result.reason)] if result.reason else ()),
            ("title", result.title),
            ("about", result.summary),
            *upstream_rows(result.upstream),
            ("approval", result.approved_by),
            *(terms_rows(result.terms) if result.terms else [("license", result.license)]),
            ("engine", f"{result.engine}, recipe revision {result.revision}"),
            ("context", f"{result.context_tokens:,} tokens"),
            *(("restricted", one) for one in result.restrictions),
            ("runs with", run_words(result.run)),
            *([("memory", memory_words(result.memory))] if result.memory else ()),
            *([("fidelity", fidelity_line(result.fidelity))] if result.fidelity else ()),
        ]
    )
    limits = [Text(f"- {one_line(limit)}") for limit in result.known_limits]
    return Group(facts, Text(""), _files(result), Text(""), _replicas(result), *limits)


def _why(model: ModelSummary) -> str:
    leaves = f"leaves this box ({model.leaves_box})" if model.leaves_box else ""
    missing = "" if model.on_disk else "not on disk"
    lacks = _LACKS.get(model.lacks or "", "")
    return ", ".join(part for part in (lacks, leaves, model.reason or missing) if part)


def _state(word: str, percent: int | None) -> Text:
    shown = state(word)
    return shown if percent is None else shown.append(f" {percent} %")


def run_words(run: ModelRun | None) -> str | None:
    """How a model runs, in a few words; None for one that does not."""
    if run is None:
        return None
    replicas = "1 replica" if run.replicas == 1 else f"{run.replicas} replicas"
    deterministic = ", deterministic" if run.deterministic else ""
    seats = "1 seat" if run.seats == 1 else f"{run.seats} seats"
    return f"{replicas} of {seats} with {run.context_tokens:,} tokens each{deterministic}"


def memory_words(memory: ModelMemory) -> str:
    """Planned beside measured, of one replica."""
    planned = f"{size(memory.planned_bytes)} planned" if memory.planned_bytes else "not planned"
    parts = [("weights", memory.weight_bytes), ("KV cache", memory.cache_bytes)]
    known = ", ".join(f"{name} {size(part)}" for name, part in parts if part)
    where = "on GPUs" if memory.gpus else "on the processor"
    return f"{planned}, {size(memory.held_bytes)} measured {where}" + (f" ({known})" if known else "")


def where_words(replica: ReplicaStatus) -> str:
    """On which GPUs a replica computes, or with how many threads."""
    if replica.gpus:
        return "GPU " + ", ".join(str(index) for index in replica.gpus)
    return "1 thread" if replica.threads == 1 else f"{replica.threads} threads"


def _files(result: ModelDetail) -> RenderableType:
    rows = [
        (one.name, size(one.size_bytes), "yes" if one.present else "no", one.sha256[:16])
        for one in result.files
    ]
    return table(("FILE", "SIZE", "PRESENT", "SHA-256"), rows, right=("SIZE",))


def _replicas(result: ModelDetail) -> RenderableType:
    if not result.replicas and not result.files:
        return cell(f"It has no files yet; plan for it with `carrel model fit {result.id}`.")
    if not result.replicas:
        if not all(one.present for one in result.files):
            return cell(f"Its files are not here; fetch them with `carrel model pull {result.id}`.")
        return cell(f"No process runs it; start one with `carrel model run {result.id}`.")
    rows = [
        (
            one.pid,
            state(one.state),
            where_words(one),
            one.running,
            f"{one.free_kv_tokens:,} of {one.kv_tokens:,}",
            one.restarts,
            ", ".join(one.confinement) or "none",
            one.reason or "",
        )
        for one in result.replicas
    ]
    return table(
        ("PID", "STATE", "WHERE", "RUNNING", "FREE KV TOKENS", "RESTARTS", "CONFINED BY", "WHY"), rows
    )


PRESENTERS: Final[dict[Any, Any]] = {ModelList: model_list, ModelDetail: model_detail}
