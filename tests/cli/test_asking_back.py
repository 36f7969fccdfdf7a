"""A person is asked back where something would be lost, and told how much; a program never is."""

import pytest

from appliance.cli.asking_back import ask_back
from appliance.domain.action import Blast
from appliance.domain.actions import ACTIONS
from appliance.domain.results import QueueStatus
from tests.admin.fake_box import status

BUSY = status(queue=QueueStatus(waiting=3, running=7, limit=256))


@pytest.fixture
def asked(carrel, monkeypatch):
    """Answers with ``no`` to whatever is asked at the terminal."""
    carrel.more["asks"] = True
    import io
    import sys

    def answer(text: str):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))
        return carrel

    return answer


def test_a_destroying_action_is_not_done_after_a_no(asked, box):
    done = asked("n")("key", "revoke", "k1")
    assert done.code == 130
    assert "cannot be undone" in done.err
    assert box.handlers.calls == []


def test_it_is_done_after_a_yes(asked, box):
    assert asked("y")("key", "revoke", "k1").code == 0
    assert box.handlers.calls == [("key.revoke", {"id": "k1", "project": None, "person": None})]


def test_yes_answers_for_the_person(asked, box):
    assert asked("n")("key", "revoke", "k1", "--yes").code == 0


def test_a_program_is_not_asked(carrel, box):
    assert carrel("key", "revoke", "k1").code == 0


def test_an_interrupting_action_counts_what_it_would_end(asked, box):
    box.handlers.answers["status"] = BUSY
    done = asked("n")("model", "stop", "m")
    assert done.code == 130
    assert "7 requests run and 3 wait" in done.err


def test_an_interrupting_action_on_an_idle_box_asks_nothing(asked, box):
    assert asked("n")("model", "stop", "m").code == 0


@pytest.mark.parametrize("action", [one for one in ACTIONS if one.blast in {Blast.NONE, Blast.REVERSIBLE}])
def test_nothing_else_asks(carrel, action):
    ask_back(carrel.desk(), action)
