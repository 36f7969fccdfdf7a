"""What the inbox says of each kind of thing that waits, and which command it leads to."""

import unicodedata

import pytest

from appliance.domain.access import Application
from appliance.domain.action import Kind as ArgumentKind
from appliance.domain.actions import action
from appliance.domain.adjustment import BudgetRequest
from appliance.domain.allocation import Scope
from appliance.domain.arguments import check_arguments
from appliance.domain.days import DAY_MS
from appliance.domain.duties import DutyRecord, Level, Owed, OwedDuty
from appliance.domain.federation import KeptNotice, OutboxRow
from appliance.domain.inbox import REVIEWED, Kind, Urgency
from appliance.domain.license import Lease
from appliance.domain.model import ModelState
from appliance.domain.oversight import Incident
from appliance.domain.oversight import Level as Step
from appliance.domain.peers import Peer
from appliance.domain.reporting import SpotRequest
from appliance.domain.reports import Drawn, Report, ReportedModel
from appliance.domain.results import DownloadStatus
from appliance.domain.samples import Sample
from appliance.services.inbox import asking, box, federation, looking, models
from appliance.services.models.troubled import TroubledModel
from tests.services.conftest import NOON_MS

NOW = NOON_MS
FILLED = {
    ArgumentKind.TEXT: "one",
    ArgumentKind.FILE: "one",
    ArgumentKind.DECIMAL: "1",
    ArgumentKind.INTEGER: 1,
}


def application(text="study"):
    return Application(
        id="app_1", project_id="nlp", person_id="ada", model="olmo", tier="", affiliation="x",
        intended_use=text, publications="none", agreement_sha256="ab" * 32, applied_ms=NOW,
    )  # fmt: skip


def budget_request(text="more", scope=Scope.PERSON):
    return BudgetRequest("bud_1", "nlp", "ada", scope, 2_500_000, text, NOW)


def incident(level=Step.WARN, **more):
    given = {"person_id": "ada", "project_id": "nlp", "key_id": "key_1", "level": level, "score": 100}
    times = {"first_ms": NOW, "last_ms": NOW, "raised_ms": NOW}
    return Incident(id="inc_1", wire="burst", holder="ada", count=9, trips=1, **given, **times, **more)


def sample(text="teaching"):
    return Sample(
        id="smp_1", request_id="req_1", tier="open", kind="chat", purpose=text, consents=False, taken_ms=NOW,
        holder="ada", person_id="ada", key_id="key_1", project_id="nlp", model_id="olmo", outcome="completed",
        prompt_tokens=1, completion_tokens=1, started_ms=NOW, ended_ms=NOW,
    )  # fmt: skip


def report(text="leaks", severity="high"):
    model = ReportedModel("olmo", 1, "ab" * 32)
    return Report("rep_1", "ada", "ada", "nlp", model, "cd" * 32, Drawn(1), severity, "bias", text, 1, NOW)


def download(text="no space", state="failed"):
    return DownloadStatus(
        id="dl-1", model="olmo", revision=1, state=state, total_bytes=9, verified_bytes=3, fetched_bytes=3,
        percent=33, source="", created_ms=NOW, updated_ms=NOW, reason=text,
    )  # fmt: skip


def model(state=ModelState.FAILED, text="it died", lacks=None, damaged=None):
    return TroubledModel("olmo", state, text, lacks, damaged)


def peer(text="research", state="asked"):
    return Peer("thr_1", "box", text, "key", "org.olmo", "olmo", text, "", 0, 0, NOW, state)


def record(duty="review"):
    return DutyRecord("dut_1", "nlp", duty, "ada", "ada", NOW)


def owed(state="owed", due_ms=NOW + DAY_MS, text="do it"):
    return Owed(Level.D1, "used", (OwedDuty("review", Level.D1, state, NOW, due_ms, None, "lead", text),))


def every_row(text="said"):
    """One row at least of each kind, with ``text`` wherever others write."""
    outbox = OutboxRow(1, "msg_1", "usage+jws", "t", text, NOW, "refused", 1, text, NOW)
    return [
        *asking.applications([application(text)]),
        *asking.budget_requests([budget_request(text), budget_request(text, Scope.PROJECT)]),
        *looking.incidents([incident(step) for step in Step]),
        *looking.incidents([incident(state="appealed", appeal=text, appealed_ms=NOW)]),
        *looking.samples([sample(text)]),
        *looking.reports([report(text)]),
        *models.downloads([download(text)]),
        *models.models([model(text=text), model(ModelState.RESTARTING, text)]),
        *models.models([model(lacks=one) for one in ("acceptance", "grant", "lease", "access")]),
        *models.models([model(ModelState.AVAILABLE, damaged=text)]),
        *models.leases([Lease("olmo", "valid", NOW + DAY_MS)], NOW),
        *federation.notices([KeptNotice("not_1", text, NOW, NOW)], NOW),
        *federation.checks([SpotRequest("chk_1", 1, 7, (1, 2), text, NOW)]),
        *federation.share_requests([peer(text)]),
        *federation.refused_messages([outbox]),
        *box.duties("nlp", owed(text=text), (), NOW),
        *box.duties("nlp", owed("submitted"), (record(),), NOW),
        *box.alarms([text]),
        *box.storage(text, [("data", 1)], 2**20),
    ]


