#!/usr/bin/env python3
"""Records the tour that comes with the handbook: ten minutes of a made-up lab (tests/tui/scenes), in which a
worker breaks and comes back, a download ends, a class uses up its budget and an incident opens.
"""

import asyncio
import json
import math
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from appliance.domain.actions import action as action_of
from appliance.domain.results import (
    DownloadList,
    DownloadStatus,
    GpuList,
    GpuStatus,
    IncidentList,
    LogLines,
    ModelList,
    ModelSummary,
    Pulse,
    Status,
)
from appliance.domain.results.classes import ClassSeats, SeatLine
from appliance.errors import CarrelError
from tests.tui.fake_box import NOW_MS, FakeBox
from tests.tui.scenes.lab import answers
from tests.tui.scenes.logs import LINES
from tui.recording.standard import STANDARD, further, is_kept
from tui.recording.tape import StreamKey, Tape, key_of

TOUR = Path(__file__).parents[1] / "appliance" / "handbook" / "tour.jsonl.gz"
LENGTH_S = 600
STEP_S = 5
BREAKS_S, BACK_S, OPENS_S = 150, 215, 330
MOST_BYTES = 200_000

STORY = (
    (20, "info", "seat_claimed", {"lesson": "nlp-3", "seat": 21, "key": "key_1c07"}),
    (75, "info", "request_done", {"model": "olmo-2-7b@q4", "tokens": 412}),
    (BREAKS_S, "error", "worker_broke", {"model": "olmo-2-7b@q4", "replica": 1, "exception": "CudaError"}),
    (BREAKS_S + 4, "info", "worker_started", {"model": "olmo-2-7b@q4", "replica": 1, "again": 1}),
    (BACK_S, "info", "worker_ready", {"model": "olmo-2-7b@q4", "replica": 1, "seconds": 61}),
    (
        260,
        "warning",
        "request_failed",
        {"request_id": "req_90aa17b2c3d4e5f601728394", "code": "rate_limit_exceeded"},
    ),
    (OPENS_S, "warning", "incident_opened", {"incident": "inc_01", "wire": "bulk"}),
    (420, "info", "download_done", {"download": "dl_02", "model": "qwen3-8b"}),
    (
        500,
        "warning",
        "request_failed",
        {"request_id": "req_7c19e0a4b25d8f3310be42aa", "code": "insufficient_quota"},
    ),
    (560, "info", "federation_synced", {"sent": 2}),
)


