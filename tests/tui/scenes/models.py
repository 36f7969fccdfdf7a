"""A catalog with models in every state, on a box with two GPUs."""

import hashlib
from collections.abc import Mapping

from appliance.domain.results import (
    AcceptanceSummary,
    Fit,
    FitAdvice,
    FitDay,
    FitShare,
    LicenseDetail,
    ModelDetail,
    ModelFile,
    ModelList,
    ModelMemory,
    ModelRun,
    ModelSummary,
    ModelTerms,
    ReplicaStatus,
)
from appliance.domain.results.models import UpstreamStatus

GIB = 2**30
ACCEPTED_MS = 1_790_000_000_000
TEXT = """LLAMA 3.1 COMMUNITY LICENSE AGREEMENT

1. License rights. You are granted a non-exclusive, worldwide, non-transferable and royalty-free limited
license to use, reproduce, distribute, copy, create derivative works of, and modify the materials.

2. Additional commercial terms. If, on the version release date, the monthly active users of the products made
available by you are greater than 700 million, you must request a license.

3. Disclaimer of warranty. The materials are provided on an as-is basis, without warranties of any kind.

4. Limitation of liability.

5. Intellectual property.

6. Term and termination.

7. Governing law and jurisdiction.
"""
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
BY_CARREL = "Approved by the makers of Carrel, with this release."
BY_LAB = "Approved by this lab: m.wu, 2026-11-02."


def summary(id: str, title: str, **more: object) -> ModelSummary:
    given: dict[str, object] = {
        "state": "available",
        "license": "Apache-2.0",
        "tier": "open",
        "context_tokens": 8192,
        "size_bytes": 5 * GIB,
        "on_disk": True,
        "approved_by": BY_CARREL,
    }
    return ModelSummary(id=id, title=title, **{**given, **more})  # type: ignore[arg-type]


LLAMA = summary(
    "llama-3.1-8b-instruct",
    "Llama 3.1 8B Instruct",
    license="LicenseRef-scancode-llama-3.1-license-2024",
    tier="registered",
    size_bytes=4_920_739_232,
    on_disk=False,
    lacks="acceptance",
)
QWEN = summary("qwen3-8b", "Qwen3 8B", state="ready", size_bytes=5_027_784_512)
MODELS = (
    QWEN,
    summary(
        "qwen3-8b@bf16",
        "Qwen3 8B",
        state="loading",
        percent=62,
        size_bytes=16_381_516_800,
    ),
    summary(
        "opt-125m",
        "OPT 125M",
        state="failed",
        size_bytes=250_540_032,
        reason="Its process died 3 times in 5 minutes; the last words were: out of memory.",
    ),
    summary("handbook-tiny", "The handbook's own tiny model", size_bytes=3_112_896, context_tokens=1024),
    summary(
        "bge-small-en-v1.5",
        "BGE small",
        size_bytes=133_466_304,
        context_tokens=512,
        damaged="model.safetensors has other bytes than its recipe says.",
        reason="model.safetensors has other bytes than its recipe says.",
    ),
    summary("gpt-neox-20b", "GPT-NeoX 20B", size_bytes=41_293_685_880, on_disk=False),
    LLAMA,
    summary(
        "llama-3.1-8b-instruct@bf16",
        "Llama 3.1 8B Instruct",
        license="LicenseRef-scancode-llama-3.1-license-2024",
        tier="registered",
        size_bytes=16_060_522_496,
        on_disk=False,
        lacks="acceptance",
    ),
    summary(
        "llama-3.3-70b-instruct",
        "Llama 3.3 70B Instruct",
        license="LicenseRef-scancode-llama-3.3",
        tier="restricted",
        size_bytes=42_520_395_776,
        on_disk=False,
        lacks="lease",
    ),
    summary("qwen2.5-72b@q4", "Qwen2.5 72B Instruct", size_bytes=50_895_000_000, on_disk=False),
    summary(
        "gemma-2-27b@q4", "Gemma 2 27B", license="LicenseRef-gemma", size_bytes=17_824_000_000, on_disk=False
    ),
    summary(
        "opt-175b",
        "OPT 175B",
        size_bytes=349_000_000_000,
        on_disk=False,
        reason="a draft: it can be planned for, not run",
    ),
    summary(
        "campus-chat",
        "Campus chat",
        license="LicenseRef-campus",
        size_bytes=0,
        on_disk=False,
        leaves_box="models.campus.example.org",
        approved_by=BY_LAB,
        context_tokens=131_072,
    ),
)


