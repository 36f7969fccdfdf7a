import pytest

from appliance.errors import BadRequest, Conflict, NotFound
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import ApplicationMessage, LeaseRequest, WantedLease
from appliance.federation.protocol.status_list import Statuses
from appliance.registry.leasing.policies import restricted
from appliance.registry.operating.agreements import add_agreement, end_agreement, list_agreements
from appliance.registry.operating.applications import countersign, deny, list_applications
from appliance.registry.operating.boxes import resume_box, suspend_box
from appliance.registry.operating.budgets import list_budgets, set_budget
from appliance.registry.operating.leases import (
    issue_lease,
    list_leases,
    resume_lease,
    revoke_lease,
    set_policy,
    suspend_lease,
)
from appliance.registry.store.policies import Policy
from appliance.services.licenses.records import KIND as ACCEPTANCE
from appliance.services.licenses.records import AcceptanceStatement
from tests.federation.made import new_key
from tests.registry.desks import DAY_S, NOW_S

TERMS = "e" * 64
FOREVER_S = NOW_S + 1000 * DAY_S


@pytest.fixture
def agreed(desk):
    add_agreement(desk.office, "North College", "*", until_s=FOREVER_S)
    return desk


def ask(box, model="demo", acceptances=(), **wanted):
    asked = (WantedLease(model=model, files=("b" * 64,), **wanted),)
    return box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=asked, acceptances=acceptances)


def lease_of(desk, reply):
    return desk.only(reply, kinds.LEASE)


def denial_of(desk, reply):
    return desk.only(reply, kinds.DENIAL).reason


def status_of(desk, reply, lease):
    return Statuses.unpack(desk.only(reply, kinds.STATUS_LIST).lst).at(lease.status)


def accepted(model="opt-175b", text_sha256=TERMS, level="institution"):
    said = AcceptanceStatement(
        id="acc_1", model=model, text_sha256=text_sha256, level=level, person="", who="Somebody",
        authority="Dean", purpose="research", accepted_ms=1,
    )  # fmt: skip
    return new_key().sign(ACCEPTANCE, said)


def application(box, **changed):
    members = {
        "application": "app_1", "grant": "grant_1", "project": "thesis", "person": "", "model": "opt-175b",
        "affiliation": "North College", "intended_use": "Study", "publications": "", "agreement_sha256": "",
        "reviewed_by": "a reviewer", "agreed_sha256": "d" * 64,
    }  # fmt: skip
    return box.say(kinds.APPLICATION, ApplicationMessage, **(members | changed))


def test_institution_with_an_agreement_gets_a_lease_of_30_days_and_14_of_grace(agreed):
    box = agreed.box()
    lease = lease_of(agreed, ask(box))
    assert (lease.sub, lease.cnf.jkt, lease.model, lease.files) == (box.id, box.id, "demo", ("b" * 64,))
    assert (lease.nbf, lease.exp, lease.grace_s) == (NOW_S, NOW_S + 30 * DAY_S, 14 * DAY_S)
    assert not lease.term


def test_without_an_agreement_there_is_no_lease(desk):
    assert "agreement" in denial_of(desk, ask(desk.box()))


def test_agreement_of_another_institution_or_model_lets_nobody_else_in(desk):
    add_agreement(desk.office, "South College", "*", until_s=FOREVER_S)
    add_agreement(desk.office, "North College", "other", until_s=FOREVER_S)
    box = desk.box("North College")
    assert "agreement" in denial_of(desk, ask(box))
    assert lease_of(desk, ask(box, "other")).model == "other"


def test_lease_ends_with_the_agreement(desk):
    add_agreement(desk.office, "North College", "demo", until_s=NOW_S + 5 * DAY_S)
    box = desk.box()
    assert lease_of(desk, ask(box)).exp == NOW_S + 5 * DAY_S
    desk.clock.now_s += 5 * DAY_S
    assert "agreement" in denial_of(desk, ask(box))


def test_agreement_that_was_ended_gives_no_more_leases(agreed):
    box = agreed.box()
    (agreement,) = list_agreements(agreed.office)
    end_agreement(agreed.office, agreement.id)
    assert "agreement" in denial_of(agreed, ask(box))
    with pytest.raises(NotFound):
        end_agreement(agreed.office, agreement.id)


