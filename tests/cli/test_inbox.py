"""`carrel inbox` and `carrel request show` as a person sees them."""

import json

from appliance.client.presenting.inbox import next_command
from appliance.domain.results import Inbox, InboxArgument, InboxRow, RequestRefusal, RequestShown, RequestUse

NOON_MS = 1_790_000_000_000
ROW = InboxRow(
    kind="budget_request", id="bud_1", text="ada asks for more", since_ms=NOON_MS, urgency="soon",
    action="budget.decide", arguments=(InboxArgument(name="id", value="bud_1"),),
)  # fmt: skip


def test_a_line_ends_with_the_command_that_decides_it(carrel, box):
    box.handlers.answers["inbox"] = Inbox(rows=(ROW,), left_out=3)
    told = carrel("inbox").out.splitlines()
    assert " ".join(told[1].split()) == (
        "soon 2026-09-21 14:13 budget request ada asks for more carrel budget decide bud_1"
    )
    assert told[2] == "3 more wait."


def test_nothing_that_waits_is_a_sentence(carrel, box):
    box.handlers.answers["inbox"] = Inbox(rows=(), left_out=0)
    assert carrel("inbox").out == "Nothing waits for you.\n"


def test_an_action_of_a_newer_gateway_is_named_as_it_is():
    newer = InboxRow(kind="x", id="1", text="t", since_ms=None, urgency="now", action="later.verb")
    assert next_command(newer) == "later.verb"


def test_a_request_shows_its_refusal_its_use_and_its_log(carrel, box):
    box.handlers.answers["request.show"] = RequestShown(
        id="req_1",
        use=RequestUse(
            model="olmo", project="nlp", person="ada", key="key_1", op="chat", outcome="held",
            prompt_tokens=5, cached_tokens=0, completion_tokens=2,
            started_ms=NOON_MS, ended_ms=None, wall_ms=0, gpu_ms=0,
            spent_credits="0",
        ),
        refusal=RequestRefusal(
            status=429, code="rate_limit_exceeded", message="Wait.", path="", at_ms=NOON_MS, project="nlp",
            person="", key="",
        ),
        log=(json.dumps({"ts": "t", "level": "info", "event": "x"}), "torn"),
    )  # fmt: skip
    told = carrel("request", "show", "req_1").out
    for words in ("429 rate_limit_exceeded", "a page", "still runs", "t info x", "torn"):
        assert words in told
