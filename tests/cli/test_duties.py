"""What projects owe, as a person reads it, and the checklist as a file that can be filled in."""

import msgspec

from appliance.domain import results
from appliance.policy.duties.answers import form, read_answers
from appliance.services.duties import showing
from tests.admin.fake_box import sample

DAY = 86_400_000


def standing(**changes):
    nothing = results.ProjectDuties(
        project="nlp", kind="research", tags=(), level="D0", because="", inference_gflop=0, training_gflop=0,
        requested_gflop=0, model_gflop=0, year_ms=0, duties=(),
    )  # fmt: skip
    return msgspec.structs.replace(nothing, **changes)


def duty(**changes):
    owed = results.DutyStanding(
        duty="review", level="D2", state="owed", since_ms=DAY, due_ms=15 * DAY, until_ms=None,
        waits_for="lead", next_step="`carrel duty submit`",
    )  # fmt: skip
    return msgspec.structs.replace(owed, **changes)


def test_a_project_that_owes_nothing_has_a_line(carrel, box):
    box.handlers.answers["duty.list"] = results.DutyList(projects=(standing(),))
    assert carrel("duty", "list").out.splitlines()[1].split() == ["nlp", "D0", "owes", "nothing"]
    box.handlers.answers["duty.list"] = results.DutyList(projects=())
    assert carrel("duty", "list", "--open").out.strip() == "Nothing is owed."


def test_each_duty_says_since_when_until_when_and_whom_it_waits_for(carrel, box):
    duties = (
        duty(),
        duty(duty="conduct", state="fulfilled", since_ms=None, due_ms=None, until_ms=400 * DAY, waits_for=""),
        duty(duty="external-audit", since_ms=None, due_ms=None),
    )
    box.handlers.answers["duty.list"] = results.DutyList(projects=(standing(level="D2", duties=duties),))
    _, review, conduct, audit = carrel("duty", "list").out.splitlines()
    assert "1970-01-02 00:00  1970-01-16 00:00" in review
    assert "lead" in review
    assert "again 1971-02-05" in conduct
    assert "before more is given" in audit


def test_one_project_is_shown_with_what_it_used_and_who_signed_off(carrel, box):
    record = msgspec.structs.replace(
        sample(results.DutyRecordSummary), accepted_by="uid 0", self_approved=True, reason=""
    )
    box.handlers.answers["duty.show"] = results.DutyDetail(
        standing=standing(level="D2", because="has used 2e21 FLOP", inference_gflop=21 * 10**11),
        records=(record,),
        trainings=(),
    )
    told = carrel("duty", "show", "--project", "nlp").out
    assert "D2: it has used 2e21 FLOP" in told
    assert "2.1e21 FLOP since 1970-01-01" in told
    assert "uid 0 (self-approved)" in told


def test_the_table_says_where_a_kind_never_owes(carrel, box):
    box.handlers.answers["duty.table"] = showing.table()
    (line,) = [one for one in carrel("duty", "table").out.splitlines() if one.startswith("publication")]
    assert line.split()[:4] == ["publication-policy", "D3", "never", "D2"]


def test_the_checklist_is_printed_as_the_form_that_is_read_back(carrel, box):
    box.handlers.answers["duty.checklist"] = showing.checklist()
    printed = carrel("duty", "checklist").out
    assert printed.strip() == form().strip()
    assert len(read_answers(printed.replace(":\n", ": We looked into it.\n"))) == 16


def test_answers_are_read_from_a_file(carrel, box, tmp_path):
    filled = tmp_path / "answers.txt"
    filled.write_text("govern-1: Ada may.\n", encoding="utf-8")
    carrel("duty", "submit", "--project", "nlp", "--duty", "extended-review", "--answers", str(filled))
    (_, given) = box.handlers.calls[-1]
    assert given["answers"] == "govern-1: Ada may.\n"
