"""Grants: given and taken back, for a model or a tier; and what is marked as given to oneself."""

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.errors import BadRequest, ModelNotFound, NotFound, NotPermitted, StorageUnavailable
from tests.services.access_desk import KEY_OF_NOBODY, ROOT, AccessDesk, caller, reviewer


@pytest.fixture
async def desk(clock, directory, tmp_path):
    desk = AccessDesk(clock, directory, tmp_path)
    desk.joins("ada")
    desk.joins("bob")
    desk.joins("rev", "office", role="reviewer")
    await desk.open()
    await desk.signs("ada")
    return desk


async def test_a_one_person_lab_approves_itself_in_one_command_and_it_is_marked(clock, directory, tmp_path):
    desk = AccessDesk(clock, directory, tmp_path)
    desk.joins("ada", role="admin")
    await desk.open()
    await desk.signs("ada")
    [given] = (await desk.granting.grant(model="approved", project="nlp", actor=ROOT)).grants
    assert (given.self_approved, given.until_ms, given.given_by) == (True, None, "uid 0")
    assert desk.lacks("approved", caller("ada")) == ""


async def test_a_grant_in_a_lab_of_several_is_not_marked_and_lets_its_project_in_alone(desk):
    [given] = (
        await desk.granting.grant(model="approved", project="nlp", days=1, reason="Known.", actor=ROOT)
    ).grants
    assert (given.self_approved, given.reason) == (False, "Known.")
    assert desk.lacks("approved", caller("ada")) == ""
    assert desk.lacks("approved", caller("rev", "office")) == "agreement"


async def test_a_reviewer_gives_nothing_to_a_project_of_their_own_where_another_can(desk):
    desk.joins("rev", "own")
    desk.joins("boss", "office", role="admin")
    with pytest.raises(NotPermitted, match="another reviewer"):
        await desk.granting.grant(model="approved", project="own", actor=reviewer("rev"))
    boss = Actor("uid 7", Permission.ADMIN, "boss")
    desk.joins("boss", "bosses")
    [given] = (await desk.granting.grant(model="approved", project="bosses", actor=boss)).grants
    assert given.self_approved


async def test_grants_hold_after_a_restart(desk):
    await desk.granting.grant(tier="approved", project="nlp", actor=ROOT)
    await desk.open()
    assert desk.lacks("approved", caller("ada")) == ""


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"model": "approved", "project": "nobody"}, NotFound),
        ({"model": "small", "project": "nlp"}, BadRequest),
        ({"model": "none", "project": "nlp"}, ModelNotFound),
        ({"project": "nlp"}, BadRequest),
        ({"project": "nlp", "model": "approved", "tier": "approved"}, BadRequest),
    ],
)
async def test_only_known_projects_are_let_into_models_that_want_it(desk, words, error):
    with pytest.raises(error):
        await desk.granting.grant(actor=ROOT, **words)


async def test_revoking_ends_the_projects_requests_and_says_why(desk):
    for project in ("nlp", "office"):
        await desk.granting.grant(model="approved", project=project, actor=ROOT)
    left = await desk.granting.revoke(model="approved@f16", project="nlp", reason="Misuse.")
    assert [one.project for one in left.grants] == ["office"]
    [(model, project, holder, error)] = desk.service.ended
    assert (model, project, holder) == ("approved", "nlp", "")
    assert error.details == {"rule": {"name": "grant", "waits_for": "reviewer"}}
    assert "was taken back: Misuse. Its requests end." in str(error)
    assert desk.lacks("approved", caller("ada")) == "grant"
    with pytest.raises(NotFound):
        await desk.granting.revoke(model="approved", project="nlp")


async def test_revoking_holds_even_where_the_disk_refuses(desk):
    await desk.granting.grant(model="approved", project="nlp", actor=ROOT)
    desk.grant_rows.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await desk.granting.revoke(model="approved", project="nlp")
    assert desk.lacks("approved", caller("ada")) == "grant"
    assert len(desk.service.ended) == 1


async def test_revoking_a_tier_ends_only_what_no_other_grant_covers(desk):
    await desk.granting.grant(tier="restricted", project="nlp", actor=ROOT)
    await desk.granting.grant(model="approved", project="nlp", actor=ROOT)
    await desk.granting.revoke(tier="restricted", project="nlp")
    assert [one[0] for one in desk.service.ended] == ["restricted"]
    assert desk.lacks("approved", caller("ada")) == ""


async def test_grants_are_listed_by_project(desk):
    for project in ("nlp", "office"):
        await desk.granting.grant(model="approved", project=project, actor=ROOT)
    assert [one.project for one in (await desk.granting.show_all(project="nlp")).grants] == ["nlp"]


async def test_a_model_is_brought_here_once_some_project_may_use_it(desk):
    assert "no project has a grant" in desk.rule.lacks_for_box("approved", "approved")
    await desk.granting.grant(model="approved", project="office", actor=ROOT)
    assert desk.rule.lacks_for_box("approved", "approved") == ""
    assert desk.rule.current_grants("approved", "approved") == 1


async def test_lists_show_what_is_usable_or_could_be_by_ones_own_act(desk):
    shown = {
        one.id: [desk.rule.is_open_to(who, one) for who in (caller("ada"), caller("bob"), KEY_OF_NOBODY)]
        for one in desk.catalog.recipes
    }
    assert shown == {
        "small": [True, True, True],
        "registered": [True, True, False],
        "approved": [False, False, False],
        "restricted": [False, False, False],
    }
    await desk.granting.grant(model="approved", project="nlp", actor=ROOT)
    assert desk.rule.is_open_to(caller("bob"), desk.catalog.find("approved")[0])