def terms(model: str, **more: object) -> ModelTerms:
    given: dict[str, object] = {
        "expression": "Apache-2.0",
        "title": "Apache License 2.0",
        "tier": "open",
        "text_sha256": SHA256,
        "acceptance": "none",
        "uses_allowed": ("Use, study, change and pass on, for everybody and everything.",),
        "uses_denied": (),
        "redistribution": "yes",
        "derivatives": "yes",
        "attribution": "",
        "output_terms": "",
        "needs_grant": False,
        "needs_lease": False,
        "on_lapse": "stop",
        "on_revocation": "keep",
    }
    return ModelTerms(model=model, **{**given, **more})  # type: ignore[arg-type]


ACCEPTANCE = AcceptanceSummary(
    id="acc_7f3k",
    model="qwen3-8b",
    person="",
    who="Dr M. Wu",
    authority="head of the lab",
    purpose="teaching and research in linguistics",
    text_sha256=SHA256,
    accepted_ms=ACCEPTED_MS,
    withdrawn_ms=None,
    state="holds",
)
LLAMA_TERMS = terms(
    "llama-3.1-8b-instruct",
    expression="LicenseRef-scancode-llama-3.1-license-2024",
    title="Llama 3.1 Community License Agreement",
    tier="registered",
    acceptance="institution",
    uses_denied=("Anything that breaks the law or harms the rights of others.",),
    redistribution="same-terms",
    derivatives="same-terms",
    lacks="acceptance",
    next_step="Someone with authority accepts it: carrel license accept llama-3.1-8b-instruct",
)
DETAIL = ModelDetail(
    id="qwen3-8b",
    state="ready",
    title="Qwen3 8B",
    summary="A chat model of 8 billion parameters by Alibaba Cloud, for a class on one GPU.",
    license="Apache-2.0",
    tier="open",
    engine="llama_cpp",
    revision=3,
    context_tokens=8192,
    files=(ModelFile(name="Qwen3-8B-Q4_K_M.gguf", size_bytes=5_027_784_512, sha256="ab" * 32, present=True),),
    known_limits=(
        "The model can read 40,960 tokens; the recipe allows 8,192, so that a class has room.",
        "It thinks before it answers, which costs tokens.",
    ),
    replicas=(
        ReplicaStatus(
            pid=4812,
            state="ready",
            gpus=(0,),
            threads=4,
            memory_bytes=2 * GIB,
            restarts=0,
            running=21,
            kv_tokens=262_144,
            free_kv_tokens=180_224,
            free_sequences=11,
            confinement=("seccomp", "landlock", "netns"),
        ),
    ),
    run=ModelRun(replicas=1, seats=32, context_tokens=8192, deterministic=False, gpus=(0,)),
    memory=ModelMemory(
        planned_bytes=11 * GIB,
        held_bytes=round(10.6 * GIB),
        weight_bytes=round(4.7 * GIB),
        cache_bytes=round(4.5 * GIB),
        resident_bytes=2 * GIB,
        gpu_bytes=round(10.6 * GIB),
        gpus=(0,),
        engine_build="llama_cpp 0.3.36 cu13",
        measured_ms=ACCEPTED_MS,
    ),
    approved_by=BY_CARREL,
    terms=terms(
        "qwen3-8b",
        acceptance="institution",
        accepted=ACCEPTANCE,
    ),
    restrictions=("Not in exams: class `exam-1` allows no model of this tier.",),
)


