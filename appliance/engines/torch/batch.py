"""From the slices of a plan to one forward pass, and which of its rows are sampled from and scored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from appliance.engines.steps import Slice
from appliance.engines.torch.cells import Cells
from appliance.engines.torch.computing import Group, Pass


@dataclass(frozen=True, slots=True)
class Batch:
    """A pass with its slices in the order of its rows.

    ``sampled`` and ``scored`` are rows of the logits that come back: one for each slice that samples, and
    one for each place that is scored.
    """

    step: Pass
    slices: Sequence[Slice]
    sampled: Sequence[int]
    scored: Sequence[int]


@dataclass(slots=True)
class _Rows:
    tokens: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    sampled: list[int] = field(default_factory=list)
    scored: list[int] = field(default_factory=list)

    def add(self, piece: Slice, cells: Sequence[int]) -> None:
        first = len(self.tokens)
        if wanted := piece.scoring:
            scored = first + wanted.first
            self.scored += range(scored, scored + len(wanted.targets))
        self.tokens += piece.tokens
        self.positions += range(piece.position, piece.position + len(piece.tokens))
        self.cells += cells
        if piece.sample:
            self.sampled.append(len(self.tokens) - 1)


def batch_of(slices: Sequence[Slice], cells: Cells) -> Batch:
    """Holds cells for all tokens. Those that get one token stand first, by sequence: neighbors attend
    together.
    Raises ``KvExhausted`` before anything is held.
    """
    cells.require(sum([len(piece.tokens) for piece in slices]))
    single = sorted([piece for piece in slices if len(piece.tokens) == 1], key=attrgetter("sequence"))
    longer = [piece for piece in slices if len(piece.tokens) > 1]
    rows = _Rows()
    for piece in (*single, *longer):
        rows.add(piece, cells.hold(piece.sequence, len(piece.tokens)))
    outputs = sorted({*rows.sampled, *rows.scored})
    place = {row: number for number, row in enumerate(outputs)}
    groups = (*_groups(single, cells), *_alone(longer, len(single), cells))
    return Batch(
        Pass(tuple(rows.tokens), tuple(rows.positions), tuple(rows.cells), groups, tuple(outputs)),
        [*single, *longer],
        [place[row] for row in rows.sampled],
        [place[row] for row in rows.scored],
    )


def _groups(single: Sequence[Slice], cells: Cells) -> Iterator[Group]:
    """All of them where cells are gathered; else one for each run of neighboring slots."""
    run: list[Slice] = []
    for row, piece in enumerate(single):
        apart = run and cells.slots > 1 and piece.sequence != run[-1].sequence + 1
        if apart:
            yield _group(run, row - len(run), cells)
            run = []
        run.append(piece)
    if run:
        yield _group(run, len(single) - len(run), cells)


def _alone(longer: Sequence[Slice], row: int, cells: Cells) -> Iterator[Group]:
    for piece in longer:
        yield _group([piece], row, cells)
        row += len(piece.tokens)


def _group(run: Sequence[Slice], first_row: int, cells: Cells) -> Group:
    gathered = [held for piece in run if (held := cells.held(piece.sequence))]
    return Group(
        first_row,
        len(run[0].tokens),
        tuple([piece.position for piece in run]),
        0 if gathered else run[0].sequence,
        tuple(gathered),
    )
