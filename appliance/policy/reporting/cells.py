"""Adds the rows of single holders up to cells: one group's use of one thing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from appliance.domain.reporting import Ran, Sums, TallyRow


@dataclass(frozen=True, slots=True)
class Cell:
    """``group`` is a project's name as it is told. ``users`` asked and were answered, ``refused`` were
    refused.
    """

    group: str
    purpose: str
    lease: str
    ran: Ran
    sums: Sums
    users: frozenset[str]
    refused: frozenset[str]
    first_hour: int
    last_hour: int

    @property
    def people(self) -> int:
        """How many its numbers are about: those who used something, where anything was used."""
        return len(self.users or self.refused)

    @property
    def place(self) -> tuple[str, str, Ran]:
        """What cells have in common that may be folded together."""
        return self.purpose, self.lease, self.ran


def added(one: Sums, other: Sums) -> Sums:
    """Both together."""
    return Sums(
        requests=one.requests + other.requests,
        failed=one.failed + other.failed,
        refused_budget=one.refused_budget + other.refused_budget,
        refused_license=one.refused_license + other.refused_license,
        estimated=one.estimated + other.estimated,
        input_tokens=one.input_tokens + other.input_tokens,
        cached_tokens=one.cached_tokens + other.cached_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        gflop=one.gflop + other.gflop,
        gpu_ms=one.gpu_ms + other.gpu_ms,
        wall_ms=one.wall_ms + other.wall_ms,
        energy_mj=_maybe(one.energy_mj, other.energy_mj),
        money_micro=_maybe(one.money_micro, other.money_micro),
    )


def joined(cells: Sequence[Cell], group: str) -> Cell:
    """Cells of one place as one of that group."""
    none: frozenset[str] = frozenset()
    return replace(
        cells[0],
        group=group,
        sums=reduce(added, (one.sums for one in cells)),
        users=none.union(*(one.users for one in cells)),
        refused=none.union(*(one.refused for one in cells)),
        first_hour=min(one.first_hour for one in cells),
        last_hour=max(one.last_hour for one in cells),
    )


def cells_of(
    rows: Iterable[TallyRow],
    *,
    group_of: Callable[[str], str],
    purpose_of: Callable[[str], str],
    lease_of: Callable[[str], str],
) -> list[Cell]:
    """One for each project and thing, in a steady order. The first two are asked by project, the last by
    model.
    """
    found: dict[tuple[str, str, str, Ran], list[Cell]] = {}
    for row in rows:
        cell = _cell(row, group_of(row.project_id), purpose_of(row.project_id), lease_of(row.ran.model))
        found.setdefault((cell.group, *cell.place), []).append(cell)
    return sorted((joined(cells, cells[0].group) for cells in found.values()), key=order)


def order(cell: Cell) -> tuple[str | int, ...]:
    """By which cells are sorted."""
    ran = cell.ran
    return (
        cell.group, cell.purpose, cell.lease, ran.model, ran.revision, ran.file_sha256, ran.backend, ran.op,
        ran.method,
    )  # fmt: skip


def _cell(row: TallyRow, group: str, purpose: str, lease: str) -> Cell:
    holder = frozenset({row.holder})
    none: frozenset[str] = frozenset()
    return Cell(
        group=group,
        purpose=purpose,
        lease=lease,
        ran=row.ran,
        sums=row.sums,
        users=holder if row.sums.requests else none,
        refused=holder if row.sums.refused_budget or row.sums.refused_license else none,
        first_hour=row.first_hour,
        last_hour=row.last_hour,
    )


def _maybe(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else one + other
