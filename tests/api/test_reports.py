"""``/v1/reports``: what a reporter sends, and that they see their own reports only."""

from tests.api.fakes import OTHER_KEY

REPORT = {
    "model": "tiny",
    "prompt": "The nurse said that",
    "seed": 7,
    "severity": "high",
    "category": "bias",
    "description": "It does.",
}


async def test_a_report_is_taken_with_what_the_request_was_made_of(served):
    body = {**REPORT, "temperature": 0.7, "top_p": 0.9, "max_tokens": 5, "seen": 48, "share_text": True}
    answer = await served.http.post("/v1/reports", json=body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["object"], shown["status"], shown["model_sha256"]) == ("carrel.report", "open", "ab" * 32)
    assert answer.headers["cache-control"] == "no-store"
    assert "prompt" not in shown
    ((caller, case),) = served.reports.cases
    assert (caller.holder, case.model, case.prompt, case.share, case.seen) == (
        "ada",
        "tiny",
        "The nurse said that",
        True,
        48,
    )
    assert (case.drawn.seed, case.drawn.temperature, case.drawn.top_p, case.drawn.max_tokens) == (
        7,
        0.7,
        0.9,
        5,
    )


OUT_OF_BOUNDS = [
    ({"severity": "huge"}, "severity"),
    ({"category": "ugly"}, "category"),
    ({"description": ""}, "description"),
    ({"description": "x" * 4001}, "description"),
    ({"prompt": "x" * 50_000}, "prompt"),
    ({"prompt_sha256": "ab"}, "prompt_sha256"),
    ({"seed": -1}, "seed"),
    ({"seed": 2**63}, "seed"),
    ({"seen": 0}, "seen"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"temperature": 3}, "temperature"),
    ({"prompt_text": "x"}, None),
]


async def test_what_is_out_of_bounds_is_refused_by_its_name(served, error_of):
    for changes, param in OUT_OF_BOUNDS:
        answer = await served.http.post("/v1/reports", json=REPORT | changes)
        assert answer.status_code == 400, changes
        error = error_of(answer)
        assert param is None or error["param"] == param, changes
    assert served.reports.cases == []


async def test_a_report_without_a_seed_cannot_be_seen_again(served, error_of):
    without = {name: value for name, value in REPORT.items() if name != "seed"}
    assert error_of(await served.http.post("/v1/reports", json=without))["code"] == "invalid_request"


async def test_own_reports_are_listed_and_another_s_is_one_that_is_not_there(served, error_of):
    listed = (await served.http.get("/v1/reports")).json()
    assert [(one["id"], one["owner"], one["owner_verdict"]) for one in listed["data"]] == [
        ("rep_ada", "answered", "accepted")
    ]
    assert (await served.http.get("/v1/reports/rep_ada")).status_code == 200
    other = {"authorization": f"Bearer {OTHER_KEY}"}
    for refused in (
        await served.http.get("/v1/reports/rep_ada", headers=other),
        await served.http.get("/v1/reports/rep_none", headers=other),
    ):
        assert refused.status_code == 404
        assert error_of(refused)["message"] == "There is no such report."