def test_course_gets_a_lease_for_its_term_and_not_longer(agreed):
    box = agreed.box()
    short = lease_of(agreed, ask(box, until=NOW_S + 100 * DAY_S))
    assert (short.exp, short.grace_s, short.term) == (NOW_S + 100 * DAY_S, 14 * DAY_S, True)
    assert lease_of(agreed, ask(box, until=NOW_S + 300 * DAY_S)).exp == NOW_S + 120 * DAY_S
    assert "over" in denial_of(agreed, ask(box, until=NOW_S - 1))


def test_restricted_model_has_no_term_and_three_days_of_grace(agreed):
    set_policy(agreed.office, restricted("opt-175b"))
    box = agreed.box()
    application(box)
    (waiting,) = list_applications(agreed.office, "waiting")
    countersign(agreed.office, waiting.id, until_s=NOW_S + 90 * DAY_S)
    assert lease_of(agreed, ask(box, "opt-175b")).grace_s == 3 * DAY_S
    assert "whole term" in denial_of(agreed, ask(box, "opt-175b", until=NOW_S + 60 * DAY_S))


def test_restricted_model_needs_a_countersigned_application(agreed):
    set_policy(agreed.office, restricted("opt-175b"))
    box, other = agreed.boxes(2)
    assert "application" in denial_of(agreed, ask(box, "opt-175b"))
    application(box)
    assert "application" in denial_of(agreed, ask(box, "opt-175b"))
    (waiting,) = list_applications(agreed.office, "waiting")
    countersign(agreed.office, waiting.id, until_s=NOW_S + 10 * DAY_S)
    assert lease_of(agreed, ask(box, "opt-175b")).exp == NOW_S + 10 * DAY_S
    assert "application" in denial_of(agreed, ask(other, "opt-175b"))
    agreed.clock.now_s += 10 * DAY_S
    assert "application" in denial_of(agreed, ask(box, "opt-175b"))


@pytest.mark.parametrize(
    "shown",
    [
        (),
        ("nonsense",),
        (accepted(text_sha256="f" * 64),),
        (accepted(model="other"),),
        (accepted(level="person"),),
    ],
    ids=["nothing", "nonsense", "another text", "another model", "a person"],
)
def test_terms_have_to_be_accepted_by_the_institution_in_their_present_form(agreed, shown):
    set_policy(agreed.office, Policy("opt-175b", terms_sha256=TERMS))
    box = agreed.box()
    assert "accepted" in denial_of(agreed, ask(box, "opt-175b", shown, terms_sha256=TERMS))
    assert "accepted" in denial_of(agreed, ask(box, "opt-175b", (accepted(),)))
    lease = lease_of(agreed, ask(box, "opt-175b", (accepted(),), terms_sha256=TERMS))
    assert lease.terms_sha256 == TERMS


def test_box_over_its_budget_gets_no_lease(agreed):
    box = agreed.box()
    day = agreed.clock.day
    set_budget(agreed.office, box.id, first_day=day, last_day=day, limit_micro=1000)
    lease = lease_of(agreed, ask(box))
    assert (lease.budget.micro, lease.budget.days) == (1000, 1)
    box.report(box.record(credits_micro=1000))
    assert "budget" in denial_of(agreed, ask(box))
    (line,) = list_budgets(agreed.office)
    assert (line.limit_micro, line.reported_micro, line.runs) == (1000, 1000, True)
    set_budget(agreed.office, box.id, first_day=day, last_day=day, limit_micro=1001)
    assert lease_of(agreed, ask(box))
    budget = agreed.only(box.sync(), kinds.BUDGET)
    assert (budget.limit_micro, budget.reported_micro) == (1001, 1000)


def test_one_request_asks_for_several_models(desk):
    add_agreement(desk.office, "North College", "demo", until_s=FOREVER_S)
    box = desk.box()
    wanted = tuple(WantedLease(model=model, files=()) for model in ("demo", "other"))
    reply = box.say(kinds.LEASE_REQUEST, LeaseRequest, wanted=wanted)
    assert lease_of(desk, reply).model == "demo"
    assert desk.only(reply, kinds.DENIAL).about == "other"


