"""What a project is for and until when; closed and opened again."""

import pytest

from appliance.domain.days import DAY_MS, first_ms
from appliance.errors import BadRequest, NotAllowed, NotFound


async def test_a_class_is_one_command(lab):
    await lab.persons.new(person="prof")
    created = (
        await lab.projects.new(
            project="seminar",
            title="Seminar",
            kind="course",
            purpose="Bias of language models",
            tags="health, children,health",
            starts="2026-10-01",
            ends="2027-02-28",
            lead="prof",
        )
    ).projects[0]
    assert (created.kind, created.purpose, created.tags) == (
        "course",
        "Bias of language models",
        ("children", "health"),
    )
    assert (created.starts_ms, created.ends_ms) == (
        first_ms("2026-10-01", "x"),
        first_ms("2027-03-01", "x"),
    )
    assert (created.leads, created.members) == (("prof",), 1)


async def test_what_is_set_holds_and_the_rest_stays(lab):
    await lab.projects.new(project="seminar", purpose="Bias", tags="health", ends="2027-02-28")
    changed = (await lab.projects.change(project="seminar", tags="none", ends="none")).projects[0]
    assert (changed.purpose, changed.tags, changed.ends_ms) == ("Bias", (), None)


@pytest.mark.parametrize(
    "wishes",
    [
        {"tags": "flowers"},
        {"ends": "soon"},
        {"starts": "2027-01-02", "ends": "2027-01-01"},
        {"purpose": "a\x1bb"},
    ],
)
async def test_what_does_not_fit_is_refused_and_changes_nothing(lab, wishes):
    with pytest.raises(BadRequest):
        await lab.projects.new(project="seminar", **wishes)
    assert lab.directory.project("seminar") is None
    await lab.projects.new(project="seminar")
    with pytest.raises(BadRequest):
        await lab.projects.change(project="seminar", **wishes)


async def test_a_project_of_one_day_is_a_project(lab):
    created = await lab.projects.new(project="exam", starts="2027-01-02", ends="2027-01-02")
    assert created.projects[0].ends_ms - created.projects[0].starts_ms == DAY_MS


@pytest.mark.parametrize(("lead", "error"), [("nobody", NotFound), ("default", NotAllowed)])
async def test_a_project_is_led_by_somebody_who_is_there(lab, lead, error):
    with pytest.raises(error):
        await lab.projects.new(project="seminar", lead=lead)
    assert lab.directory.project("seminar") is None


async def test_the_state_follows_dates_and_commands(lab):
    async def state():
        return (await lab.projects.show(project="seminar")).project.state

    await lab.projects.new(project="seminar", starts="2026-10-01", ends="2027-02-28")
    states = []
    for day in ("2026-09-30", "2026-10-01", "2027-02-28", "2027-03-01"):
        lab.clock.time_ms = first_ms(day, "x")
        states.append(await state())
    assert states == ["not_begun", "open", "open", "ended"]
    await lab.projects.close(project="seminar")
    assert await state() == "closed"
    first = lab.directory.project("seminar").closed_ms
    lab.clock.time_ms += 1
    await lab.projects.close(project="seminar")
    assert lab.directory.project("seminar").closed_ms == first
    await lab.projects.reopen(project="seminar")
    assert await state() == "ended"


async def test_who_belongs_to_it_is_shown(seminar):
    shown = await seminar.projects.show(project="seminar")
    assert [(one.person, one.part) for one in shown.members] == [
        ("prof", "lead"),
        ("ada", "member"),
        ("bob", "member"),
    ]


@pytest.mark.parametrize("project", [".", ".."])
async def test_an_id_that_an_address_would_swallow_is_refused(lab, project):
    with pytest.raises(BadRequest):
        await lab.projects.new(project=project)
