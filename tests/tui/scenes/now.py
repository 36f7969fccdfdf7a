"""The made-up lab on an afternoon: two models answer, one has failed, some people ask."""

import math

from appliance.domain.results import (
    GpuList,
    GpuProcessStatus,
    GpuStatus,
    Inbox,
    InboxArgument,
    InboxRow,
    ModelPulse,
    ModelSummary,
    Pulse,
    QueueLine,
    QueueStatus,
    Status,
)
from tests.tui.fake_box import NOW_MS
from tests.tui.scenes.jobs import DOWNLOADS

GIB = 1024**3
MINUTE_MS = 60_000


def model(id: str, state: str, **more: object) -> ModelSummary:
    """One of the catalog."""
    known = {
        "title": id,
        "license": "Apache-2.0",
        "tier": "open",
        "context_tokens": 8192,
        "size_bytes": 5 * GIB,
        "on_disk": True,
    }
    return ModelSummary(id=id, state=state, **{**known, **more})


MODELS = (
    model("olmo-2-7b@q4", "ready"),
    model("olmo-2-7b@bf16", "ready", size_bytes=14 * GIB),
    model("qwen2.5-14b@q5", "loading", percent=62, context_tokens=32768),
    model("llama-3.1-8b@q8", "available", lacks="acceptance"),
    model("mistral-7b@q4", "failed", reason="GPU 3 has too little memory: 6.1 GiB are missing"),
    model("handbook-tiny", "available"),
)
STATUS = Status(
    state="ready",
    version="0.10.0",
    url="http://127.0.0.1:7411/v1",
    pid=4711,
    uptime_s=86_400 * 3,
    models=MODELS,
    queue=QueueStatus(
        waiting=4,
        running=9,
        limit=512,
        lines=(QueueLine("olmo-2-7b@q4", "interactive", 4, 9, 6, 11),),
    ),
    storage="ok",
    federation="enrolled at registry.example.org; 0 h ago the last sync: all is well",
    tasks=("verify olmo-2-7b: file 2 of 3, 41 %",),
    downloads=DOWNLOADS[:3],
    alarms=(),
)


def wave(top: float, phase: float, count: int = 60) -> tuple[float, ...]:
    """A plausible minute."""
    return tuple(
        round(top * (0.55 + 0.3 * math.sin(n / 6 + phase) + 0.15 * math.sin(n / 2.3)), 2)
        for n in range(count)
    )


PULSE = Pulse(
    at_ms=NOW_MS,
    step_s=1,
    requests_per_s=wave(4.2, 0.0),
    tokens_per_s=wave(520, 0.8),
    waiting=tuple(int(one) for one in wave(5, 0.4)),
    running=tuple(int(one) for one in wave(10, 0.4)),
    processor_percent=wave(48, 1.4),
    memory_used_bytes=tuple(int(one * GIB) for one in wave(70, 0.1)),
    memory_total_bytes=256 * GIB,
    cores=64,
    disk_free_bytes=61 * GIB,
    disk_total_bytes=1800 * GIB,
    disk_needed_bytes=75 * GIB,
    first_word_median_ms=310,
    first_word_p95_ms=640,
    longest_wait_s=6,
    people_active=28,
    people_limited=2,
    models=(
        ModelPulse("olmo-2-7b@q4", 21, 290.4, 6, 4),
        ModelPulse("olmo-2-7b@bf16", 7, 120.0, 3, 0),
    ),
)


def gpu(index: int, held_gib: float, *, models: tuple[str, ...] = (), **more: object) -> GpuStatus:
    """One H100 of the lab. What the models hold is one process."""
    ours = (GpuProcessStatus(pid=4800 + index, name="carrel", memory_bytes=int(held_gib * GIB), ours=True),)
    known = {
        "state": "ok",
        "processes": ours if models else (),
        "temperature_c": 34,
        "power_w": 71.0,
        "limit_w": 700.0,
        "utilization_percent": 0,
        "ecc_errors": 0,
        "faults": (),
    }
    return GpuStatus(
        index=index,
        name="NVIDIA H100 80GB HBM3",
        memory_total_bytes=80 * GIB,
        memory_free_bytes=int((79.1 - held_gib) * GIB),
        driver="580.65",
        uuid=f"GPU-{index:08x}",
        models=models,
        **{**known, **more},
    )


