"""A month of a lab's use, and a registry that it reports to."""

import hashlib
import json
from collections.abc import Mapping

from appliance.domain.results import (
    FedChecks,
    FedNotices,
    FedPreview,
    FedStatus,
    LeaseList,
    ShareList,
    UsageLine,
    UsageReport,
)
from appliance.domain.results.federation import FedCount, FedLine, FedNotice, FedRefused
from appliance.domain.results.licenses import LeaseRequestSummary, LeaseSummary
from appliance.domain.results.peers import BorrowedLine, BorrowedList, PeerLine, PeerList
from appliance.domain.results.sharing import ShareLine
from appliance.domain.results.usage_reports import FedCheck, FedPreviewed
from tests.tui.fake_box import NOW_MS

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
BOX = "zR3k8Zb1Qm0y7x5nY2oJt4hVwqLs9uEcD6aGfPiKxWM"


def line(group: str, requests: int, tokens: int, gflop: int) -> UsageLine:
    return UsageLine(
        group=group,
        requests=requests,
        prompt_tokens=tokens * 3 // 4,
        cached_tokens=tokens // 4,
        completion_tokens=tokens // 4,
        gpu_ms=gflop // 400,
        wall_ms=requests * 3_400,
        gflop=gflop,
    )


LINES = {
    "model": (
        line("qwen3-8b", 18_240, 21_400_000, 352_000_000),
        line("llama-3.1-8b-instruct", 9_120, 10_100_000, 166_000_000),
        line("bge-small-en-v1.5", 44_000, 6_100_000, 400_000),
        line("campus-chat", 310, 402_000, 6_100_000),
    ),
    "project": (
        line("nlp-3", 21_000, 22_400_000, 371_000_000),
        line("thesis-khan", 8_300, 9_900_000, 149_000_000),
        line("default", 370, 702_000, 4_500_000),
    ),
    "person": (
        line("a.khan", 8_300, 9_900_000, 149_000_000),
        line("m.wu", 2_100, 1_200_000, 21_000_000),
        line("seat-17", 890, 402_000, 6_100_000),
    ),
    "key": (line("key_7f2a", 9_300, 10_900_000, 171_000_000),),
    "day": tuple(
        line(f"2026-11-{day:02d}", 200 + day * 37 % 900, 300_000 + day * 977_000 % 2_900_000, day * 1_900_000)
        for day in range(1, 23)
    ),
    "hour": tuple(
        line(f"2026-11-21 {hour:02d}:00", hour * 11 % 90, hour * 97_000 % 290_000, hour * 190_000)
        for hour in range(24)
    ),
}


def usage(arguments: Mapping[str, object]) -> UsageReport:
    by, days = str(arguments.get("by", "model")), int(str(arguments.get("days", 30)))
    return UsageReport(by=by, since_ms=NOW_MS - days * DAY_MS, lines=LINES[by])


PAYLOAD = json.dumps(
    {
        "audit_head": hashlib.sha256(b"audit").hexdigest(),
        "audit_rows": 1_204,
        "box": BOX,
        "catalog": ["org.example.registry", 41],
        "epoch": 1,
        "first_day": "2026-11-21",
        "iat": NOW_MS // 1000,
        "jti": "ub_20261121_1",
        "last_day": "2026-11-21",
        "prev": hashlib.sha256(b"prev").hexdigest(),
        "records": [
            {
                "backend": "llama_cpp",
                "credits_micro": 12_400_000,
                "day": "2026-11-21",
                "file_sha256": "ab" * 32,
                "flop_method": "2n",
                "gflop": 12_400_000,
                "group": group,
                "id": hashlib.sha256(group.encode()).hexdigest(),
                "input_tokens": 801_220,
                "model": "qwen3-8b",
                "op": "chat",
                "output_tokens": 264_110,
                "purpose": "course",
                "requests": 911,
                "users": users,
            }
            for group, users in (("g-7k2q9x", 28), ("other", 0))
        ],
        "seq": 41,
        "software": "carrel 0.10.0",
        "v": 1,
    },
    separators=(",", ":"),
    sort_keys=True,
)


