"""What the numbers of a GPU run mean, as findings. Pure, so that it is tested where there is no GPU."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from appliance.domain.hardware import Gpu
from appliance.policy.placement import Share


class Verdict(StrEnum):
    """How a check ended. ``NOTED`` is a number to look at, which is never wrong by itself."""

    OK = "ok"
    NOTED = "noted"
    FAILED = "FAILED"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``numbers`` are what its text says, for programs; sizes in bytes."""

    check: str
    verdict: Verdict
    text: str
    numbers: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes that workers hold, by GPU. ``by_process`` is false where the driver does not name them, as in a
    container, which numbers processes in its own way: then it is what became less free, whoever took it.
    """

    by_gpu: Mapping[int, int]
    by_process: bool


@dataclass(frozen=True, slots=True)
class Worker:
    """A replica's process and the GPUs that it is said to be pinned to."""

    pid: int
    gpus: tuple[int, ...]


def held_by(before: Sequence[Gpu], now: Sequence[Gpu], pids: frozenset[int]) -> Held:
    """``before`` is the machine without the workers."""
    named = {gpu.index: sum(one.memory_bytes for one in gpu.processes if one.pid in pids) for gpu in now}
    if any(named.values()):
        return Held(named, by_process=True)
    free = {gpu.index: gpu.memory_free_bytes for gpu in before}
    taken = {gpu.index: max(0, free.get(gpu.index, 0) - gpu.memory_free_bytes) for gpu in now}
    return Held(taken, by_process=False)


def more_of(one: Held, other: Held) -> Held:
    """The most that was seen on each GPU."""
    by_gpu = {gpu: max(one.by_gpu.get(gpu, 0), held) for gpu, held in other.by_gpu.items()}
    return Held(by_gpu, by_process=one.by_process and other.by_process)


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.0f} MiB"


def judge_machine(gpus: Sequence[Gpu]) -> list[Finding]:
    """A line a GPU with its faults; one that has any is left alone by the planner, and here."""
    return [_judge_gpu(gpu) for gpu in gpus]


def _judge_gpu(gpu: Gpu) -> Finding:
    others = [f"{one.name or 'process'} {one.pid} holds {_mib(one.memory_bytes)}" for one in gpu.processes]
    total, free = gpu.memory_total_bytes, gpu.memory_free_bytes
    text = [f"{gpu.name}, driver {gpu.driver}: {_mib(free)} of {_mib(total)} free", *others, *gpu.faults]
    return Finding(
        f"GPU {gpu.index}",
        Verdict.NOTED if gpu.faults else Verdict.OK,
        "; ".join(text),
        {"name": gpu.name, "driver": gpu.driver, "total": total, "free": free, "faults": gpu.faults},
    )


def judge_places(planned: Sequence[Sequence[int]], workers: Sequence[Worker]) -> Finding:
    """Whether the box put its replicas where a plan of the empty machine puts them."""
    wanted, found = (
        sorted(tuple(sorted(one)) for one in some) for some in (planned, [one.gpus for one in workers])
    )
    numbers = {"planned": wanted, "found": found}
    if wanted == found:
        return Finding("placement", Verdict.OK, f"as planned: {_places(found)}", numbers)
    text = f"planned {_places(wanted)}, found {_places(found)}"
    return Finding("placement", Verdict.FAILED, text, numbers)


def _places(places: Sequence[Sequence[int]]) -> str:
    return ", ".join("GPU " + "+".join(map(str, one)) if one else "the processor" for one in places)


def judge_memory(shares: Sequence[Share], held: Held) -> list[Finding]:
    """A line a GPU. More than was planned fails, its reserve included, and so does nothing at all."""
    return [_judge_share(share, held) for share in shares if share.gpu is not None]


def _judge_share(share: Share, held: Held) -> Finding:
    actual = held.by_gpu.get(share.gpu, 0)
    parts = share.total_bytes - share.reserve_bytes
    fits = 0 < actual <= share.total_bytes
    how = "held" if held.by_process else "less free"
    text = (
        f"{_mib(actual)} {how}; planned {_mib(share.total_bytes)}: weights {_mib(share.weight_bytes)}, "
        f"KV cache {_mib(share.kv_bytes)}, buffers {_mib(share.buffer_bytes)}, "
        f"reserve {_mib(share.reserve_bytes)}; ratio {actual / parts:.2f} without the reserve, "
        f"{actual / share.total_bytes:.2f} with it"
    )
    numbers = {
        "actual": actual,
        "by_process": held.by_process,
        "weights": share.weight_bytes,
        "kv": share.kv_bytes,
        "buffers": share.buffer_bytes,
        "reserve": share.reserve_bytes,
        "ratio_of_parts": round(actual / parts, 3),
        "ratio_of_total": round(actual / share.total_bytes, 3),
    }
    return Finding(f"memory, GPU {share.gpu}", Verdict.OK if fits else Verdict.FAILED, text, numbers)


