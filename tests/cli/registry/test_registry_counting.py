"""`carrel registry usage`, budgets, notices, checks, marks, audit: and how they are shown."""

import msgspec
import pytest

from appliance.federation.protocol import kinds
from appliance.federation.protocol.enroll_code import read_code
from appliance.federation.protocol.messages import (
    Enroll,
)
from tests.cli.registry.boxes_acts import SOON, UNTIL, synced
from tests.registry.desks import BoxForTests
from tests.registry.hosted import hosted, with_box

SHOWN = (
    ("boxes",), ("usage",), ("checks",), ("marks",), ("audit",), ("agreement", "list"),
    ("application", "list"), ("lease", "list"), ("lease", "policy"), ("budget", "show"), ("publish",),
    ("code", "--institution", "x"), ("lease", "issue", "lab box", "m"),
    ("lease", "policy", "m", "--days", "3"), ("box", "suspend", "lab box", "--reason", "x"),
    ("notice", "all", "x"), ("agreement", "add", "x", "--until", UNTIL), ("box", "resume", "lab box"),
    ("lease", "suspend", "lab box", "m", "--reason", "x"), ("lease", "list"), ("boxes",),
    ("budget", "set", "lab box", "--credits", "1", "--until", SOON), ("budget", "show"),
)  # fmt: skip


def test_use_is_summed_and_written_for_spreadsheets(registry, carrel, at, box):
    with_box(at, box, lambda one: one.report(one.record(users=0), one.record(model="other", users=25)))
    lines = {one["name"]: one for one in registry("usage", "--by", "model")["lines"]}
    assert lines["demo"]["most_users"] is None
    assert (lines["other"]["most_users"], lines["other"]["requests"]) == (25, 10)
    (whole,) = registry("usage")["lines"]
    assert (whole["name"], whole["requests"]) == ("North College", 20)
    assert [one["name"] for one in registry("usage", "--by", "box")["lines"]] == [box.id]
    assert registry("usage", "--since", "2020-01-01", "--until", "2020-02-01")["lines"] == []
    rows = carrel("registry", "usage", "--by", "model", "--csv").out.splitlines()
    assert rows[0].startswith("model,requests,")
    assert len(rows) == 3
    assert carrel("registry", "usage", "--since", "yesterday").code == 2


def test_budgets_notices_and_checks_wait_for_the_next_sync(registry, carrel, at, box):
    (budget,) = registry("budget", "set", "lab box", "--credits", "1.5", "--until", SOON)["budgets"]
    assert (budget["limit_micro"], budget["reported_micro"]) == (1_500_000, 0)
    assert registry("budget", "show", "lab box") == registry("budget", "show")
    assert carrel("registry", "budget", "set", "lab box", "--credits", "none", "--until", UNTIL).code == 2
    assert registry("notice", "all", "Closed on Monday.")["boxes"][0]["box"] == box.id
    assert carrel("registry", "notice", "lab box", "bell \x07").code == 2
    assert carrel("registry", "check", "lab box").code == 3
    with_box(at, box, lambda one: one.report(leaves=9, merkle_root="a" * 64))
    (check,) = registry("check", "lab box", "--leaves", "4", "--reason", "Each year.")["checks"]
    assert (len(check["leaves"]), check["state"], check["reason"]) == (4, "waiting", "Each year.")
    assert registry("checks")["checks"] == [check]
    assert {kinds.BUDGET, kinds.NOTICE, kinds.CHECK} <= synced(at, box)


@pytest.mark.slow
def test_marks_wait_for_somebody_who_looks(registry, at, box):
    with_box(at, box, lambda one: one.report())
    with_box(at, box, lambda one: setattr(one, "epoch", 2) or one.report(seq=1))
    (mark,) = registry("marks")["marks"]
    assert (mark["box"], mark["settled_ms"]) == (box.id, None)
    assert registry("boxes")["boxes"][0]["marks"] == 1
    registry("mark", "settle", mark["id"], "--words", "A restored backup.")
    assert registry("marks")["marks"] == []
    assert registry("marks", "--all")["marks"][0]["settled_by"]
    assert registry("audit", "--most", "1")["acts"][0]["words"] == "A restored backup."


def test_every_act_is_a_row_of_the_audit(registry, at, box):
    registry("agreement", "add", "North College", "--until", UNTIL)
    registry("notice", "all", "Hello.")
    registry("time", "lab box")
    acts = [one["act"] for one in registry("audit")["acts"]]
    assert acts == ["registry.time", "registry.notice", "registry.agreement.add", "registry.code"]


def test_every_command_is_shown_to_a_person(carrel, box):
    for words in SHOWN:
        done = carrel("registry", *words)
        assert done.code == 0, done.err
        assert done.out.strip()


@pytest.mark.slow
def test_words_of_boxes_are_shown_as_words(carrel, registry, at):
    code = read_code(registry("code", "--institution", "[red]North[/red]")["text"]).code

    def enroll(box):
        message = msgspec.structs.replace(box.enroll_message(code), name="\x1b[2J[bold]evil")
        assert isinstance(message, Enroll)
        return box.registry.send(box.key, box.key.sign(kinds.ENROLL, message))

    with hosted(at) as here:
        enroll(BoxForTests(here))
    shown = carrel("registry", "boxes").out
    assert "[bold]evil" in shown
    assert "[red]North" in shown
    assert "\x1b[2J" not in shown
