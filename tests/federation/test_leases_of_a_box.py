"""Leases as a box keeps to them: when each state begins, and what it lets."""

import base64
import zlib
from dataclasses import replace

import pytest

from appliance.domain.license import Acceptance
from appliance.domain.people import Caller
from appliance.errors import BadRequest, IntegrityFailed, NotLicensed
from appliance.federation.protocol import kinds
from appliance.federation.protocol.bounds import Confirmation
from appliance.federation.protocol.statements import StatusList
from appliance.policy.licenses import Act
from appliance.services.admission.gates import Asked
from appliance.services.admission.licensing import LicenseGate
from appliance.services.licenses.lapsing import EVERY_S, FINISH_S
from appliance.services.registries.lease_alarms import LeaseAlarms
from tests.federation.leased_box import DAY_S, HOUR_S, NOON_S

ADA = Caller("key_a", "ada", "course")
END_S, LAPSE_S = 30 * DAY_S, 44 * DAY_S


def lets(box, model="leased", form=None):
    """Which of pulling, loading and answering a lease lets."""
    recipe, default = box.catalog.find(model)
    form = form or default
    found = [act.value for act in Act if box.permits.decision(recipe, act, ADA, form).allowed]
    return " ".join(found)


def told(box, model="leased"):
    recipe, form = box.catalog.find(model)
    return LicenseGate(box.permits).let(Asked(ADA, recipe, recipe.model_id(form), None, 0)).notices


def alarms(box):
    return LeaseAlarms(box.catalog, box.leases, box.models)()


def installed(box, model="leased"):
    recipe = box.catalog.find(model)[0]
    box.models.install(recipe)
    return recipe


async def test_a_lease_that_is_not_yet_valid_lets_nothing(box):
    await box.hears(box.lease(nbf=NOON_S + HOUR_S))
    assert (box.state(), lets(box)) == ("none", "")
    box.clock.passes(HOUR_S - 301)
    assert box.state() == "none"
    box.clock.passes(1)
    assert (box.state(), lets(box)) == ("valid", "pull load answer")


async def test_the_edges_of_grace_and_lapse_hold_to_the_second(box):
    installed(box)
    await box.hears(box.lease())
    box.clock.passes(END_S - 1)
    assert (box.state(), lets(box), told(box), alarms(box)) == ("valid", "pull load answer", (), ())
    box.clock.passes(1)
    assert (box.state(), lets(box)) == ("grace", "load answer")
    until = "it is served here until 2026-11-04 (UTC) at most"
    assert told(box) == (f"The lease of leased has run out; {until}.",)
    assert alarms(box)[0].startswith("The lease of leased has run out; it is served until 2026-11-04 (UTC).")
    box.clock.passes(LAPSE_S - END_S - 1)
    assert (box.state(), lets(box)) == ("grace", "load answer")
    box.clock.passes(1)
    assert (box.state(), lets(box)) == ("lapsed", "")
    with pytest.raises(NotLicensed, match="has lapsed"):
        told(box)
    assert alarms(box)[0].startswith("The lease of leased has lapsed, and it is not served.")


async def test_a_lapse_during_a_stream_ends_it_at_once_or_after_four_hours(box):
    for model in ("leased", "finish"):
        await box.hears(box.lease(model))
    box.clock.passes(LAPSE_S - 10)
    assert (await box.look(), box.served.ended) == (10, [])
    box.clock.passes(10)
    await box.look()
    assert [model for model, _ in box.served.ended] == ["leased"]
    assert FINISH_S == 4 * HOUR_S
    box.clock.passes(FINISH_S - 5)
    assert await box.look() == 5
    assert {model for model, _ in box.served.ended} == {"leased"}
    box.clock.passes(5)
    assert await box.look() == EVERY_S
    assert {model for model, _ in box.served.ended} == {"leased", "finish"}
    assert "has lapsed, so its requests end" in box.served.ended[-1][1]


async def test_a_lease_that_is_renewed_during_the_four_hours_ends_nothing(box):
    await box.hears(box.lease("finish"))
    box.clock.passes(LAPSE_S + HOUR_S)
    await box.look()
    await box.hears(box.lease("finish"))
    box.clock.passes(FINISH_S)
    await box.look()
    assert (box.state("finish"), box.served.ended) == ("valid", [])


async def test_a_lease_revoked_during_a_stream_ends_it_when_the_list_is_here(box):
    installed(box)
    woken = []
    box.leases.on_news(lambda: woken.append(box.state()))
    await box.hears(box.lease(status=3))
    await box.hears(box.status_list({}), kinds.STATUS_LIST)
    await box.look()
    assert (box.state(), box.served.ended) == ("valid", [])
    await box.hears(box.status_list({3: "revoked"}), kinds.STATUS_LIST)
    # Whoever looks was woken by the list, and does not wait for its half a minute.
    assert (woken[-1], lets(box)) == ("revoked", "")
    await box.look()
    assert "has taken back the lease of leased" in box.served.ended[0][1]
    assert box.served.stopped == ["leased"]
    assert alarms(box)[0].startswith("The registry has taken back the lease of leased.")


