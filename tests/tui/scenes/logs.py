"""A log, what waits for a reviewer, and who did what, in a made-up lab."""

import json
from collections.abc import Mapping

from appliance.domain.results import (
    AuditLine,
    AuditList,
    IncidentDetail,
    IncidentList,
    IncidentSummary,
    LogLines,
    RequestRefusal,
    RequestShown,
    RequestUse,
)
from appliance.domain.results.reports import ReportLine, ReportList
from appliance.domain.results.samples import SampleLine, SampleList, SampleRate, SampleRefusals
from tests.tui.fake_box import NOW_MS, Answer

MINUTE = 60_000
DAY = 86_400_000
REFUSED = "req_7c19e0a4b25d8f3310be42aa"
RUNNING = "req_1f0a52c98be7d4410963ac5e"


def line(at: str, level: str, event: str, **fields: object) -> str:
    return json.dumps({**fields, "level": level, "ts": f"2026-11-22T{at}.118Z", "event": event})


LINES = (
    line("10:31:40", "info", "door_opened", address="10.0.4.7", port=7412),
    line("10:31:58", "info", "seat_keys", lesson="nlp-3", who="m.okafor", how="cards", keys=28),
    line("10:33:02", "info", "worker_ready", model="olmo-2-7b", replica=0, seconds=41),
    line("10:33:20", "info", "seat_claimed", lesson="nlp-3", seat=4, key="key_4f1c"),
    line("10:33:21", "info", "seat_claimed", lesson="nlp-3", seat=11, key="key_90ab"),
    line("10:34:02", "info", "audit", seq=4188, action="class.open", who="m.okafor", hash="9f2c41d0aa"),
    line("10:35:47", "debug", "probe", kind="disk", free_gib=61),
    line(
        "10:36:10",
        "warning",
        "request_failed",
        request_id="req_3ab04c1190ff2e5d6b7788aa",
        code="invalid_api_key",
    ),
    line("10:37:31", "info", "download_done", download="dl_02", model="qwen3-8b"),
    line("10:38:55", "warning", "memory_not_measured", model="qwen3-8b", reason="It does not run."),
    line("10:39:12", "warning", "request_failed", request_id=REFUSED, code="insufficient_quota"),
    line(
        "10:40:03",
        "error",
        "worker_broke",
        model="olmo-2-7b",
        replica=1,
        exception="CudaError",
        passed=["runner.py:212 step", "scheduler.py:88 turn", "worker.py:141 serve"],
        next="It is started again in 2 s; three breaks in a minute leave it down.",
    ),
    line("10:40:07", "info", "worker_started", model="olmo-2-7b", replica=1, again=1),
    line("10:40:48", "info", "worker_ready", model="olmo-2-7b", replica=1, seconds=40),
    line("10:41:20", "info", "federation_synced", sent=3),
    line(
        "10:41:44",
        "warning",
        "request_failed",
        request_id="req_55d0c1a2b3e4f50617283940",
        code="rate_limit_exceeded",
    ),
    line("10:41:59", "info", "seat_claimed", lesson="nlp-3", seat=19, key="key_77de"),
    line("10:42:00", "warning", "request_failed", request_id=REFUSED, code="insufficient_quota"),
)


def _log(arguments: Mapping[str, object]) -> LogLines:
    levels = ("debug", "info", "warning", "error")
    least = levels.index(str(arguments.get("level", "debug")))
    text = str(arguments.get("text", "") or "").lower()
    return LogLines(
        lines=tuple(
            one for one in LINES if levels.index(json.loads(one)["level"]) >= least and text in one.lower()
        )
    )


def incident(id: str, wire: str, holder: str, project: str, **more: object) -> IncidentSummary:
    known: dict[str, object] = {
        "level": "warn",
        "state": "open",
        "score": 140,
        "count": 620,
        "trips": 3,
        "first_ms": NOW_MS - 40 * MINUTE,
        "last_ms": NOW_MS - 2 * MINUTE,
        "ends_ms": NOW_MS + 30 * DAY,
        "explained_by": "",
        "verdict": "",
        "decided_by": "",
        "reason": "",
        "appeal": "",
    }
    return IncidentSummary(id=id, wire=wire, holder=holder, project=project, **{**known, **more})  # type: ignore[arg-type]


INCIDENTS = (
    incident("inc_01", "bulk", "a.khan", "nlp-thesis", level="throttle", score=212),
    incident(
        "inc_02",
        "off-hours",
        "t.lindqvist",
        "probing",
        state="appealed",
        level="hold",
        verdict="uphold",
        decided_by="m.okafor",
        reason="4,100 requests between 01:00 and 04:00, none of them declared.",
        appeal="The nightly evaluation of our paper ran then; I have declared it since.",
    ),
    incident(
        "inc_03",
        "templated",
        "s.moreau",
        "eval-suite",
        level="note",
        explained_by="evaluation",
        state="reviewed",
    ),
    incident("inc_04", "shared", "key_9c02", "default", level="note", state="expired", score=101, count=9),
)

_DETAIL = IncidentDetail(
    incident=INCIDENTS[0],
    person="a.khan",
    key="",
    title="Many requests in a short time",
    unit="requests in an hour",
    threshold=300,
    why="A script that runs away uses up what others wait for.",
    kind="research",
    purpose="Fine-grained error analysis of OLMo 2 for a thesis",
    declared=(),
    waits_for="reviewer",
    next_step="carrel incident decide inc_01 --verdict clear|uphold --reason TEXT",
)