def log(at_s: int) -> tuple[str, ...]:
    """Lines until then."""
    made = []
    for when_s, level, event, fields in STORY:
        if when_s <= at_s:
            stamp = datetime.fromtimestamp(NOW_MS / 1000 + when_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.204Z")
            made.append(json.dumps({**fields, "level": level, "ts": stamp, "event": event}))
    return (*LINES, *made)


def later(result: msgspec.Struct, at_s: int) -> msgspec.Struct:
    """The same some time later."""
    change = _CHANGES.get(type(result))
    return change(result, at_s) if change else result


def _status(one: Status, at_s: int) -> Status:
    models = tuple(_model(model, at_s) for model in one.models)
    return msgspec.structs.replace(one, uptime_s=one.uptime_s + at_s, models=models)


def _seats(one: ClassSeats, at_s: int) -> ClassSeats:
    seats = tuple(_seat(seat, at_s) for seat in one.seats)
    return msgspec.structs.replace(one, now_ms=NOW_MS + at_s * 1000, seats=seats)


def _rows(field: str, change: Callable[[Any, int], Any]) -> Callable[[Any, int], Any]:
    """The change of each row of a list."""
    return lambda one, at_s: msgspec.structs.replace(
        one, **{field: tuple(change(row, at_s) for row in getattr(one, field))}
    )


def _model(one: ModelSummary, at_s: int) -> ModelSummary:
    if BREAKS_S <= at_s < BACK_S and one.id == "olmo-2-7b@q4":
        return msgspec.structs.replace(one, state="loading", reason="The worker broke; it is started again.")
    return one


def _wave(at_s: int, place: int, low: float, high: float) -> float:
    return low + (high - low) * (
        0.5 + 0.3 * math.sin((at_s + place) / 17) + 0.2 * math.sin((at_s + place) / 5)
    )


def _pulse(one: Pulse, at_s: int) -> Pulse:
    steps = range(len(one.requests_per_s))
    down = 0.4 if BREAKS_S <= at_s < BACK_S else 1.0
    return msgspec.structs.replace(
        one,
        at_ms=NOW_MS + at_s * 1000,
        requests_per_s=tuple(round(_wave(at_s, n, 1, 5) * down, 1) for n in steps),
        tokens_per_s=tuple(round(_wave(at_s, n, 200, 520) * down) for n in steps),
        waiting=tuple(round(_wave(at_s, n, 0, 4) / down) for n in steps),
        processor_percent=tuple(round(_wave(at_s, n, 12, 44)) for n in steps),
    )


def _seat(one: SeatLine, at_s: int) -> SeatLine:
    if one.taken_ms is None or one.state in {"error", "limit"}:
        return one
    busy = math.sin(at_s / 11 + one.number) > 0
    return msgspec.structs.replace(
        one, state="ok" if busy else "idle", tokens=one.tokens + at_s // 10 * one.number
    )


def _download(one: DownloadStatus, at_s: int) -> DownloadStatus:
    if one.state not in {"running", "fetching", "downloading"} or not one.total_bytes:
        return one
    done = one.verified_bytes + (one.total_bytes - one.verified_bytes) * at_s // (2 * LENGTH_S)
    return msgspec.structs.replace(
        one,
        verified_bytes=done,
        fetched_bytes=max(done, one.fetched_bytes),
        percent=100 * done // one.total_bytes,
        eta_s=None if one.eta_s is None else max(0, one.eta_s - at_s),
    )


def _gpu(one: GpuStatus, at_s: int) -> GpuStatus:
    if not one.utilization_percent:
        return one
    return msgspec.structs.replace(one, utilization_percent=round(_wave(at_s, one.index * 9, 30, 98)))


_CHANGES: dict[type, Callable[[Any, int], Any]] = {
    Status: _status,
    ModelList: _rows("models", _model),
    Pulse: _pulse,
    LogLines: lambda one, at_s: msgspec.structs.replace(one, lines=log(at_s)),
    IncidentList: lambda one, at_s: msgspec.structs.replace(one, incidents=one.incidents[at_s < OPENS_S :]),
    ClassSeats: _seats,
    DownloadList: _rows("downloads", _download),
    GpuList: _rows("gpus", _gpu),
}


async def first_answers(box: FakeBox) -> dict[StreamKey, msgspec.Struct]:
    """To all that screens ask, and to every question of the scenes that only looks."""
    wanted = [(one.action, dict(one.arguments)) for one in STANDARD]
    wanted += [(action, dict(given)) for action, given, _ in answers() if is_kept(action_of(action))]
    found: dict[StreamKey, msgspec.Struct] = {}
    for action, given in wanted:
        with suppress(CarrelError):
            answer = found[key_of(action, given)] = await box.run(action, given)
            wanted += [(one.action, dict(one.arguments)) for one in further(answer)]
    return found


def main() -> None:
    base = asyncio.run(first_answers(FakeBox(*answers())))
    TOUR.unlink(missing_ok=True)
    tape = Tape(TOUR, "lab-01", NOW_MS)
    tape.learn(base["person.list", ()])
    for at_s in range(0, LENGTH_S + 1, STEP_S):
        for (action, given), answer in base.items():
            tape.tell(action, dict(given), later(answer, at_s), NOW_MS + at_s * 1000)
    tape.close()
    TOUR.chmod(0o644)
    size = TOUR.stat().st_size
    sys.stdout.write(f"{TOUR.name}: {size} bytes, {len(base)} kinds of answers\n")
    if size > MOST_BYTES:
        sys.exit(f"The tour is larger than {MOST_BYTES} bytes.")


if __name__ == "__main__":
    main()