GPUS = GpuList(
    gpus=(
        gpu(0, 9.6, models=("olmo-2-7b@q4",), temperature_c=61, power_w=412.0, utilization_percent=87),
        gpu(1, 22.5, models=("olmo-2-7b@bf16",), temperature_c=58, power_w=365.0, utilization_percent=64),
        gpu(
            2,
            43.4,
            models=("qwen2.5-14b@q5",),
            processes=(
                GpuProcessStatus(pid=4802, name="carrel", memory_bytes=12 * GIB, ours=True),
                GpuProcessStatus(
                    pid=91822, name="python train.py", memory_bytes=int(31.4 * GIB), ours=False, user="a.khan"
                ),
            ),
            temperature_c=71,
            power_w=588.0,
            utilization_percent=99,
        ),
        gpu(
            3,
            0.0,
            state="broken",
            faults=("Xid 79: it has fallen off the bus. Restart the machine; if it comes back, replace it.",),
            temperature_c=None,
            power_w=None,
            limit_w=None,
            utilization_percent=None,
            ecc_errors=4,
        ),
        gpu(4, 0.0),
        gpu(5, 0.0, state="released"),
        gpu(6, 0.0, temperature_c=33),
        gpu(7, 0.0),
    ),
    memory_total_bytes=256 * GIB,
    memory_available_bytes=211 * GIB,
    cores=64,
)


def row(kind: str, id: str, text: str, minutes: int, leads: tuple[str, str], /, **given: str) -> InboxRow:
    """Something that waits since so many minutes; ``leads`` are its urgency and its action."""
    return InboxRow(
        kind=kind,
        id=id,
        text=text,
        since_ms=NOW_MS - minutes * MINUTE_MS,
        urgency=leads[0],
        action=leads[1],
        arguments=tuple(InboxArgument(name, value) for name, value in given.items()),
    )


INBOX = Inbox(
    rows=(
        row(
            "model_pending",
            "mistral-7b@q4",
            "mistral-7b@q4 has failed: GPU 3 has too little memory: 6.1 GiB are missing",
            8,
            ("now", "model.run"),
            model="mistral-7b@q4",
        ),
        row(
            "application",
            "app-7",
            'a.khan asks for llama-3.1-8b: "logit lens homework"',
            95,
            ("soon", "access.decide"),
            id="app-7",
        ),
        row(
            "budget_request",
            "br-12",
            'm.silva (nlp-3) asks for 500 credits more: "the evaluation of chapter 4"',
            240,
            ("soon", "budget.decide"),
            id="br-12",
            project="nlp-3",
        ),
        row(
            "incident",
            "inc-3",
            "many distinct prompts of one shape by t.weber in nlp-3: nobody has looked at it",
            1500,
            ("soon", "incident.decide"),
            id="inc-3",
        ),
        row(
            "license_missing",
            "llama-3.1-8b@q8",
            "llama-3.1-8b@q8 is on this box and may not be loaded: its license is not accepted.",
            3000,
            ("note", "license.accept"),
            model="llama-3.1-8b@q8",
        ),
        row(
            "download_failed",
            "dl-77aa01cd",
            "The download of gemma-2-27b@q4 failed at 34%: hub.example.org served other bytes",
            3200,
            ("note", "download.resume"),
            download="dl-77aa01cd",
        ),
    ),
    left_out=0,
)

ANSWERS = [
    ("status", {}, STATUS),
    ("inbox", {}, INBOX),
    ("pulse", {}, PULSE),
    ("gpu.list", {}, GPUS),
]
DIALOGS = [("details", ("down", "d")), ("help", ("question_mark",))]
