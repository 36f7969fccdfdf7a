"""The whole catalog as one table: what runs, what is on the disk, what is coming, what could be fetched."""

from collections.abc import Mapping, Sequence
from typing import Final

from appliance.domain.results import DownloadStatus, ModelSummary
from tui.models.standing import Group, standing
from tui.parts.cells import Cell, cell, size, state
from tui.parts.rows import Row
from tui.parts.widths import Column

COLUMNS: Final = (
    Column("MODEL", share=5, least=14),
    Column("STATE", width=15),
    Column("SIZE", width=9, right=True),
    Column("CONTEXT", width=9, right=True, from_width=110),
    Column("LICENSE", width=20, from_width=110),
    Column("WHY", share=4, least=10),
)
_NAMES: Final = {
    Group.RUNNING: "running",
    Group.HERE: "here",
    Group.COMING: "coming",
    Group.NOT_HERE: "to fetch",
}


def rows_of(
    models: Sequence[ModelSummary], downloads: Mapping[str, DownloadStatus], *, ascii_only: bool
) -> list[Row]:
    """A row a model, by group and then by name. What leaves the box is marked beside its name as well."""
    made = [(standing(one, downloads.get(one.id)), one) for one in models]
    made.sort(key=lambda pair: (pair[0].group, pair[1].id))
    return [
        Row(
            one.id,
            (
                cell(one.id, "strong" if stands.group is Group.RUNNING else ""),
                state(stands.word, stands.more, ascii_only=ascii_only),
                cell(size(one.size_bytes) if one.size_bytes else "", "quiet"),
                cell(f"{one.context_tokens:,}", "quiet"),
                cell(one.license, "quiet"),
                cell(stands.why, _tone(one)),
            ),
            one,
        )
        for stands, one in made
    ]


def counted(models: Sequence[ModelSummary], downloads: Mapping[str, DownloadStatus]) -> list[Cell | str]:
    """How many there are of each group, in one line; those that leave the box by themselves."""
    groups = [standing(one, downloads.get(one.id)).group for one in models]
    line: list[Cell | str] = [Cell(f"{len(models)} models: ", "quiet")]
    told = [f"{groups.count(group)} {name}" for group, name in _NAMES.items() if group in groups]
    line.append(", ".join(told) or "none")
    leave = sum(1 for one in models if one.leaves_box)
    if leave:
        line += ["; ", Cell(f"{leave} of them {'leaves' if leave == 1 else 'leave'} this box", "warn")]
    return line


def _tone(model: ModelSummary) -> str:
    if model.damaged:
        return "bad"
    return "warn" if model.leaves_box or model.lacks else "quiet"