def message(id: str, kind: str, summary: str, payload: str, *, waits: bool = True) -> FedPreviewed:
    return FedPreviewed(
        id=id,
        kind=kind,
        summary=summary,
        size_bytes=len(payload) * 4 // 3 + 128,
        sha256=hashlib.sha256(payload.encode()).hexdigest(),
        payload=payload,
        waits=waits,
    )


MESSAGES = (
    message("ub_20261121_1", "usage-batch+jws", "use on 2026-11-21", PAYLOAD),
    message(
        "lr_88",
        "lease-request+jws",
        "asks for llama-3.3-70b-instruct",
        '{"box":"' + BOX + '","jti":"lr_88","models":["llama-3.3-70b-instruct"],"v":1}',
    ),
)
TODAY = message("today", "usage-batch+jws", "today so far", PAYLOAD.replace("-21", "-22"), waits=False)


def preview(arguments: Mapping[str, object]) -> FedPreview:
    return FedPreview(messages=(*MESSAGES, TODAY) if arguments.get("today") else MESSAGES, left_out=0)


STATUS = FedStatus(
    enrolled=True,
    registry="registry.example.org",
    address="https://registry.example.org",
    institution="Example University",
    organization="org/example-lab",
    box=BOX,
    key="4Yb1Qm0y7x5nY2oJ",
    reporting=True,
    last_ms=NOW_MS - 12 * MINUTE_MS,
    good_ms=NOW_MS - 12 * MINUTE_MS,
    next_ms=NOW_MS + 5 * HOUR_MS,
    outcome="3 messages went, a lease came",
    outbox=(
        FedCount(kind="usage-batch+jws", state="waiting", count=1, oldest_ms=NOW_MS - 7 * HOUR_MS),
        FedCount(kind="lease-request+jws", state="waiting", count=1, oldest_ms=NOW_MS - 11 * MINUTE_MS),
        FedCount(kind="letter+jws", state="refused", count=1),
    ),
    refused=(
        FedRefused(
            id="lt_3f1c",
            kind="letter+jws",
            problem="unknown-recipient",
            summary="a flaw of llama-3.1-8b-instruct, to org/meta",
            made_ms=NOW_MS - 26 * HOUR_MS,
        ),
    ),
    lines=(
        FedLine(name="last report", text="1/40"),
        FedLine(name="acknowledged up to", text="1/40"),
        FedLine(name="checks", text="1 wait for you: carrel fed checks"),
    ),
    notices=2,
)
LEASES = LeaseList(
    box=BOX,
    registries=("registry.example.org",),
    leases=(
        LeaseSummary(
            id="ls_41",
            model="llama-3.1-8b-instruct",
            registry="rk_1",
            from_ms=NOW_MS - 3 * DAY_MS,
            until_ms=NOW_MS + 27 * DAY_MS + HOUR_MS,
            grace_until_ms=NOW_MS + 41 * DAY_MS,
            state="valid",
        ),
        LeaseSummary(
            id="ls_17",
            model="gemma-2-27b",
            registry="rk_1",
            from_ms=NOW_MS - 33 * DAY_MS,
            until_ms=NOW_MS - 3 * DAY_MS,
            grace_until_ms=NOW_MS + 11 * DAY_MS,
            state="grace",
            note="what is here is still served",
            purposes=("course",),
        ),
    ),
    not_believed=0,
    requests=(
        LeaseRequestSummary(
            model="llama-3.3-70b-instruct",
            wished_ms=NOW_MS - HOUR_MS,
            until_ms=NOW_MS + 98 * DAY_MS,
            project="nlp-3",
            asked_ms=0,
            denied="",
            denied_ms=0,
        ),
    ),
)
NOTICES = FedNotices(
    notices=(
        FedNotice(
            id="nt_9",
            text="On December 1 the catalog gets a new weekly key; boxes take it by themselves. Nothing is "
            "to be done, unless a box has not synced for 30 days by then.",
            signed_ms=NOW_MS - 2 * DAY_MS,
            taken_ms=NOW_MS - 2 * DAY_MS,
        ),
        FedNotice(id="nt_8", text="Welcome.", signed_ms=NOW_MS - 90 * DAY_MS, taken_ms=NOW_MS - 90 * DAY_MS),
    )
)
CHECKS = FedChecks(
    checks=(
        FedCheck(
            id="ck_12",
            epoch=1,
            seq=38,
            rows=5,
            reason="drawn by lot",
            came_ms=NOW_MS - 9 * HOUR_MS,
            state="open",
            why="",
            decided_ms=None,
        ),
        FedCheck(
            id="ck_11",
            epoch=1,
            seq=21,
            rows=3,
            reason="drawn by lot",
            came_ms=NOW_MS - 19 * DAY_MS,
            state="shown",
            why="",
            decided_ms=NOW_MS - 18 * DAY_MS,
        ),
    )
)
SHARED = ShareList(
    organization="org/example-lab",
    version=4,
    sent_ms=NOW_MS - 8 * DAY_MS,
    expires_ms=NOW_MS + 70 * DAY_MS,
    serves=True,
    refused="",
    models=(
        ShareLine(
            model="example-lab/parser-1b",
            revision=2,
            kind="weights",
            tier="open",
            lease=False,
            state="listed",
            reviewed_on="2026-09-30",
        ),
        ShareLine(
            model="example-lab/speech-7b",
            revision=1,
            kind="access",
            tier="registered",
            lease=True,
            state="sent",
            reviewed_on="2026-11-11",
        ),
    ),
)