async def test_a_suspended_lease_is_not_served_and_comes_back_by_itself(box):
    recipe = installed(box)
    await box.hears(box.lease(status=3))
    await box.hears(box.status_list({}), kinds.STATUS_LIST)
    await box.look()
    await box.hears(box.status_list({3: "suspended"}), kinds.STATUS_LIST)
    await box.look()
    assert (box.state(), lets(box)) == ("suspended", "")
    assert "has suspended the lease" in box.served.ended[0][1]
    assert (box.served.stopped, box.served.started) == ([], [])
    assert box.models.folder_of(recipe, recipe.forms[0]) is not None
    box.clock.passes(60)
    await box.hears(box.status_list({}), kinds.STATUS_LIST)
    await box.look()
    assert (box.state(), lets(box), box.served.started) == ("valid", "pull load answer", ["leased"])
    await box.look()
    assert box.served.started == ["leased"]


@pytest.mark.parametrize("changed", [{"sub": "x" * 43}, {"cnf": Confirmation("x" * 43)}], ids=["sub", "cnf"])
async def test_another_appliances_lease_is_refused(box, changed):
    with pytest.raises(IntegrityFailed, match="for another box"):
        await box.hears(box.lease(**changed))
    assert (box.state(), await box.store.leases.all()) == ("none", [])


async def test_a_lease_that_names_another_models_file_hash_does_not_cover_it(box):
    box.catalog.recipes[0] = two_forms(box.catalog.recipes[0])
    recipe = box.catalog.recipes[0]
    small, large = recipe.forms
    await box.hears(box.lease(files=(small.sha256, "f" * 64)))
    assert lets(box, form=small) == "pull load answer"
    assert lets(box, form=large) == ""
    with pytest.raises(NotLicensed, match="names other files") as refused:
        box.permits.check(recipe, Act.PULL, large)
    assert refused.value.details == {"license": {"lacks": "lease"}}
    with pytest.raises(NotLicensed, match="names other files"):
        box.permits.check(recipe, Act.LOAD, large)
    with pytest.raises(NotLicensed, match="names other files"):
        LicenseGate(box.permits).let(Asked(ADA, recipe, recipe.model_id(large), None, 0))
    await box.hears(box.lease())
    assert lets(box, form=large) == "pull load answer"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"terms_sha256": "e" * 64}, "is for another text of the license"),
        ({"scope": ("embed",)}, "is not for this use"),
        ({"purposes": ("research",)}, "is not for what this project does"),
    ],
)
async def test_a_lease_covers_only_the_text_the_use_and_the_purpose_that_it_names(box, changed, words):
    box.catalog.change("leased", text_sha256="d" * 64)
    await box.hears(box.lease(**changed))
    with pytest.raises(NotLicensed, match=words):
        told(box)
    await box.hears(box.lease(terms_sha256="d" * 64, purposes=("course",), scope=("serve",)))
    assert told(box) == ()


async def test_an_old_status_list_after_a_new_one_is_refused(box):
    await box.hears(box.lease(status=3))
    kept_back = box.status_list({})
    box.clock.passes(60)
    await box.hears(box.status_list({3: "revoked"}), kinds.STATUS_LIST)
    with pytest.raises(IntegrityFailed, match="older than the one that is here"):
        await box.hears(kept_back, kinds.STATUS_LIST)
    assert box.state() == "revoked"
    await box.restart()
    assert box.state() == "revoked"
    with pytest.raises(IntegrityFailed, match="older"):
        await box.hears(kept_back, kinds.STATUS_LIST)
    assert box.state() == "revoked"


async def test_a_status_list_past_its_exp_puts_the_lease_into_grace_to_the_second(box):
    installed(box)
    await box.hears(box.lease(status=3))
    assert (box.state(), lets(box)) == ("grace", "load answer")
    await box.hears(box.status_list({}, days=7), kinds.STATUS_LIST)
    box.clock.passes(7 * DAY_S - 1)
    assert (box.state(), lets(box)) == ("valid", "pull load answer")
    box.clock.passes(1)
    assert (box.state(), lets(box)) == ("grace", "load answer")
    assert told(box) == ("The registry of leased was not heard for too long; it may stop being served here.",)
    assert "was not heard for too long" in alarms(box)[0]
    recipe = box.catalog.find("leased")[0]
    assert "was not heard for too long" in box.permits.decision(recipe, Act.PULL).message
    await box.hears(box.status_list({}), kinds.STATUS_LIST)
    assert (box.state(), alarms(box)) == ("valid", ())


async def test_an_index_past_the_end_of_the_list_is_grace_and_an_alarm(box):
    await box.hears(box.lease(status=64))
    await box.hears(box.status_list({}, size=64), kinds.STATUS_LIST)
    assert (box.state(), lets(box)) == ("grace", "load answer")
    assert "has no place for the lease of leased" in alarms(box)[0]
    await box.hears(box.lease(status=63))
    assert (box.state(), alarms(box)) == ("valid", ())