def sample(id: str, project: str, purpose: str, **more: object) -> SampleLine:
    known: dict[str, object] = {
        "request_id": RUNNING,
        "person": "s.moreau",
        "model": "olmo-2-7b",
        "tier": "open",
        "kind": "chat",
        "prompt_tokens": 412,
        "completion_tokens": 180,
        "outcome": "ok",
        "started_ms": NOW_MS - 55 * MINUTE,
        "ended_ms": NOW_MS - 55 * MINUTE + 4100,
        "content": "sealed",
    }
    return SampleLine(id=id, project=project, purpose=purpose, **{**known, **more})  # type: ignore[arg-type]


SAMPLES = SampleList(
    samples=(
        sample("smp_0a1", "nlp-thesis", "Fine-grained error analysis of OLMo 2 for a thesis"),
        sample(
            "smp_0a2",
            "eval-suite",
            "Nightly evaluation of open models",
            person="t.lindqvist",
            content="not agreed",
        ),
        sample(
            "smp_09f",
            "probing",
            "",
            verdict="does-not-fit",
            reason="Homework of another course.",
            decided_by="m.okafor",
            decided_ms=NOW_MS - DAY,
        ),
    ),
    rates=(
        SampleRate(tier="open", rate="1/1000", since_ms=0),
        SampleRate(tier="gated", rate="1/100", since_ms=0),
    ),
    refusals=(SampleRefusals(project="probing", people=1),),
)

REPORTS = ReportList(
    reports=(
        ReportLine(
            id="rep_11",
            state="open",
            severity="high",
            category="bias",
            description="Asked for ten nurses and ten surgeons, all nurses are women and all surgeons men.",
            model="olmo-2-7b",
            recipe_revision=3,
            file_sha256="ab" * 32,
            prompt_sha256="cd" * 32,
            seed=41,
            temperature="0.7",
            top_p=None,
            top_k=None,
            max_tokens=200,
            seen=4,
            prompt="sealed",
            person="s.moreau",
            project="eval-suite",
            made_ms=NOW_MS - 90 * MINUTE,
            reason="",
            micro=0,
            paid=False,
            decided_by="",
            decided_ms=None,
        ),
    )
)


def act(
    seq: int, minutes_ago: int, actor: str, action: str, outcome: str = "ok", **arguments: object
) -> AuditLine:
    return AuditLine(
        seq=seq,
        at_ms=NOW_MS - minutes_ago * MINUTE,
        actor=actor,
        permission="admin" if actor.startswith("uid") else "lead",
        origin="socket" if actor.startswith("uid") else "10.0.4.31",
        action=action,
        arguments=json.dumps(arguments),
        outcome=outcome,
    )


AUDIT = AuditList(
    acts=(
        act(4190, 3, "m.okafor", "class.top-up", name="nlp-3", seat=19, tokens=10000),
        act(4189, 6, "uid 0", "model.run", model="olmo-2-7b", replicas=2),
        act(4188, 8, "m.okafor", "class.open", name="nlp-3"),
        act(4187, 31, "uid 0", "key.revoke", id="key_31aa"),
        act(4186, 44, "uid 1000", "model.remove", "not_allowed", model="qwen3-8b"),
        act(4185, 61, "uid 0", "budget.set", project="nlp-thesis", credits="500"),
        act(
            4184,
            75,
            "uid 0",
            "license.accept",
            model="llama-3.1-8b",
            who="Dr. Wu",
            authority="head of the lab",
        ),
    ),
    more=True,
)

_REFUSED = RequestShown(
    id=REFUSED,
    use=None,
    refusal=RequestRefusal(
        status=429,
        code="insufficient_quota",
        message="Your seat has used its 50,000 tokens for this lesson. Ask your teacher for more.",
        path="/v1/chat/completions",
        at_ms=NOW_MS,
        project="nlp-3",
        person="seat-19",
        key="key_77de",
    ),
    log=tuple(one for one in LINES if REFUSED in one),
)

_USED = RequestShown(
    id=RUNNING,
    use=RequestUse(
        model="olmo-2-7b",
        project="nlp-thesis",
        person="a.khan",
        key="key_0f3b",
        op="chat",
        outcome="ok",
        prompt_tokens=412,
        cached_tokens=256,
        completion_tokens=180,
        started_ms=NOW_MS - 2 * MINUTE,
        ended_ms=NOW_MS - 2 * MINUTE + 4100,
        wall_ms=4100,
        gpu_ms=3900,
        spent_credits="0.004",
    ),
    refusal=None,
    log=(),
)

ANSWERS: list[tuple[str, Mapping[str, object], Answer]] = [
    ("log.read", {}, _log),
    ("incident.list", {}, IncidentList(incidents=INCIDENTS)),
    ("incident.show", {}, _DETAIL),
    ("sample.list", {}, SAMPLES),
    ("sample.show", {}, SAMPLES.samples[0]),
    ("report.list", {}, REPORTS),
    ("report.show", {}, REPORTS.reports[0]),
    ("audit.list", {}, AUDIT),
    ("request.show", {"id": REFUSED}, _REFUSED),
    ("request.show", {"id": RUNNING}, _USED),
]

DIALOGS = [
    ("wrapped", ("w",)),
    ("request", ("g",)),
    ("line", ("up", "up", "up", "up", "up", "up", "enter")),
    ("save", ("up", "space", "space", "e")),
    ("incidents", ("tab",)),
    ("incident", ("tab", "enter")),
    ("decide", ("tab", "a")),
    ("samples", ("tab", "tab", "v")),
    ("reports", ("tab", "tab", "tab")),
    ("audit", ("shift+tab",)),
    ("act", ("shift+tab", "down", "down", "down", "down", "enter")),
]
