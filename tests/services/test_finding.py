"""`log read` and `request show`: what is found in the log, in the ledger and among refusals."""

import json

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.people import Caller
from appliance.domain.refusals import Refused
from appliance.domain.usage import Meters, RequestRow
from appliance.errors import NotFound, RateLimited
from appliance.services.finding import finding
from appliance.services.finding.finding import FindingService
from appliance.services.finding.log_files import Wanted, last_lines
from appliance.services.finding.refusals import Refusals

READER = Actor("uid 1001", Permission.READ)
REVIEWER = Actor("rev", Permission.REVIEW, person="rev")
ROW = RequestRow(
    "req_1", "key_1", "ada", "nlp", "olmo", "chat", "completed", 10, 20,
    Meters(prompt_tokens=5, completion_tokens=7, wall_ms=10, gflop=2_500_000),
)  # fmt: skip


class Rows:
    """The ledger's, by id."""

    def __init__(self, *rows):
        self.rows = {one.request_id: one for one in rows}

    async def find(self, request_id):
        return self.rows.get(request_id)


def line(event, **fields):
    return json.dumps({"ts": "t", "level": "info", "event": event, **fields})


@pytest.fixture
def log(tmp_path):
    return tmp_path / "carrel.jsonl"


@pytest.fixture
def refusals(clock):
    return Refusals(clock)


@pytest.fixture
def service(log, refusals):
    return FindingService(log, Rows(ROW), refusals)


def events(told):
    return [json.loads(one)["event"] for one in told.lines]


async def test_the_log_is_read_by_level_request_and_text_together(log, service):
    log.write_text(
        "\n".join(
            [
                line("a", level="warning", request_id="req_1", model="OLMo"),
                line("b", level="info", request_id="req_1", model="OLMo"),
                line("c", level="error", request_id="req_2", model="OLMo"),
                line("d", level="error", request_id="req_1", model="other"),
            ]
        )
    )
    found = await service.read(lines=10, level="warning", request="req_1", text="olmo")
    assert events(found) == ["a"]


@pytest.mark.parametrize("text", ["ŻÓŁW", 'say "hi"', "back\\slash", "EVENT"])
def test_a_text_is_found_whatever_json_makes_of_it_and_in_capitals_or_not(log, text):
    log.write_text(line("x", said='żółw say "hi" back\\slash') + "\n" + line("y"))
    found = last_lines(log, Wanted(text=text), 10)
    assert json.loads(found[0])["event"] == "x"
    assert len(found) == (2 if text == "EVENT" else 1)


def test_an_id_within_other_words_is_not_that_request(log):
    log.write_text(line("x", request_id="req_12") + "\n" + line("y", said="req_1"))
    assert last_lines(log, Wanted(request="req_1"), 10) == ()


def test_no_more_of_the_log_is_read_than_the_bound(log):
    log.write_text("\n".join(line(f"e{number}", fill="x" * 100) for number in range(100)))
    assert len(last_lines(log, Wanted(text="e"), 1000, most_bytes=1000)) < 10
    assert last_lines(log, Wanted(text='"e0"'), 1, most_bytes=1000) == ()


async def test_no_log_is_no_lines(service):
    assert (await service.read(lines=5, level="debug")).lines == ()


async def test_a_request_that_was_answered_is_its_row_and_its_lines(log, service):
    log.write_text(line("x", request_id="req_1") + "\n" + line("y", request_id="req_2"))
    told = await service.show(id="req_1", actor=REVIEWER)
    assert (told.use.model, told.use.person, told.use.key) == ("olmo", "ada", "key_1")
    assert (told.use.spent_credits, told.use.completion_tokens, told.refusal) == ("2.5", 7, None)
    assert [json.loads(one)["event"] for one in told.log] == ["x"]


async def test_a_request_that_was_refused_says_what_its_caller_was_told(service, refusals):
    refusals.note(Refused("req_9", RateLimited("Wait."), "/v1/models", Caller("key_2", "bob", "ml")))
    told = await service.show(id="req_9", actor=REVIEWER)
    assert (told.refusal.message, told.refusal.person, told.use) == ("Wait.", "bob", None)


async def test_who_may_only_look_is_not_told_whose_it_was(service, refusals):
    refusals.note(Refused("req_1", RateLimited("Wait."), "/v1/models", Caller("key_1", "ada", "nlp")))
    told = await service.show(id="req_1", actor=READER)
    assert (told.use.person, told.use.key, told.refusal.person, told.refusal.key) == ("", "", "", "")
    assert (told.use.project, told.refusal.project) == ("nlp", "nlp")


async def test_an_id_of_which_nothing_is_known_says_where_else_to_look(service):
    with pytest.raises(NotFound, match="carrel logs --request"):
        await service.show(id="req_none", actor=READER)


async def test_a_question_reads_no_more_than_its_part_of_a_large_log(log, service, monkeypatch):
    monkeypatch.setattr(finding, "MOST_BYTES", 500)
    log.write_text("\n".join(line(f"e{number}") for number in range(100)))
    assert 0 < len((await service.read(lines=100, level="debug")).lines) < 20