def test_revoked_lease_is_marked_at_the_next_sync_and_not_given_again(agreed):
    box = agreed.box()
    lease = lease_of(agreed, ask(box))
    assert status_of(agreed, box.sync(), lease) == "valid"
    revoke_lease(agreed.office, lease.jti, "Weights were passed on.")
    assert status_of(agreed, box.sync(), lease) == "revoked"
    assert "passed on" in denial_of(agreed, ask(box))
    with pytest.raises(Conflict):
        resume_lease(agreed.office, lease.jti)


def test_every_lease_of_a_right_is_revoked_with_it(agreed):
    box = agreed.box()
    first, second = lease_of(agreed, ask(box)), lease_of(agreed, ask(box))
    revoke_lease(agreed.office, second.jti, "No.")
    reply = box.sync()
    assert [status_of(agreed, reply, one) for one in (first, second)] == ["revoked", "revoked"]


def test_lease_that_is_issued_after_a_revocation_is_valid_and_the_old_one_is_not(agreed):
    box = agreed.box()
    old = lease_of(agreed, ask(box))
    revoke_lease(agreed.office, old.jti, "No.")
    issue_lease(agreed.office, box.id, "demo", days=3)
    reply = box.sync()
    new = lease_of(agreed, reply)
    assert (new.exp, new.cnf.jkt) == (NOW_S + 3 * DAY_S, box.id)
    assert [status_of(agreed, reply, one) for one in (old, new)] == ["revoked", "valid"]
    assert lease_of(agreed, ask(box)).status == new.status


def test_suspended_lease_comes_back(agreed):
    box = agreed.box()
    lease = lease_of(agreed, ask(box))
    suspend_lease(agreed.office, lease.jti, "A question.")
    assert status_of(agreed, box.sync(), lease) == "suspended"
    assert "A question." in denial_of(agreed, ask(box))
    resume_lease(agreed.office, lease.jti)
    assert status_of(agreed, box.sync(), lease) == "valid"


def test_suspended_box_gets_back_only_what_was_suspended_with_it(agreed):
    box = agreed.box()
    own, other = lease_of(agreed, ask(box)), lease_of(agreed, ask(box, "other"))
    suspend_lease(agreed.office, own.jti, "A question.")
    suspend_box(agreed.office, box.id, "Silence.")
    reply = box.sync()
    assert [status_of(agreed, reply, one) for one in (own, other)] == ["suspended", "suspended"]
    resume_box(agreed.office, box.id)
    reply = box.sync()
    assert [status_of(agreed, reply, one) for one in (own, other)] == ["suspended", "valid"]


def test_newer_status_list_is_always_of_a_later_second(agreed):
    box = agreed.box()
    leases = [lease_of(agreed, ask(box, f"model-{number}")) for number in range(3)]
    times = []
    for lease in leases:
        revoke_lease(agreed.office, lease.jti, "No.")
        reply = box.sync()
        assert status_of(agreed, reply, lease) == "revoked"
        times.append(agreed.only(reply, kinds.STATUS_LIST).iat)
    assert times == sorted(set(times))


def test_status_list_is_signed_anew_every_hour_and_ends_after_thirty_days(agreed):
    box = agreed.box()
    first = agreed.only(box.sync(), kinds.STATUS_LIST)
    agreed.clock.now_s += 3599
    assert agreed.only(box.sync(), kinds.STATUS_LIST) == first
    agreed.clock.now_s += 1
    second = agreed.only(box.sync(), kinds.STATUS_LIST)
    assert (second.iat, second.exp - second.iat) == (agreed.clock.now_s, 30 * DAY_S)


def test_every_lease_has_a_place_within_the_list_that_comes_with_it(agreed, monkeypatch):
    monkeypatch.setattr("appliance.registry.leasing.statuses._AHEAD", 2)
    box = agreed.box()
    for number in range(12):
        reply = ask(box, f"model-{number}")
        assert status_of(agreed, reply, lease_of(agreed, reply)) == "valid"