async def test_a_status_list_that_cannot_be_unpacked_changes_nothing(box):
    await box.hears(box.lease(status=3))
    await box.hears(box.status_list({3: "suspended"}), kinds.STATUS_LIST)
    with pytest.raises(IntegrityFailed, match="unpack"):
        await box.hears(bomb(box), kinds.STATUS_LIST)
    assert box.state() == "suspended"


async def test_of_a_valid_a_revoked_and_a_lapsed_lease_the_one_counts_that_lets_the_most(box):
    await box.hears(box.lease(exp=NOON_S + DAY_S, grace_s=0))
    await box.hears(box.lease(status=3))
    await box.hears(box.status_list({3: "revoked"}, days=60), kinds.STATUS_LIST)
    assert box.state() == "valid"
    box.clock.passes(DAY_S)
    # Both let nothing: the one that was signed last tells why.
    await box.hears(box.lease(status=4, exp=NOON_S + 2 * DAY_S, grace_s=0))
    box.clock.passes(DAY_S)
    assert box.state() == "lapsed"
    assert [one.claims.status for one in box.leases.revoked("leased")] == [3]


async def test_a_model_whose_license_needs_no_lease_never_stops(box):
    """With everything broken: the registry away, the clock wrong, the list stale, its name revoked."""
    await box.hears(box.lease("free", status=3))
    await box.hears(box.status_list({3: "revoked"}), kinds.STATUS_LIST)
    installed(box, "free")
    for wall_s in (NOON_S, 0, NOON_S + 10**9):
        box.clock.set_wall(wall_s)
        await box.look()
        assert (lets(box, "free"), told(box, "free")) == ("pull load answer", ())
    assert (box.served.ended, box.served.stopped, alarms(box)) == ([], [], ())


async def test_a_suspect_clock_serves_what_is_here_and_begins_nothing_new(box):
    await box.hears(box.lease())
    box.clock.set_wall(0)
    assert (box.state(), lets(box)) == ("clock-suspect", "load answer")
    recipe = box.catalog.find("leased")[0]
    assert "cannot be judged by this machine's clock" in box.permits.decision(recipe, Act.PULL).message
    assert "while its lease is not valid" in box.permits.why_no_grant(recipe)


async def test_no_further_project_is_let_use_a_model_in_its_days_of_grace(box):
    recipe = box.catalog.find("leased")[0]
    assert box.permits.why_no_grant(recipe) == ""
    await box.hears(box.lease())
    assert box.permits.why_no_grant(recipe) == ""
    box.clock.passes(END_S)
    assert box.permits.why_no_grant(recipe).startswith(
        "No further project is let use leased while its lease is not valid: it has run out"
    )
    assert box.permits.why_no_grant(box.catalog.find("free")[0]) == ""


async def test_a_withdrawn_acceptance_ends_what_a_valid_lease_would_let(box):
    box.catalog.change("leased", text_sha256="d" * 64, acceptance="institution")
    await box.hears(box.lease())
    assert lets(box) == ""
    box.register.accept(Acceptance("acc_1", "leased", "d" * 64, "", "Dr. A", "head", "study", 1, "record"))
    assert lets(box) == "pull load answer"
    box.register.withdraw("leased", "")
    assert (box.state(), lets(box)) == ("valid", "")
    recipe = box.catalog.find("leased")[0]
    assert box.permits.decision(recipe, Act.ANSWER, ADA).lacks == "acceptance"


async def test_a_lease_by_file_is_taken_as_one_by_sync_and_tells_the_time(box):
    await box.leases.add(f" {box.lease(at_s=NOON_S + 200)}\n")
    assert (box.state(), box.time.now_ms()) == ("valid", (NOON_S + 200) * 1000)
    with pytest.raises(BadRequest, match="has lapsed"):
        await box.leases.add(box.lease(exp=NOON_S - 1, grace_s=0))
    await box.hears(box.lease(exp=NOON_S - 1, grace_s=0))
    assert len(box.leases.leases) == 1


async def test_what_the_box_was_told_of_leases_survives_a_restart(box):
    await box.hears(box.lease(status=3))
    await box.hears(box.lease("finish", status=4))
    await box.hears(box.status_list({3: "suspended"}), kinds.STATUS_LIST)
    await box.restart()
    assert (box.state(), box.state("finish")) == ("suspended", "valid")


def two_forms(recipe):
    forms = [
        replace(one, files=(replace(one.files[0], sha256=letter * 64),))
        for one, letter in zip(recipe.forms, "ab", strict=True)
    ]
    return replace(recipe, forms=tuple(forms))


def bomb(box):
    packed = base64.urlsafe_b64encode(zlib.compress(bytes(2**20), 9)).rstrip(b"=").decode()
    made = StatusList(iss="registry", sub="status", iat=NOON_S, exp=NOON_S + DAY_S, ttl=1, bits=2, lst=packed)
    return box.registry.sign(kinds.STATUS_LIST, made)
