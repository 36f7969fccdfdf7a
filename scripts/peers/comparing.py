"""Drives the servers in turn and compares them round by round."""

import statistics
from dataclasses import asdict, dataclass

from appliance.bench.chat import Sampling
from appliance.bench.driving import Asking, Driver
from appliance.bench.measures import Load
from appliance.bench.sending import sender_to
from appliance.bench.statistics import bootstrap_interval
from appliance.domain.results import BenchRun
from peers.servers import Peer

BASE = "llama-server"
SAMPLING = Sampling(temperature=0.8, top_p=0.95, top_k=40, min_p=0.05)
TIMEOUT_S = 600.0
SERIAL_SHARE = 3
"""A server without batching gets a third of the requests: it would take most of the time otherwise."""

Rounds = dict[int, dict[str, list[BenchRun]]]
"""Level to server to its rounds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Levels are streams at once; each level has ``per_stream`` requests a stream, and at least ``least``."""

    levels: tuple[int, ...]
    rounds: int
    max_tokens: int
    per_stream: int
    least: int = 6

    def requests(self, level: int, peer: Peer) -> int:
        """So many a round. Fewer than ``level`` would be another level, so that is the least but for one."""
        full = max(self.least, level * self.per_stream)
        return max(3, full // SERIAL_SHARE) if peer.serial else full


async def drive(peers: list[Peer], plan: Plan) -> Rounds:
    """Every level of every server in each round; the first server moves on by one each round."""
    drivers = {peer.name: driver_of(peer, plan) for peer in peers}
    for name, driver in drivers.items():
        if (error := await driver.warm_up(3)) is not None:
            raise RuntimeError(f"{name} does not answer: {error}")
    rounds: Rounds = {level: {peer.name: [] for peer in peers} for level in plan.levels}
    for number in range(plan.rounds):
        turn = number % len(peers)
        for level in plan.levels:
            for peer in (*peers[turn:], *peers[:turn]):
                run = await run_level(drivers[peer.name], peer, plan, level)
                rounds[level][peer.name].append(run)
                print(f"round {number + 1}, {level} streams, {peer.name}: {_words(run)}", flush=True)
    return rounds


def _words(run: BenchRun) -> str:
    return (
        f"{run.output_tokens_per_s:.0f} tokens/s, TTFT {run.ttft_ms.p50:.0f}/{run.ttft_ms.p95:.0f} ms,"
        f" ITL {run.itl_ms.p50:.1f} ms"
    )


async def run_level(driver: Driver, peer: Peer, plan: Plan, level: int) -> BenchRun:
    """One level of one server, once."""
    run = await driver.run(Load(concurrency=level), plan.requests(level, peer))
    _check(peer, run, plan)
    return run


def driver_of(peer: Peer, plan: Plan, sampling: Sampling = SAMPLING) -> Driver:
    """Who asks this server."""
    asking = Asking(
        model=peer.model,
        workload="shared-prefix",
        max_tokens=plan.max_tokens,
        seed=1,
        keys=peer.keys,
        sampling=sampling,
        assumed_tokens=None if peer.counts else plan.max_tokens,
    )
    return Driver(sender_to(peer.url, TIMEOUT_S), asking)


def _check(peer: Peer, run: BenchRun, plan: Plan) -> None:
    """The same work for everybody, or no comparison."""
    if run.errors:
        raise RuntimeError(f"{peer.name}: {run.errors} of {run.requests} requests failed: {run.first_error}")
    if run.output_tokens != run.completed * plan.max_tokens:
        raise RuntimeError(f"{peer.name} made {run.output_tokens} tokens in {run.completed} answers")


@dataclass(frozen=True, slots=True)
class Compared:
    """One server at one level: medians over rounds, and ratios to the base within each round."""

    streams: int
    server: str
    tokens_per_s: float
    ttft_p50_ms: float
    ttft_p95_ms: float
    itl_p50_ms: float
    itl_p95_ms: float
    ratio: float | None
    ratio_90: tuple[float, float] | None
    ttft_p50_ratio: float | None
    ttft_p50_ratio_90: tuple[float, float] | None
    ttft_p95_ratio: float | None
    ttft_p95_ratio_90: tuple[float, float] | None


def compare(rounds: Rounds, base: str = BASE) -> list[Compared]:
    """A row a level and server."""
    return [
        _row(level, name, runs, servers.get(base))
        for level, servers in rounds.items()
        for name, runs in servers.items()
    ]


def _row(level: int, name: str, runs: list[BenchRun], base: list[BenchRun] | None) -> Compared:
    speed = _ratio(runs, base, lambda run: run.output_tokens_per_s)
    first, late = (_ratio(runs, base, _ttft(part)) for part in ("p50", "p95"))
    return Compared(
        streams=level,
        server=name,
        tokens_per_s=_median(runs, lambda run: run.output_tokens_per_s),
        ttft_p50_ms=_median(runs, _ttft("p50")),
        ttft_p95_ms=_median(runs, _ttft("p95")),
        itl_p50_ms=_median(runs, lambda run: run.itl_ms.p50),
        itl_p95_ms=_median(runs, lambda run: run.itl_ms.p95),
        ratio=speed[0],
        ratio_90=speed[1],
        ttft_p50_ratio=first[0],
        ttft_p50_ratio_90=first[1],
        ttft_p95_ratio=late[0],
        ttft_p95_ratio_90=late[1],
    )


def _ttft(part: str):
    return lambda run: getattr(run.ttft_ms, part)


def _median(runs: list[BenchRun], value) -> float:
    return round(statistics.median(value(run) for run in runs), 2)


def _ratio(runs, base, value) -> tuple[float | None, tuple[float, float] | None]:
    """Median over rounds of this server's value by the base's in the same round, with its 90 % interval."""
    if not base:
        return None, None
    ratios = [value(one) / value(other) for one, other in zip(runs, base, strict=True)]
    low, high = bootstrap_interval(ratios)
    return round(statistics.median(ratios), 3), (round(low, 3), round(high, 3))


def as_table(rows: list[Compared]) -> str:
    """Aligned text."""
    head = (
        f"{'streams':>7} {'server':<17} {'tokens/s':>8} {'ratio':>6} {'90 %':>13} {'TTFT p50':>9} {'p95':>7}"
        f" {'ratio p50':>10} {'p95':>6} {'ITL p50':>8} {'p95':>7}"
    )
    return "\n".join([head, *(_line(row) for row in rows)])


def _line(row: Compared) -> str:
    interval = f"{row.ratio_90[0]:.2f} to {row.ratio_90[1]:.2f}" if row.ratio_90 else ""
    ratios = [
        f"{one:.2f}" if one is not None else "" for one in (row.ratio, row.ttft_p50_ratio, row.ttft_p95_ratio)
    ]
    return (
        f"{row.streams:>7} {row.server:<17} {row.tokens_per_s:>8.0f} {ratios[0]:>6} {interval:>13}"
        f" {row.ttft_p50_ms:>9.0f} {row.ttft_p95_ms:>7.0f} {ratios[1]:>10} {ratios[2]:>6}"
        f" {row.itl_p50_ms:>8.1f} {row.itl_p95_ms:>7.1f}"
    )


def as_documents(rows: list[Compared]) -> list[dict]:
    """For JSON."""
    return [asdict(row) for row in rows]