def test_status_list_is_signed_by_the_key_that_signs_nothing_else(agreed):
    enrollment = agreed.only(agreed.box().sync(), kinds.STATUS_LIST)
    assert enrollment.sub == "leases"
    statements, status = agreed.signers.listed
    assert (statements.uses, status.uses) == (("statements",), ("status",))
    assert statements.x != status.x


def test_lease_that_never_was_cannot_be_revoked(desk):
    with pytest.raises(NotFound):
        revoke_lease(desk.office, "lease_000000000000", "No.")


def test_leases_are_listed_until_they_lapse(agreed):
    box = agreed.box()
    lease = lease_of(agreed, ask(box))
    agreed.clock.now_s = lease.exp + lease.grace_s - 1
    (line,) = list_leases(agreed.office)
    assert (line.id, line.box_id, line.institution, line.status) == (
        lease.jti,
        box.id,
        "North College",
        "valid",
    )
    agreed.clock.now_s += 1
    assert not list_leases(agreed.office)


def test_countersigned_application_reaches_the_box(desk):
    box = desk.box()
    assert not application(box).items
    (waiting,) = list_applications(desk.office)
    assert (waiting.box_id, waiting.message.grant, waiting.state) == (box.id, "grant_1", "waiting")
    countersign(desk.office, waiting.id, until_s=NOW_S + DAY_S)
    signed = desk.only(box.sync(), kinds.COUNTERSIGNATURE)
    assert (signed.sub, signed.grant, signed.project, signed.model) == (
        box.id,
        "grant_1",
        "thesis",
        "opt-175b",
    )
    assert (signed.exp, signed.cnf.jkt) == (NOW_S + DAY_S, box.id)
    with pytest.raises(Conflict):
        deny(desk.office, waiting.id, reason="Too late.")


def test_denied_application_reaches_the_box_with_its_reason(desk):
    box = desk.box()
    reply = application(box)
    (waiting,) = list_applications(desk.office)
    with pytest.raises(BadRequest):
        deny(desk.office, waiting.id, reason=" ")
    deny(desk.office, waiting.id, reason="Too broad.")
    denial = desk.only(box.sync(), kinds.DENIAL)
    assert (denial.re, denial.about, denial.reason) == (reply.re, "app_1", "Too broad.")


def test_application_again_is_answered_as_it_was_decided(desk):
    box = desk.box()
    application(box)
    (waiting,) = list_applications(desk.office)
    countersign(desk.office, waiting.id, until_s=NOW_S + DAY_S)
    again = application(box)
    assert again.duplicate
    assert desk.only(again, kinds.COUNTERSIGNATURE).grant == "grant_1"


def test_application_in_other_words_waits_again(desk):
    box = desk.box()
    application(box)
    (first,) = list_applications(desk.office)
    deny(desk.office, first.id, reason="Too broad.")
    assert not application(box, intended_use="A smaller study", agreed_sha256="a" * 64).items
    (waiting,) = list_applications(desk.office, "waiting")
    assert waiting.message.intended_use == "A smaller study"


def test_policy_may_countersign_at_once(desk):
    set_policy(desk.office, Policy("opt-175b", countersigns_at_once=True))
    signed = desk.only(application(desk.box(), until=NOW_S + 5), kinds.COUNTERSIGNATURE)
    assert signed.exp == NOW_S + 5
    assert list_applications(desk.office)[0].decided_by == "policy"


def test_policies_that_make_no_sense_are_refused(desk):
    with pytest.raises(BadRequest):
        set_policy(desk.office, Policy("demo", days=0))
    with pytest.raises(BadRequest):
        issue_lease(desk.office, desk.box().id, "demo", days=401)


def test_box_cannot_fill_the_status_list_that_is_for_all(agreed, monkeypatch):
    monkeypatch.setattr("appliance.registry.leasing.issuing.MOST_RIGHTS", 3)
    box, other = agreed.boxes(2)
    for number in range(3):
        lease_of(agreed, ask(box, f"model-{number}"))
    assert "too many models" in denial_of(agreed, ask(box, "model-3"))
    lease_of(agreed, ask(box, "model-2"))
    lease_of(agreed, ask(other, "model-3"))
