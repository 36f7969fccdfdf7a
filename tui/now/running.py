"""The models that run or should: what each waits for, and which key is next. Pure."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.results import GpuList, ModelPulse, ModelSummary, Pulse, Status
from tui.deeds import Deed
from tui.parts.cells import Cell, cell, short_number, state
from tui.parts.rows import Row
from tui.parts.widths import Column

COLUMNS: Final = (
    Column("MODEL", share=3, least=12),
    Column("GPU", 5, from_width=56),
    Column("STATE", 14),
    Column("USERS", 5, right=True, from_width=70),
    Column("TOK/S", 5, right=True, from_width=64),
    Column("CTX", 5, right=True, from_width=100),
    Column("WAITS FOR", share=5, least=8),
)
_REMEDIES: Final = {
    "acceptance": ("license.accept", "its license to be accepted"),
    "grant": ("access.grant", "a project that may use it"),
    "lease": ("fed.lease", "a lease of its registry"),
    "access": ("share.request", "its owner's word"),
}
"""What helps a model that lacks something, and what it waits for."""


def rows_of(status: Status, pulse: Pulse | None, gpus: GpuList | None, *, ascii_only: bool) -> list[Row]:
    """All but those that only lie on the disk."""
    beats = {one.model: one for one in pulse.models} if pulse else {}
    return [
        Row(one.id, _cells(one, beats.get(one.id), gpus, ascii_only=ascii_only), one)
        for one in status.models
        if one.state != "available"
    ]


def remedy(model: ModelSummary) -> Deed | None:
    """What gives a model what it lacks."""
    if model.lacks not in _REMEDIES:
        return None
    return Deed(_REMEDIES[model.lacks][0], {"model": model.id}, form=True, subject=model.id)


def nothing_runs(status: Status) -> str:
    """What to do next where no model runs."""
    if status.downloads:
        return f"No model runs yet; {status.downloads[0].model} is on its way: press 3."
    if status.models:
        return "No model runs: press 2, choose one, then s."
    return "No model yet: press 2, then p fetches and s runs one."


def _cells(
    model: ModelSummary, beat: ModelPulse | None, gpus: GpuList | None, *, ascii_only: bool
) -> tuple[Cell, ...]:
    progress = f"{model.percent} %" if model.percent is not None and model.state != "ready" else ""
    return (
        cell(model.id, "strong"),
        cell(_place(model, gpus)),
        state(model.state, progress, ascii_only=ascii_only),
        cell(beat.people if beat else "-"),
        cell(short_number(beat.tokens_per_s) if beat else "-"),
        cell(tokens(model.context_tokens)),
        _waits(model, beat),
    )


def _place(model: ModelSummary, gpus: GpuList | None) -> str:
    if model.leaves_box:
        return "away"
    if gpus is None:
        return "-"
    held = spans([one.index for one in gpus.gpus if model.id in one.models])
    return held or ("cpu" if model.state == "ready" else "-")


def spans(numbers: Sequence[int]) -> str:
    """``0-1,3`` for 0, 1 and 3."""
    made: list[list[int]] = []
    for one in sorted(numbers):
        if made and made[-1][1] == one - 1:
            made[-1][1] = one
        else:
            made.append([one, one])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in made)


def tokens(count: int) -> str:
    """``8k`` for 8,192."""
    return f"{count // 1024}k" if count >= 1024 else str(count)


def _waits(model: ModelSummary, beat: ModelPulse | None) -> Cell:
    """A reason in words, and the next key."""
    if model.lacks in _REMEDIES:
        return cell(f"{_REMEDIES[model.lacks][1]} (a)", "warn")
    if model.state == "failed":
        return cell(f"(s) {model.reason or 'nobody knows why; see 8'}", "bad")
    if model.reason:
        return cell(model.reason, "warn")
    if model.state != "ready":
        return cell(f"itself: it is {model.state}", "quiet")
    return cell(f"{beat.waiting} requests wait", "warn") if beat and beat.waiting else cell("-", "quiet")
