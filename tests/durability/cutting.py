"""Cuts the power of a recorded box at many moments and says what is wrong with what is left."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from appliance.errors import CarrelError
from tests.durability.books import read_books
from tests.durability.history import Told, disagreements
from tests.durability.powercut import Survives, after_cut, said_by
from tests.durability.strace_log import Created, Event, Said

Hear = Callable[[Sequence[Said]], list[Told]]
"""What clients know after they heard all this."""


async def faults_after_cuts(
    events: Sequence[Event],
    database: Path,
    hear: Hear,
    *,
    answer: bytes,
    cuts: int,
    chance: random.Random,
    folder: Path,
) -> dict[str, list[str]]:
    """Faults by cut and variant, in words; empty when nothing acknowledged is ever lost.

    ``answer`` is in the data of every acknowledgement.
    """
    faults = {}
    for cut in _moments(events, answer, cuts, chance):
        told, disk = hear(said_by(events, cut)), after_cut(events, cut)
        for variant, survives in _variants(chance).items():
            target = folder / f"cut-{cut}" / variant / database.name
            _write_disk(disk(survives), target.parent)
            if found := await _faults(target, told):
                faults[f"line {cut}, {variant}"] = found
    return faults


def _moments(events: Sequence[Event], answer: bytes, cuts: int, chance: random.Random) -> list[int]:
    """About half anywhere, first start included, the others right after an answer began to go out."""
    answers = [event.begun + 1 for event in events if isinstance(event, Said) and answer in event.data]
    span = range(_first_file(events), events[-1].done + 2)
    return sorted({*chance.sample(span, cuts // 2), *chance.sample(answers, min(cuts // 2, len(answers)))})


def _first_file(events: Sequence[Event]) -> int:
    return next(event.begun for event in events if isinstance(event, Created))


def _variants(chance: random.Random) -> dict[str, Survives]:
    return {
        "nothing unsynced survives": lambda: False,
        "some of it survives": lambda: chance.random() < 0.5,
        "most of it survives": lambda: chance.random() < 0.9,
    }


def _write_disk(files: dict[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True)
    for path, content in files.items():
        (folder / path.rpartition("/")[2]).write_bytes(content)


async def _faults(database: Path, told: list[Told]) -> list[str]:
    try:
        books = await read_books(database)
    except CarrelError as error:
        return [f"does not open: {error.message}"]
    return disagreements(told, books)
