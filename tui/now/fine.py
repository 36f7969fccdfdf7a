"""Is it fine? The box's state as sentences, each with OK, WARN or FAIL. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.domain.results import GpuList, GpuStatus, Pulse, Status
from tui.parts.cells import Cell, state
from tui.parts.short import gib

_ORDER: Final = ("fail", "warn", "ok")
_SLOW_MS: Final = 5_000
"""A first word that takes longer is told of."""
_LITTLE: Final = 0.05
"""Of a disk: less than this is told of."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``word`` is ``ok``, ``warn`` or ``fail``."""

    word: str
    text: str


def verdicts(status: Status | None, pulse: Pulse | None, gpus: GpuList | None) -> list[Verdict]:
    """As far as it is known."""
    made: list[Verdict] = []
    if status is not None:
        made.append(_api(status, pulse))
    if gpus is not None:
        made += _gpus(gpus)
    if pulse is not None:
        made.append(_disk(pulse))
    if status is not None:
        made += _rest(status)
    return made


def worst_first(found: Sequence[Verdict], most: int) -> list[Verdict]:
    """At most so many. Where some are left out, they are the good ones, and it is said how many."""
    if len(found) <= most:
        return list(found)
    ordered = sorted(found, key=lambda one: _ORDER.index(one.word))
    kept, rest = ordered[: most - 1], ordered[most - 1 :]
    more = "are fine" if rest[0].word == "ok" else f"things: {rest[0].text}"
    return [*kept, Verdict(rest[0].word, f"{len(rest)} more {more}")]


def line_of(verdict: Verdict, *, ascii_only: bool) -> list[Cell | str]:
    """The word, then the sentence."""
    word = state(verdict.word, ascii_only=ascii_only)
    return [Cell(f"{word.text:<7}", word.tone), verdict.text]


def _api(status: Status, pulse: Pulse | None) -> Verdict:
    ready = sum(one.state == "ready" for one in status.models)
    if status.state == "degraded":
        return Verdict("fail", "the box is degraded: something below has failed")
    if status.state != "ready":
        return Verdict("warn", f"the box is {status.state}")
    if not ready:
        return Verdict("warn", "API answers, but no model runs")
    late = pulse.first_word_p95_ms if pulse else None
    if late is None:
        return Verdict("ok", "API answers, nobody asked in 5 min" if pulse else "API answers")
    return Verdict("warn" if late > _SLOW_MS else "ok", f"API answers, first word p95 {late / 1000:.1f} s")


def _gpus(gpus: GpuList) -> Iterator[Verdict]:
    if not gpus.gpus:
        free = gib(gpus.memory_available_bytes)
        yield Verdict("ok", f"no GPU: {gpus.cores} cores, {free} memory free")
        return
    broken = [one for one in gpus.gpus if one.faults or one.state == "broken"]
    for one in broken:
        yield Verdict("fail", f"GPU {one.index} broken (4): {next(iter(one.faults), 'no word why')}")
    for one in gpus.gpus:
        if one.models and (others := foreign_bytes(one)):
            yield Verdict("warn", f"GPU {one.index}: others hold {gib(others)} (4)")
    free_ones = sum(is_free(one) for one in gpus.gpus)
    if not broken or free_ones:
        yield Verdict("ok", f"{free_ones} of {len(gpus.gpus)} GPUs free")


def is_free(gpu: GpuStatus) -> bool:
    """A model can be put there."""
    return gpu.state == "ok" and not gpu.models and not gpu.processes


def foreign_bytes(gpu: GpuStatus) -> int:
    """What processes that are not the box's hold of it."""
    return sum(one.memory_bytes for one in gpu.processes if not one.ours)


def _disk(pulse: Pulse) -> Verdict:
    if not pulse.disk_total_bytes:
        return Verdict("warn", "disk of the models does not answer")
    free, needed = gib(pulse.disk_free_bytes), pulse.disk_needed_bytes
    if needed > pulse.disk_free_bytes:
        return Verdict("warn", f"disk: {free} left, {gib(needed)} needed")
    little = pulse.disk_free_bytes < _LITTLE * pulse.disk_total_bytes
    more = f" left, {gib(needed)} needed" if needed else " left"
    return Verdict("warn" if little else "ok", f"disk: {free}{more}")


def _rest(status: Status) -> Iterator[Verdict]:
    if status.storage != "ok":
        yield Verdict("fail", f"storage: {status.storage}")
    if status.network:
        yield Verdict("warn", f"{'offline: ' if status.offline else ''}{status.network}")
    elif status.offline:
        yield Verdict("warn", "offline: nobody outside is asked")
    yield Verdict("ok", f"federation: {status.federation}")
    if status.storage == "ok":
        yield Verdict("ok", "storage writes")
    for one in status.alarms:
        yield Verdict("fail", one)
