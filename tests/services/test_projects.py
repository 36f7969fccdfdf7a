"""Projects: an id for machines, a title for people."""

import pytest

from appliance.errors import BadRequest, Conflict, NotFound
from appliance.services.projects import ProjectService


@pytest.fixture
def service(projects, members, directory, clock):
    return ProjectService(projects, members, directory, clock)


async def test_a_new_project_is_answered_and_listed(service, clock):
    created = (await service.new(project="nlp", title="Language group")).projects
    assert [(one.id, one.name, one.created_ms) for one in created] == [
        ("nlp", "Language group", clock.now_ms())
    ]
    assert [one.id for one in (await service.show_all()).projects] == ["default", "nlp"]


async def test_a_project_without_title_is_called_by_its_id(service):
    assert (await service.new(project="nlp")).projects[0].name == "nlp"


async def test_an_id_is_given_once(service):
    with pytest.raises(Conflict):
        await service.new(project="default")


@pytest.mark.parametrize("project", ["", "NLP", "a b", "../x", "n" * 65, "nlp\n", "naïve"])
async def test_an_id_of_another_form_is_refused(service, project):
    with pytest.raises(BadRequest):
        await service.new(project=project)


async def test_a_title_with_control_characters_is_refused(service):
    with pytest.raises(BadRequest):
        await service.new(project="nlp", title="a\x07b")


async def test_a_project_begins_with_an_equal_share_and_shares_nothing(service):
    created = (await service.new(project="nlp")).projects[0]
    assert (created.weight, created.shares_prefixes) == (1, False)


async def test_a_change_holds_at_once_and_leaves_the_rest_as_it_was(service):
    await service.new(project="nlp")
    await service.change(project="nlp", weight=3)
    changed = (await service.change(project="nlp", share_prefixes="yes")).projects[0]
    assert (changed.weight, changed.shares_prefixes) == (3, True)
    assert (service.project("nlp").weight, service.project("nlp").shares_prefixes) == (3, True)
    await service.change(project="nlp", share_prefixes="no")
    assert service.project("nlp").shares_prefixes is False


async def test_nothing_is_granted_to_a_project_that_is_not_known(service):
    assert service.project("nobody").weight == 1


async def test_changing_an_unknown_project_is_not_found(service):
    with pytest.raises(NotFound):
        await service.change(project="nobody", weight=2)
