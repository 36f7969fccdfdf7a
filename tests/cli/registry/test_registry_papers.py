"""`carrel registry lease`, `agreement`, `application`: who may serve what, and what is refused by name."""

import time

import pytest

from appliance.federation.protocol import kinds
from tests.cli.registry.boxes_acts import UNTIL, applies, asks_for, kinds_of, synced
from tests.registry.hosted import with_box


def test_a_lease_is_asked_for_by_agreement_revoked_and_given_by_hand(registry, at, box):
    assert kinds.DENIAL in kinds_of(with_box(at, box, asks_for("opt-175b")))
    (agreed,) = registry("agreement", "add", "North College", "--until", UNTIL, "--note", "p")["agreements"]
    assert (agreed["model"], agreed["note"]) == ("*", "p")
    assert kinds.LEASE in kinds_of(with_box(at, box, asks_for("opt-175b")))
    (lease,) = registry("lease", "list", "--box", "lab box", "--model", "opt-175b")["leases"]
    assert (lease["state"], lease["institution"]) == ("valid", "North College")
    assert registry("lease", "list", "--model", "other")["leases"] == []
    suspended = registry("lease", "suspend", lease["id"], "--reason", "Wait.")
    assert (suspended["state"], suspended["reason"]) == ("suspended", "Wait.")
    assert registry("lease", "resume", "lab box", "opt-175b")["state"] == "valid"
    assert registry("lease", "revoke", "lab box", "opt-175b", "--reason", "Ended.")["state"] == "revoked"
    assert kinds.DENIAL in kinds_of(with_box(at, box, asks_for("opt-175b")))
    issued = registry("lease", "issue", "lab box", "opt-175b", "--days", "7", "--grace-days", "1")
    assert issued["grace_until_ms"] - issued["until_ms"] == 86_400_000
    assert kinds.LEASE in synced(at, box)
    assert registry("agreement", "end", agreed["id"])["agreements"][0]["ended_ms"]
    assert len(registry("agreement", "list")["agreements"]) == 1


@pytest.mark.slow
def test_revoking_asks_back_and_what_is_not_there_is_told(carrel, at, box):
    assert carrel("registry", "lease", "revoke", "lab box", "none", "--reason", "x").code == 3
    assert carrel("registry", "lease", "revoke", "lease_0", "--reason", "x").code == 3
    assert carrel("registry", "agreement", "end", "agr_0").code == 3
    assert carrel("registry", "agreement", "add", "North", "--until", "tomorrow").code == 2
    assert carrel("registry", "mark", "settle", "fork-1-1-1").code == 3
    assert carrel("registry", "application", "show", "1:app").code == 3


@pytest.mark.slow
def test_policies_are_shown_and_changed_word_by_word(registry, carrel, at):
    assert registry("lease", "policy")["policies"] == []
    (changed,) = registry(
        "lease", "policy", "opt-175b", "--restricted", "--days", "20", "--countersign", "at-once"
    )["policies"]
    assert (changed["days"], changed["grace_days"], changed["term_days"]) == (20, 3, 0)
    assert (changed["needs_application"], changed["countersigns_at_once"]) == (True, True)
    words = ("--needs-agreement", "no", "--needs-application", "no", "--terms-sha256", "a" * 64)
    (changed,) = registry("lease", "policy", "opt-175b", *words)["policies"]
    assert (changed["days"], changed["needs_agreement"], changed["needs_application"]) == (20, False, False)
    (cleared,) = registry("lease", "policy", "opt-175b", "--terms-sha256", "none")["policies"]
    assert (changed["terms_sha256"], cleared["terms_sha256"]) == ("a" * 64, "")
    assert registry("lease", "policy")["policies"] == [cleared]
    assert carrel("registry", "lease", "policy", "--days", "5").code == 2
    assert carrel("registry", "lease", "policy", "opt-175b", "--terms-sha256", "short").code == 2


def test_applications_are_read_and_decided_once(registry, carrel, at, box):
    for name in ("app_1", "app_2"):
        with_box(at, box, applies(name))
    first, second = registry("application", "list", "--state", "waiting")["applications"]
    assert registry("application", "show", first["id"])["intended_use"] == "A study."
    yes = registry("application", "decide", first["id"], "countersign", "--until", UNTIL)
    assert (yes["state"], yes["until_ms"]) == ("countersigned", 4_102_444_800_000)
    assert carrel("registry", "application", "decide", second["id"], "deny").code == 2
    no = registry("application", "decide", second["id"], "deny", "--reason", "Too wide.")
    assert (no["state"], no["reason"]) == ("denied", "Too wide.")
    assert carrel("registry", "application", "decide", second["id"], "countersign").code == 1
    assert {kinds.COUNTERSIGNATURE, kinds.DENIAL} <= synced(at, box)


def test_without_an_end_a_countersignature_lasts_as_long_as_was_asked_for(registry, at, box):
    asked_s = int(time.time()) + 90 * 86_400
    with_box(at, box, applies("app_3", until=asked_s))
    (asked,) = registry("application", "list")["applications"]
    yes = registry("application", "decide", asked["id"], "countersign")
    assert yes["until_ms"] == asked_s * 1000