def test_there_is_a_row_of_every_kind():
    assert {one.kind for one in every_row()} == set(Kind)


@pytest.mark.parametrize("one", every_row(), ids=lambda one: f"{one.kind}-{one.action}")
def test_a_row_names_an_action_and_arguments_that_fit_it(one):
    found = action(one.action)
    given = {argument.name: argument.value for argument in one.arguments}
    missing = {
        argument.name: argument.choices[0] if argument.choices else FILLED[argument.kind]
        for argument in found.arguments
        if argument.required and argument.name not in given
    }
    checked = check_arguments(found, {**missing, **given})
    assert given.items() <= checked.items()


@pytest.mark.parametrize("one", every_row(), ids=lambda one: f"{one.kind}-{one.action}")
def test_a_row_is_one_sentence_of_an_urgency_with_an_id(one):
    assert one.text
    assert one.id
    assert one.urgency in set(Urgency)


def test_what_others_wrote_is_one_bounded_line_of_plain_text():
    for one in every_row("a\x1b[31m\n\u202eb" + "x" * 100_000):
        assert len(one.text) <= 300
        assert not [char for char in one.text if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"}]


def test_whose_it_is_is_told_of_what_reviewers_decide_alone():
    assert {one.kind for one in every_row() if one.person} <= REVIEWED


def test_an_incident_that_a_declaration_explains_waits_for_nobody():
    assert not list(looking.incidents([incident(explained_by="bulk")]))


def test_an_incident_that_was_decided_waits_for_nobody():
    assert not list(looking.incidents([incident(state="reviewed", verdict="clear")]))


def test_a_hold_is_urgent_and_a_note_is_not():
    told = {
        one.text.split(": ")[1]: one.urgency for one in looking.incidents([incident(one) for one in Step])
    }
    assert list(told.values()) == ["note", "soon", "soon", "now"]


def test_a_critical_flaw_is_urgent():
    assert [one.urgency for one in looking.reports([report(severity="critical"), report()])] == [
        "now",
        "soon",
    ]


@pytest.mark.parametrize("state", ["waiting", "running", "checking", "paused"])
def test_a_download_that_did_not_fail_waits_for_nobody(state):
    assert not list(models.downloads([download(state=state)]))


def test_a_model_without_its_license_leads_to_what_is_missing_and_is_told_once():
    (row,) = models.models([model(lacks="lease", damaged="a file is torn")])
    assert (row.kind, row.action, row.urgency) == ("license_missing", "fed.lease", "now")


def test_a_lease_is_told_of_two_weeks_before_it_runs_out():
    def told(days, state="valid"):
        rows = models.leases([Lease("olmo", state, NOW + days * DAY_MS)], NOW)
        return [one.urgency for one in rows]

    assert (told(20), told(10), told(3), told(3, "suspended")) == ([], ["note"], ["soon"], [])


def test_old_news_of_the_registry_are_no_news():
    assert not list(federation.notices([KeptNotice("n", "text", NOW, NOW - 15 * DAY_MS)], NOW))


def test_what_was_decided_for_the_registry_and_for_peers_waits_no_more():
    assert not list(federation.checks([SpotRequest("chk", 1, 7, (1,), "why", NOW, "shown")]))
    assert not list(federation.share_requests([peer(state="granted")]))


def test_a_duty_that_was_handed_in_is_signed_off_by_its_record():
    (row,) = box.duties("nlp", owed("submitted"), (record(),), NOW)
    assert (row.action, [(one.name, one.value) for one in row.arguments]) == (
        "duty.accept",
        [("id", "dut_1")],
    )


def test_a_duty_is_the_more_urgent_the_nearer_its_day():
    def told(state, days):
        (row,) = box.duties("nlp", owed(state, NOW + days * DAY_MS), (), NOW)
        return row.urgency

    assert (told("owed", 12), told("owed", 3), told("overdue", -1)) == ("note", "soon", "now")


def test_a_disk_with_room_waits_for_nobody_and_a_full_one_is_urgent():
    rows = list(box.storage(None, [("data", 100), ("models", 24), ("log", 60)], 80))
    assert [(one.id, one.urgency) for one in rows] == [("models", "soon"), ("log", "soon")]
    assert [one.urgency for one in box.storage(None, [("data", 19)], 80)] == ["now"]