def judge_pinning(workers: Sequence[Worker], gpus: Sequence[Gpu]) -> Finding:
    """Whether the driver sees each worker on its own GPUs, all of them, and on no other."""
    seen = {
        worker.pid: tuple(gpu.index for gpu in gpus if worker.pid in {one.pid for one in gpu.processes})
        for worker in workers
    }
    if not any(seen.values()):
        return Finding(
            "pinning",
            Verdict.NOT_RUN,
            "the driver names none of our processes; in a container it cannot",
        )
    wrong = [one for one in workers if seen[one.pid] != tuple(sorted(one.gpus))]
    text = "; ".join(
        f"process {one.pid} is on {_places([seen[one.pid]])}, to be on {_places([one.gpus])}"
        for one in (wrong or workers)
    )
    return Finding("pinning", Verdict.FAILED if wrong else Verdict.OK, text, {"seen": seen})


def judge_load(seconds: float, size_bytes: int) -> Finding:
    """Hashing, loading and the first readiness; the file was read before."""
    rate_bytes_s = round(size_bytes / seconds)
    text = f"{seconds:.1f} s for {_mib(size_bytes)}, hash included: {_mib(rate_bytes_s)}/s"
    return Finding("load", Verdict.NOTED, text, {"seconds": round(seconds, 3), "bytes": size_bytes})


def judge_agreement(ours: Sequence[str], others: Sequence[str]) -> Finding:
    """Greedy answers of the GPU beside the processor's. Another order of additions may change a near tie and
    with it all that follows, so differences are counted and fail nothing.
    """
    pairs = list(zip(ours, others, strict=True))
    equal = sum(one == other for one, other in pairs)
    same = sum(_common(one, other) for one, other in pairs)
    whole = sum(max(len(one), len(other)) for one, other in pairs)
    part = same / whole if whole else 1.0
    text = f"{equal} of {len(pairs)} answers are equal; {part:.0%} of the text comes before a difference"
    numbers = {"answers": len(pairs), "equal": equal, "part": round(part, 4)}
    return Finding("same greedy text as the processor", Verdict.NOTED, text, numbers)


def _common(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (mine, yours) in enumerate(pairs) if mine != yours), min(len(one), len(other)))


def judge_speeds(measured: Mapping[int, float], estimated: Mapping[int, float]) -> list[Finding]:
    """Tokens a second by streams; the planner's estimate is missing for a GPU that it does not know."""
    found = [_judge_speed(level, speed, estimated.get(level)) for level, speed in measured.items()]
    low, high = min(measured), max(measured)
    if low == high:
        return found
    gain = measured[high] / measured[low]
    text = f"{high} streams make {gain:.1f} times the tokens a second of {low}"
    return [*found, Finding("batching", Verdict.OK if gain > 1 else Verdict.FAILED, text, {"gain": gain})]


def _judge_speed(level: int, speed: float, estimate: float | None) -> Finding:
    text, numbers = f"{speed:.0f} tokens/s", {"streams": level, "tokens_per_s": round(speed, 2)}
    if estimate is None:
        text += "; the planner knows no speed of this GPU"
    else:
        text += f"; the planner estimates {estimate:.0f}: ratio {speed / estimate:.2f}"
        numbers |= {"estimate": round(estimate, 2), "ratio": round(speed / estimate, 3)}
    return Finding(f"{level} streams", Verdict.NOTED, text, numbers)


SEED_WORDS_PER_DOLLAR = 150_000_000 / 240
"""BLOOM-176B on 8xA100-80GB: 150 million words a day for 240 dollars."""
_WORDS_PER_TOKEN = 0.75
_DAY_S = 86_400


def judge_value(measured: Mapping[int, float], dollars_per_hour: float | None) -> Finding:
    """Words a day, and for a dollar, at the most streams; beside a figure for a far larger model."""
    streams = max(measured)
    words = measured[streams] * _DAY_S * _WORDS_PER_TOKEN
    text = f"{words / 1e6:.1f} million words a day with {streams} streams"
    numbers: dict[str, object] = {"streams": streams, "words_a_day": round(words)}
    if dollars_per_hour is None:
        return Finding("words a day", Verdict.NOTED, f"{text}; no price is known for this GPU", numbers)
    per_dollar = words / (24 * dollars_per_hour)
    text += f", {per_dollar:,.0f} for a dollar ({SEED_WORDS_PER_DOLLAR:,.0f} for BLOOM-176B on 8xA100)"
    return Finding("words a day", Verdict.NOTED, text, {**numbers, "words_per_dollar": round(per_dollar)})


def as_table(findings: Sequence[Finding]) -> str:
    """Aligned text."""
    width = max((len(one.check) for one in findings), default=0)
    return "\n".join(f"{one.verdict:<8} {one.check:<{width}}  {one.text}" for one in findings)