def peer(id: str, state: str, **more: object) -> PeerLine:
    given: dict[str, object] = {
        "box": BOX,
        "institution": "Other University",
        "model": "example-lab/speech-7b",
        "hosted": "speech-7b",
        "purpose": "transcribing interviews of a study of dialects",
        "contact": "j.doe@other.example",
        "wanted_per_day": 400,
        "wanted_days": 60,
        "asked_ms": NOW_MS - 5 * HOUR_MS,
        "project": "",
        "key": "",
        "limit_micro": None,
        "spent_micro": 0,
        "left_micro": None,
        "requests_per_day": 0,
        "until_ms": None,
        "conditions": "",
        "reason": "",
        "decided_by": "",
        "decided_ms": None,
    }
    return PeerLine(id=id, state=state, **{**given, **more})  # type: ignore[arg-type]


ASKING = PeerList(peers=(peer("pr_5", "asked"),))
USING = PeerList(
    peers=(
        peer(
            "pr_2",
            "granted",
            institution="Third College",
            project="peer-third",
            limit_micro=50_000_000,
            spent_micro=12_250_000,
            left_micro=37_750_000,
            until_ms=NOW_MS + 40 * DAY_MS,
            decided_by="m.wu",
        ),
    )
)
BORROWED = BorrowedList(
    borrowed=(
        BorrowedLine(
            id="br_1",
            model="org/other/ocr-34b",
            organization="org/other",
            state="granted",
            purpose="reading scans of the archive",
            asked_by="m.wu",
            asked_ms=NOW_MS - 20 * DAY_MS,
            limit_micro=100_000_000,
            requests_per_day=500,
            until_ms=NOW_MS + 5 * DAY_MS,
            conditions="Say so in publications.",
            reason="",
            lacks="Its host did not answer 4 min ago.",
            changed_ms=NOW_MS - 19 * DAY_MS,
        ),
    )
)
ANSWERS = [
    ("usage", {}, usage),
    ("fed.preview", {}, preview),
    ("fed.status", {}, STATUS),
    ("license.leases", {}, LEASES),
    ("fed.notices", {}, NOTICES),
    ("fed.checks", {}, CHECKS),
    ("share.list", {}, SHARED),
    ("share.borrowed", {}, BORROWED),
    ("share.requests", {}, ASKING),
    ("share.peers", {}, USING),
]
DIALOGS = [
    ("days", ["g"] * 4),
    ("leaves", ["tab"]),
    ("payload", ["tab", "enter"]),
    ("outbox", ["tab"] * 2),
    ("leases", ["tab"] * 3),
    ("notices", ["tab"] * 4),
    ("checks", ["tab"] * 5),
    ("check", [*["tab"] * 5, "enter"]),
    ("shared", ["tab"] * 6),
    ("borrowed", ["tab"] * 7),
    ("peers", ["tab"] * 8),
    ("peer", [*["tab"] * 8, "enter"]),
]
