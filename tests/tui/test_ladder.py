"""What can be lost decides how hard is asked back, and the sentence says how much."""

import pytest

from appliance.domain.action import Blast, Permission
from appliance.domain.actions import ACTIONS, action
from appliance.domain.results import QueueLine, QueueStatus, Status
from tests.tui.hostile import HOSTILE
from tui.acting.ladder import Asks, confirmed, looks_only, step_of, word_of


def status(*lines: QueueLine) -> Status:
    return Status(
        state="ready",
        version="1",
        url="",
        pid=1,
        uptime_s=1,
        models=(),
        queue=QueueStatus(
            waiting=sum(one.waiting for one in lines),
            running=sum(one.running for one in lines),
            limit=512,
            lines=lines,
        ),
        storage="ok",
        federation="",
    )


def line(model: str, running: int, waiting: int, oldest_s: int) -> QueueLine:
    return QueueLine(
        model=model,
        service_class="interactive",
        waiting=waiting,
        running=running,
        oldest_wait_s=oldest_s,
        eta_s=None,
    )


@pytest.mark.parametrize("row", ACTIONS, ids=lambda one: one.name)
def test_blast_decides_the_step(row):
    asked = {
        Blast.NONE: Asks.NOTHING,
        Blast.REVERSIBLE: Asks.NOTHING,
        Blast.INTERRUPTS: Asks.COUNTS,
        Blast.DESTROYS: Asks.TYPES,
    }
    step = step_of(row, {}, None)
    assert step.asks is asked[row.blast]
    assert bool(step.sentences) == (step.asks is not Asks.NOTHING)
    assert bool(step.word) == (step.asks is Asks.TYPES)


def test_what_runs_of_a_model_is_counted_with_the_oldest_that_waits():
    now = status(line("demo", 7, 3, 41), line("other", 2, 9, 90))
    said = " ".join(step_of(action("model.stop"), {"model": "demo"}, now).sentences)
    assert "7 requests running of demo, 3 queued, oldest 41 s" in said


def test_without_a_model_all_of_the_box_is_counted():
    now = status(line("demo", 1, 0, 0), line("other", 2, 9, 90))
    said = " ".join(step_of(action("down"), {}, now).sentences)
    assert "3 requests running on the box, 9 queued, oldest 90 s" in said


def test_nothing_in_flight_is_said_and_asked_all_the_same():
    step = step_of(action("model.stop"), {"model": "demo"}, status())
    assert step.asks is Asks.COUNTS
    assert "Nothing runs and nothing waits now." in step.sentences


def test_a_box_that_does_not_say_is_not_taken_for_idle():
    said = " ".join(step_of(action("model.stop"), {"model": "demo"}, None).sentences)
    assert "not known" in said


def test_a_rehearsal_loses_nothing():
    assert step_of(action("model.remove"), {"model": "demo", "dry_run": True}, None).asks is Asks.NOTHING


def test_what_was_rehearsed_is_said_in_place_of_the_summary():
    step = step_of(action("model.remove"), {"model": "demo"}, None, rehearsed="It frees 4 GiB.")
    assert step.sentences == ("It frees 4 GiB.", "This cannot be undone.")
    assert step.word == "demo"


def test_the_name_of_the_thing_is_typed_and_nothing_less():
    step = step_of(action("person.erase"), {"person": "a.khan"}, None)
    assert confirmed(step, "a.khan")
    assert confirmed(step, " a.khan ")
    assert not confirmed(step, "a.kha")
    assert not confirmed(step, "")


def test_an_action_without_a_thing_wants_its_verb():
    assert word_of(action("fed.leave"), {}) == "leave"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_no_keyboard_has_is_never_what_must_be_typed(name):
    word = word_of(action("key.revoke"), {"id": "key_1"}, subject=name)
    assert word.isascii()
    assert word.isprintable()
    assert 0 < len(word) <= 64


def test_a_viewer_for_looking_changes_nothing():
    for one in ACTIONS:
        if looks_only(one):
            assert one.blast is Blast.NONE
            assert one.permission is Permission.READ or one.lists
    assert not looks_only(action("sample.key"))
    assert not looks_only(action("incident.show"))
    assert looks_only(action("incident.list"))
