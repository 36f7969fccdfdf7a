"""What the box asks its registry for: leases that it needs, and those that operators want."""

from dataclasses import replace

import pytest

from appliance.domain.license import Acceptance
from appliance.errors import BadRequest, Conflict, ModelNotFound, NotFound
from appliance.federation.protocol import kinds
from appliance.federation.protocol.messages import LeaseRequest
from appliance.services.federation.ports import Refusal
from appliance.services.registries.lease_lines import LeaseLines
from appliance.services.registries.lease_service import LeaseService
from appliance.services.registries.wishing import LeaseWishes
from appliance.trust.signed import verify
from tests.federation.leased_box import DAY_S, NOON_S, Believed

TEXT = "d" * 64


class KnownProjects:
    def project(self, project_id):
        return project_id if project_id == "cs101" else None


def service(box):
    leases = LeaseService(
        box.leases,
        Believed(box.registry),
        lambda: box.own.box_id,
        box.time,
        requests=box.store.leasing.requests,
        trouble=lambda: box.time.words().trouble,
    )
    return LeaseWishes(
        box.store.leasing.requests,
        leases,
        box.catalog,
        KnownProjects(),
        enrolled=lambda: box.own.enrolled,
        clock=box.time,
    )


async def asked(box):
    """Composes, and returns what leaves; all of it is gone then."""
    await box.requester.compose()
    rows = await box.store.outbox.waiting()
    for one in rows:
        await box.store.outbox.done(one.id, box.clock.now_ms())
    return [verify(one.token, kinds.LEASE_REQUEST, box.own.key.public, LeaseRequest) for one in rows]


async def models_asked(box):
    return [wanted.model for one in await asked(box) for wanted in one.wanted]


async def test_a_model_that_is_neither_here_nor_wished_is_not_asked_for(box):
    assert await asked(box) == []
    box.models.install(box.catalog.find("free")[0])
    assert await asked(box) == []


async def test_a_model_that_is_here_is_asked_for_once_a_day(box):
    box.models.install(box.catalog.find("leased")[0])
    [request] = await asked(box)
    [wanted] = request.wanted
    assert (request.box, wanted.model, wanted.until, wanted.project) == (box.own.box_id, "leased", 0, "")
    assert wanted.files == ("b" * 64,)
    assert await asked(box) == []
    box.clock.passes(DAY_S - 1)
    assert await asked(box) == []
    box.clock.passes(1)
    assert await models_asked(box) == ["leased"]


async def test_a_request_that_has_not_left_is_not_followed_by_another(box):
    box.models.install(box.catalog.find("leased")[0])
    for _ in range(5):
        await box.requester.compose()
        box.clock.passes(2 * DAY_S)
    assert len(await box.store.outbox.waiting()) == 1


async def test_a_lease_is_renewed_in_the_last_third_of_its_life(box):
    box.models.install(box.catalog.find("leased")[0])
    await box.hears(box.lease())
    box.clock.passes(20 * DAY_S)
    assert await asked(box) == []
    box.clock.passes(1)
    assert await models_asked(box) == ["leased"]


async def test_other_files_or_another_license_text_are_asked_for(box):
    recipe = box.catalog.find("leased")[0]
    box.models.install(recipe)
    await box.hears(box.lease(files=("b" * 64,), terms_sha256=TEXT))
    box.catalog.change("leased", text_sha256=TEXT)
    assert await asked(box) == []
    forms = tuple(replace(one, files=(replace(one.files[0], sha256="a" * 64),)) for one in recipe.forms)
    box.catalog.recipes[0] = replace(box.catalog.recipes[0], forms=forms)
    [request] = await asked(box)
    assert (request.wanted[0].files, request.wanted[0].terms_sha256) == (("a" * 64,), TEXT)


async def test_what_was_taken_back_is_asked_for_only_when_an_operator_wants_it(box):
    box.models.install(box.catalog.find("leased")[0])
    await box.hears(box.lease(status=3))
    await box.hears(box.status_list({3: "revoked"}), kinds.STATUS_LIST)
    assert await asked(box) == []
    box.clock.passes(25 * DAY_S)
    assert await asked(box) == []
    await service(box).wish(model="leased")
    assert await models_asked(box) == ["leased"]


async def test_a_stale_status_list_alone_asks_for_no_lease(box):
    box.models.install(box.catalog.find("leased")[0])
    await box.hears(box.lease(status=3))
    assert box.state() == "grace"
    assert await asked(box) == []


