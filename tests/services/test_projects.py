"""Projects: an id for machines, a title for people."""

import pytest

from appliance.errors import BadRequest, Conflict
from appliance.services.projects import ProjectService


@pytest.fixture
def service(projects, clock):
    return ProjectService(projects, clock)


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