def detail(arguments: Mapping[str, object]) -> ModelDetail:
    """Of any other model of the list."""
    one = next((one for one in MODELS if one.id == arguments["model"]), QWEN)
    return ModelDetail(
        id=one.id,
        state=one.state,
        title=one.title,
        summary=f"{one.title}, as its makers describe it.",
        license=one.license,
        tier=one.tier,
        engine="llama_cpp",
        revision=2,
        context_tokens=one.context_tokens,
        files=()
        if one.leaves_box
        else (
            ModelFile(name="model.gguf", size_bytes=one.size_bytes, sha256="cd" * 32, present=one.on_disk),
        ),
        known_limits=("Nobody has run these very files here yet.",),
        replicas=(),
        reason=one.reason,
        percent=one.percent,
        eta_s=14 if one.percent else None,
        leaves_box=one.leaves_box,
        approved_by=one.approved_by,
        terms=LLAMA_TERMS if one.id.startswith("llama-3.1") else terms(one.id),
        upstream=UpstreamStatus(
            host=one.leaves_box,
            address=f"https://{one.leaves_box}/v1",
            model="campus-large",
            key="campus",
            key_stored=True,
            features=("chat", "stream", "tools"),
            prompt_micro=500_000,
            cached_micro=100_000,
            completion_micro=1_500_000,
            counted="estimate",
            answers=412,
            alarms=0,
            unreported=3,
        )
        if one.leaves_box
        else None,
    )


def shown_license(arguments: Mapping[str, object]) -> LicenseDetail:
    """With its text, for every model."""
    model = str(arguments["model"])
    if model.startswith("llama-3.1"):
        return LicenseDetail(terms=LLAMA_TERMS, acceptances=(), text=TEXT)
    held = (ACCEPTANCE,) if model == "qwen3-8b" else ()
    return LicenseDetail(terms=terms(model), acceptances=held, text=TEXT)


def fit(arguments: Mapping[str, object]) -> Fit:
    """On GPU 1, where somebody else holds memory; with many seats it does not fit."""
    seats, context = int(arguments.get("seats") or 32), int(arguments.get("context") or 8192)  # type: ignore[call-overload]
    kv = seats * context * 32_768
    weights, buffers, others, total = round(4.6 * GIB), round(0.8 * GIB), round(3.1 * GIB), 24 * GIB
    free = total - weights - kv - buffers - others - GIB
    fits = free >= 0
    share = FitShare(
        replica=0,
        gpu=1,
        name="NVIDIA L4",
        layers=32,
        weight_bytes=weights,
        kv_bytes=min(kv, total - weights - buffers - others),
        buffer_bytes=buffers,
        reserve_bytes=GIB,
        others_bytes=others,
        free_bytes=max(0, free),
        total_bytes=total,
    )
    return Fit(
        model=str(arguments["model"]),
        draft=False,
        machine="this machine",
        fits=fits,
        verdict="gpu" if fits else "does_not_fit",
        reason="One replica fits on GPU 1." if fits else "The KV cache needs more than any GPU has free.",
        seats=seats,
        context_tokens=context,
        replicas=1,
        shares=(share,),
        missing_bytes=max(0, -free),
        advice=()
        if fits
        else (
            FitAdvice(kind="seats", value="58", text="58 seats of this context fit.", seats=None),
            FitAdvice(kind="context", value="4096", text="4,096 tokens for each seat fit.", seats=None),
        ),
        day=FitDay(tokens=9_800_000, words=7_300_000, dollars="1.20", kilowatt_hours="1.7") if fits else None,
        assumptions=("Sizes of the model are those of its recipe.",),
    )


ANSWERS = [
    ("model.list", {"all": True}, ModelList(models=MODELS)),
    ("model.show", {"model": "qwen3-8b"}, DETAIL),
    ("model.show", {}, detail),
    ("license.show", {}, shown_license),
    ("model.fit", {}, fit),
]
DIALOGS = [
    ("details", ["enter"]),
    ("run", ["s"]),
    ("fit", ["/", *"llama-3.1", "enter", "f", *"96"]),
    ("accept", ["/", *"llama-3.1", "enter", "p"]),
]
