"""Downloads in every state and a night's batches, in the made-up lab."""

from appliance.domain.results import (
    BatchList,
    BatchSummary,
    DownloadList,
    DownloadStatus,
    ModelDetail,
    ModelFile,
)
from tests.tui.fake_box import NOW_MS

GIB = 1024**3
HOUR_MS = 3_600_000


def download(
    id: str, model: str, state: str, verified: float, total: float, **more: object
) -> DownloadStatus:
    """One of so many GiB."""
    known = {"source": "hub.example.org", "fetched_bytes": int(verified * GIB * 1.02)}
    return DownloadStatus(
        id=id,
        model=model,
        revision=2,
        state=state,
        total_bytes=int(total * GIB),
        verified_bytes=int(verified * GIB),
        percent=100 if state == "done" else int(verified * 100 / total),
        created_ms=NOW_MS - 2 * HOUR_MS,
        updated_ms=NOW_MS - 4000,
        **{**known, **more},
    )


DOWNLOADS = (
    download("dl-5be01f22", "qwen2.5-72b@q4", "running", 18.4, 47.4, bytes_per_s=118 * 1024**2, eta_s=252),
    download("dl-91c07d4e", "olmo-2-32b@bf16", "waiting", 0.0, 64.1, source=""),
    download(
        "dl-77aa01cd",
        "gemma-2-27b@q4",
        "failed",
        5.6,
        16.6,
        error="integrity_failed",
        reason="hub.example.org served other bytes than the recipe says. "
        "Every place was tried; `carrel download resume dl-77aa01cd` tries them again.",
        dropped=("hub.example.org",),
    ),
    download(
        "dl-0a44be19",
        "pythia-12b@f16",
        "paused",
        11.9,
        23.9,
        reason="It was paused by an operator; `carrel download resume pythia-12b@f16` goes on.",
    ),
    download("dl-3d2c1b0a", "olmo-2-7b@q4", "done", 4.5, 4.5),
    download("dl-4e4e4e4e", "mistral-7b@q4", "cancelled", 1.2, 4.4),
)


def batch(
    id: str, person: str, state: str, lines: tuple[int, int, int] = (0, 0, 0), **more: object
) -> BatchSummary:
    """One night's work: lines done, failed and all."""
    known = {"project": "nlp-3", "model": "olmo-2-7b@q4", "endpoint": "/v1/chat/completions"}
    return BatchSummary(
        id=id,
        person=person,
        state=state,
        completed=lines[0],
        failed=lines[1],
        total=lines[2],
        created_ms=NOW_MS - 9 * HOUR_MS,
        expires_ms=NOW_MS + 15 * HOUR_MS,
        **{**known, **more},
    )


BATCHES = BatchList(
    batches=(
        batch("batch_5d1f0c9be2a64c0f93a1b7d4", "m.silva", "in_progress", (8412, 3, 12000)),
        batch("batch_77c2aa01be2a64c0f93a1b000", "t.weber", "validating", project="thesis-weber"),
        batch("batch_6b00aa01be2a64c0f93a1b111", "l.moreau", "paused", (611, 0, 4000)),
        batch(
            "batch_11ffae9be2a64c0f93a1b7123",
            "a.khan",
            "failed",
            reason="The line is not a JSON object.",
            ended_ms=NOW_MS - HOUR_MS,
        ),
        batch(
            "batch_0000aa9be2a64c0f93a1b7123", "a.khan", "completed", (500, 0, 500), ended_ms=NOW_MS - HOUR_MS
        ),
    ),
    left_out=0,
)

FILES = ModelDetail(
    id="qwen2.5-72b@q4",
    state="available",
    title="Qwen 2.5 72B",
    summary="",
    license="Qwen",
    tier="approved",
    engine="llama_cpp",
    revision=2,
    context_tokens=32768,
    files=(
        ModelFile("qwen2.5-72b-q4_k_m-00001-of-00003.gguf", 16 * GIB, "a" * 64, present=True),
        ModelFile("qwen2.5-72b-q4_k_m-00002-of-00003.gguf", 16 * GIB, "b" * 64, present=False),
        ModelFile("qwen2.5-72b-q4_k_m-00003-of-00003.gguf", int(15.4 * GIB), "c" * 64, present=False),
    ),
    known_limits=(),
    replicas=(),
)

ANSWERS = [
    ("download.list", {}, DownloadList(downloads=DOWNLOADS)),
    ("batch.list", {}, BATCHES),
    ("model.show", {"model": "qwen2.5-72b@q4"}, FILES),
]
DIALOGS = [
    ("download", ("enter",)),
    ("failed-download", ("down", "down", "enter")),
    ("batch", ("tab", "enter")),
]