async def test_an_operator_asks_for_a_lease_that_lasts_a_term(box):
    shown = await service(box).wish(model="leased@f16", until="2027-02-28", project="cs101")
    [row] = shown.requests
    assert (row.model, row.project, row.asked_ms) == ("leased", "cs101", 0)
    [request] = await asked(box)
    [wanted] = request.wanted
    assert (wanted.until, wanted.project) == (row.until_ms // 1000, "0123456789abcdef")
    # The wish was carried out; it asks again as any model does that is wanted here.
    assert await asked(box) == []
    box.clock.passes(1)
    await service(box).wish(model="leased")
    assert await models_asked(box) == ["leased"]


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"model": "nothing"}, ModelNotFound),
        ({"model": "free"}, BadRequest),
        ({"model": "leased", "project": "cs999"}, NotFound),
        ({"model": "leased", "until": "2020-01-01"}, BadRequest),
        ({"model": "leased", "until": "soon"}, BadRequest),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(box, wish, error):
    with pytest.raises(error):
        await service(box).wish(**wish)
    assert await box.store.leasing.requests.all() == []


async def test_without_a_registry_nothing_is_wished(box):
    box.own.enrolled = False
    with pytest.raises(Conflict, match="carrel fed enroll CODE"):
        await service(box).wish(model="leased")


async def test_the_institutions_acceptance_goes_along_as_the_box_signed_it(box):
    box.catalog.change("leased", text_sha256=TEXT, acceptance="institution")
    box.models.install(box.catalog.find("leased")[0])
    given = Acceptance("acc_1", "leased", TEXT, "", "Dr. A", "head", "study", 1, "the.signed.act")
    box.acceptances.given = [
        given,
        replace(given, id="acc_2", person="ada", record="a.persons.act"),
        replace(given, id="acc_3", text_sha256="e" * 64, record="another.texts.act"),
        replace(given, id="acc_4", withdrawn_ms=2, record="a.withdrawn.act"),
    ]
    [request] = await asked(box)
    assert request.acceptances == ("the.signed.act",)


async def test_a_denial_is_kept_with_its_reason_and_cleaned(box):
    await service(box).wish(model="leased")
    [request] = await asked(box)
    await box.hears(
        box.denial(request.jti, "leased", "Your institution has \x1b[31mno agreement."), kinds.DENIAL
    )
    [row] = (await service(box)._leases.show_all()).requests
    assert (row.denied, row.denied_ms) == ("Your institution has [31mno agreement.", NOON_S * 1000)
    await box.hears(box.denial("msg_of_another", "leased", "Another."), kinds.DENIAL)
    assert (await box.store.leasing.requests.all())[0].denied.startswith("Your institution")


async def test_a_request_that_was_refused_as_a_whole_is_told_for_each_model(box):
    for model in ("leased", "finish"):
        box.models.install(box.catalog.find(model)[0])
    [request] = await asked(box)
    refusal = Refusal(
        request.jti, kinds.LEASE_REQUEST, "acceptance-required", "The license must be accepted.", {}
    )
    assert await box.refusals.refused(refusal)
    rows = await box.store.leasing.requests.all()
    assert [(one.model, one.denied) for one in rows] == [
        ("finish", "The license must be accepted."),
        ("leased", "The license must be accepted."),
    ]
    assert not await box.refusals.refused(replace(refusal, name="maintenance"))


async def test_a_new_request_forgets_the_denial_of_the_last_one(box):
    box.models.install(box.catalog.find("leased")[0])
    [request] = await asked(box)
    await box.store.leasing.requests.denied(request.jti, "leased", "No.", 1)
    box.clock.passes(DAY_S)
    assert len(await asked(box)) == 1
    assert (await box.store.leasing.requests.all())[0].denied == ""


async def test_the_status_tells_how_many_models_are_leased_and_who_is_denied(box):
    lines = LeaseLines(box.leases, box.store.leasing.requests)
    assert await lines() == []
    await box.hears(box.lease(exp=NOON_S + 2 * DAY_S, grace_s=0))
    await box.hears(box.lease("finish", nbf=NOON_S + 2 * DAY_S))
    assert await lines() == [("leases", "1 valid")]
    box.clock.passes(2 * DAY_S)
    await box.hears(box.lease())
    await service(box).wish(model="finish")
    [request] = await asked(box)
    await box.store.leasing.requests.denied(request.jti, "finish", "Ask your institution.", 1)
    assert await lines() == [("leases", "2 valid"), ("no lease", "finish: Ask your institution.")]
