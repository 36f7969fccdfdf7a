"""`carrel offline`, and how commands and checks tell whether the box asks anybody outside."""

import pytest

from appliance.cli.checks.gateway import network
from appliance.config import load_settings
from appliance.domain.results import OfflineState, WaitingOutside
from appliance.errors import GatewayNotRunning
from tests.admin.fake_box import status

REASON = "It was switched offline by ann; `carrel offline off` ends that."
LETTERS = WaitingOutside(what="letters", count=2, oldest_ms=1_790_000_000_000, next="They leave later.")
SILENT = OfflineState(offline=True, since_ms=1_790_000_000_000, because=(REASON,), waits=(LETTERS,))
TALKS = OfflineState(offline=False, since_ms=None, because=(), waits=())


def test_an_offline_box_says_since_when_why_and_what_waits(carrel, box):
    box.handlers.answers["offline.show"] = SILENT
    first, second, *_, columns, letters = carrel("offline", "show").out.splitlines()
    assert (first.strip(), second.strip()) == ("OFFLINE since 2026-09-21 14:13 UTC", REASON)
    assert columns.split()[:2] == ["WAITS", "COUNT"]
    assert letters.split() == ["letters", "2", "2026-09-21", "14:13", "They", "leave", "later."]


def test_an_online_box_says_one_word(carrel, box):
    box.handlers.answers["offline.off"] = TALKS
    assert carrel("offline", "off").out.split() == ["ONLINE", "Nothing", "waits", "for", "the", "network."]


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"offline": False, "network": ""}, "ONLINE"),
        ({"offline": True, "network": REASON}, f"OFFLINE: {REASON}"),
        ({"offline": False, "network": "No sync for 5 h."}, "ONLINE: No sync for 5 h."),
    ],
)
def test_status_has_the_badge(carrel, box, told, line):
    box.handlers.answers["status"] = status(**told)
    lines = dict(one.split(maxsplit=1) for one in carrel("status").out.splitlines()[:7])
    assert lines["network"].strip() == line


def test_the_doctor_explains_it(carrel):
    settings = load_settings(carrel.desk().around)

    def told(**fields):
        found = network(settings, status(**fields))
        return found.state, found.reason

    assert told(offline=False, network="") == ("ok", "ONLINE")
    assert told(offline=True, network=REASON) == ("ok", f"OFFLINE: {REASON}")
    assert told(offline=False, network="No sync.") == ("warn", "ONLINE: No sync.")
    assert network(settings, GatewayNotRunning("down")).reason == "known once the box runs"
    carrel.environ["CARREL_OFFLINE"] = "true"
    silent = load_settings(carrel.desk().around)
    assert "setting `offline`" in network(silent, GatewayNotRunning("down")).reason


def test_a_command_that_asks_a_hub_asks_the_box_first(carrel, box):
    box.handlers.answers["offline.show"] = SILENT
    done = carrel("recipe", "new", "hub:lab/tiny")
    assert (done.code, "carrel offline show" in done.err) == (7, True)


def test_a_box_that_has_run_and_does_not_now_has_to_be_started_before_a_hub_is_asked(carrel):
    database = carrel.desk().settings().places.database
    database.parent.mkdir(parents=True, exist_ok=True)
    database.touch()
    assert carrel("recipe", "new", "hub:lab/tiny").code == GatewayNotRunning.exit_code
