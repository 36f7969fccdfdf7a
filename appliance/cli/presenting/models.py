"""Models: the list and the sheet of one."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.cli.presenting.cells import cell, sheet, size, state, table
from appliance.cli.text import one_line
from appliance.domain.results import ModelDetail, ModelList, ModelSummary


def model_table(models: Sequence[ModelSummary]) -> RenderableType:
    """One line a model, and why a model that does not run does not."""
    if not models:
        return Text("No models. `carrel model list --all` shows the catalog.")
    rows = [
        (
            one.id,
            state(one.state),
            one.title,
            one.license,
            f"{one.context_tokens:,}",
            size(one.size_bytes),
            _why(one),
        )
        for one in models
    ]
    return table(
        ("MODEL", "STATE", "TITLE", "LICENSE", "CONTEXT", "SIZE", "WHY"), rows, right=("CONTEXT", "SIZE")
    )


def model_list(result: ModelList) -> RenderableType:
    """The table alone."""
    return model_table(result.models)


def model_detail(result: ModelDetail) -> RenderableType:
    """Facts, then files, processes and known limits."""
    facts = sheet(
        [
            ("model", result.id),
            ("state", state(result.state)),
            ("why", result.reason),
            ("title", result.title),
            ("about", result.summary),
            ("license", f"{result.license} (tier {result.tier})"),
            ("engine", f"{result.engine}, recipe revision {result.revision}"),
            ("context", f"{result.context_tokens:,} tokens"),
        ]
    )
    limits = [Text(f"- {one_line(limit)}") for limit in result.known_limits]
    return Group(facts, Text(""), _files(result), Text(""), _replicas(result), *limits)


def _why(model: ModelSummary) -> str:
    return model.reason or ("" if model.on_disk else "not on disk")


def _files(result: ModelDetail) -> RenderableType:
    rows = [
        (one.name, size(one.size_bytes), "yes" if one.present else "no", one.sha256[:16])
        for one in result.files
    ]
    return table(("FILE", "SIZE", "PRESENT", "SHA-256"), rows, right=("SIZE",))


def _replicas(result: ModelDetail) -> RenderableType:
    if not result.replicas:
        return cell(f"No process runs it; start one with `carrel model run {result.id}`.")
    rows = [
        (
            one.pid,
            state(one.state),
            one.running,
            f"{one.free_kv_tokens:,} of {one.kv_tokens:,}",
            one.restarts,
            ", ".join(one.confinement) or "none",
        )
        for one in result.replicas
    ]
    return table(("PID", "STATE", "RUNNING", "FREE KV TOKENS", "RESTARTS", "CONFINED BY"), rows)


PRESENTERS: Final[dict[Any, Any]] = {ModelList: model_list, ModelDetail: model_detail}
