"""A class list taken in: all in one commit, the same list again changes nothing, a dry run writes nothing."""

import asyncio
import shutil
from dataclasses import replace

import pytest

from appliance.domain.people import Membership, Person, Project
from appliance.errors import BadRequest, NotFound
from appliance.services.keys import KeyService
from appliance.services.people.directory import Directory
from appliance.services.people.importing import ImportService
from appliance.store.store import Store
from tests.people.exports import CANVAS, FORMS, MOODLE
from tests.services.conftest import NOON_MS, StillClock


class Class:
    """A real store with the project ``seminar``, and what imports into it."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.directory = Directory()
        self.keys = KeyService(store.keys, self.directory, clock)
        self.service = ImportService(
            rosters=store.rosters,
            directory=self.directory,
            issuer=self.keys.issuer,
            ring=self.keys.ring,
            clock=clock,
        )

    async def load(self):
        await self.directory.load(self.store.people, self.store.projects, self.store.members)
        await self.keys.load()

    async def add(self, person, *projects, part="member"):
        await self.store.people.add(person)
        for project in projects:
            await self.store.members.put(Membership(project, person.id, part, NOON_MS))
        await self.load()

    async def take_in(self, text, **options):
        return await self.service.take_in(file=text, project="seminar", **options)

    async def on_disk(self):
        return (
            [one for one in await self.store.people.all() if one.id != "default"],
            [(one.project_id, one.person_id, one.part) for one in await self.store.members.all()],
            await self.store.keys.all(),
        )


@pytest.fixture(scope="module")
def two_projects(tmp_path_factory):
    """A database with them, made once."""
    path = tmp_path_factory.mktemp("made") / "carrel.db"
    store = Store.open(path, StillClock())
    for project in ("seminar", "hospital"):
        asyncio.run(store.projects.add(Project(project, project, NOON_MS)))
    store.close()
    return path


@pytest.fixture
async def course(tmp_path, two_projects):
    path = tmp_path / "data" / "carrel.db"
    path.parent.mkdir(mode=0o700)
    shutil.copy(two_projects, path)
    clock = StillClock()
    store = Store.open(path, clock)
    course = Class(store, clock)
    await course.load()
    yield course
    store.close()


def outcomes(report):
    return {one.line: (one.outcome, one.person) for one in report.lines}


async def test_everybody_in_the_list_belongs_to_the_class_afterward(course):
    report = await course.take_in(CANVAS)
    assert outcomes(report) == {
        2: ("skipped", ""),
        3: ("new", "ioakley"),
        4: ("new", "jbrandt"),
        5: ("skipped", ""),
    }
    assert (report.form, report.new, report.skipped, report.keys) == ("canvas", 2, 2, 0)
    people, members, keys = await course.on_disk()
    assert [(one.id, one.name, one.email) for one in people] == [
        ("ioakley", "Ines Oakley", ""),
        ("jbrandt", "Jörg Brandt", ""),
    ]
    assert members == [("seminar", "ioakley", "member"), ("seminar", "jbrandt", "member")]
    assert list(keys) == []
    assert course.directory.part("seminar", "jbrandt") == "member"


@pytest.mark.parametrize("form", FORMS)
async def test_the_same_list_again_changes_nothing(course, form):
    text = FORMS[form][0]
    await course.take_in(text, key=True)
    before = await course.on_disk()
    again = await course.take_in(text, key=True)
    assert (again.present, again.new, again.joined, again.changed, again.keys) == (2, 0, 0, 0, 0)
    assert await course.on_disk() == before


async def test_a_dry_run_writes_nothing_and_says_what_would_happen(course):
    await course.add(Person("ioakley", "Ines Oakley", NOON_MS))
    before = await course.on_disk()
    dry = await course.take_in(CANVAS, key=True, dry_run=True)
    assert await course.on_disk() == before
    assert course.directory.part("seminar", "jbrandt") is None
    assert (dry.dry_run, dry.new, dry.joined, dry.keys) == (True, 1, 1, 2)
    assert not [one for one in dry.lines if one.key or one.key_id]
    real = await course.take_in(CANVAS, key=True)
    assert outcomes(real) == outcomes(dry)
    assert (real.new, real.joined, real.keys) == (dry.new, dry.joined, dry.keys)


async def test_a_key_is_made_for_each_who_has_none_and_works_at_once(course):
    await course.add(Person("ioakley", "Ines Oakley", NOON_MS), "seminar")
    await course.keys.issue(name="own", project="seminar", person="ioakley")
    report = await course.take_in(CANVAS, key=True, expires_days=100)
    made = {one.person: one.key for one in report.lines if one.key}
    assert list(made) == ["jbrandt"]
    caller = await course.keys.authenticate(made["jbrandt"])
    assert (caller.person_id, caller.project_id) == ("jbrandt", "seminar")
    assert course.keys.key(caller.key_id).expires_ms is not None


async def test_addresses_are_kept_only_where_that_is_asked_for(course):
    await course.take_in(MOODLE)
    assert [one.email for one in (await course.on_disk())[0]] == ["", ""]
    report = await course.take_in(MOODLE, keep_email=True)
    assert report.changed == 2
    assert [one.email for one in (await course.on_disk())[0]] == [
        "ines.oakley@uni.example",
        "joerg.brandt@uni.example",
    ]


async def test_a_person_of_the_box_joins_and_keeps_what_they_are(course):
    await course.add(Person("ioakley", "Dr. Ines Oakley", NOON_MS, login="ines"), "hospital")
    report = await course.take_in(CANVAS)
    line = next(one for one in report.lines if one.person == "ioakley")
    assert (line.outcome, line.why) == ("joins", "is called `Dr. Ines Oakley` here")
    assert (await course.on_disk())[0][0].name == "Dr. Ines Oakley"


async def test_another_name_is_taken_over_for_somebody_of_this_class_alone(course):
    await course.take_in(CANVAS)
    report = await course.take_in(CANVAS.replace("Oakley, Ines", "Oakley-Brandt, Ines"))
    assert outcomes(report)[3] == ("changed", "ioakley")
    assert course.directory.person("ioakley").name == "Ines Oakley-Brandt"


async def test_people_of_one_name_are_told_apart_by_a_number(course):
    await course.add(Person("ines-oakley", "Ines Oakley", NOON_MS), "hospital")
    rows = "Name,Email\nInes Oakley,\nInes Oakley,other@uni.example\n"
    assert outcomes(await course.take_in(rows)) == {2: ("new", "ines-oakley-2"), 3: ("new", "other")}
    assert outcomes(await course.take_in(rows)) == {2: ("present", "ines-oakley-2"), 3: ("present", "other")}


async def test_an_address_of_another_person_is_not_theirs_but_of_one_with_the_name_it_is(course):
    await course.add(Person("oakley", "Otto Oakley", NOON_MS))
    await course.add(Person("brandt", "Jörg Brandt", NOON_MS))
    rows = "Name,Email\nInes Oakley,oakley@uni.example\nJörg Brandt,brandt@uni.example\n"
    assert outcomes(await course.take_in(rows)) == {2: ("new", "oakley-2"), 3: ("joins", "brandt")}


async def test_a_line_twice_counts_once(course):
    report = await course.take_in("Name,Username\nInes Oakley,io\nInes Oakley,io\n")
    assert outcomes(report) == {2: ("new", "io"), 3: ("skipped", "")}
    assert report.lines[1].why == "the same person as line 2"


async def test_who_was_erased_does_not_come_back_under_the_same_id(course):
    await course.add(replace(Person("ioakley", "", NOON_MS), ended_ms=1, erased_ms=1))
    report = await course.take_in(CANVAS)
    assert outcomes(report)[3] == ("problem", "")
    assert report.problems == 1


async def test_a_lead_in_the_list_of_members_stays_a_lead(course):
    await course.add(Person("ioakley", "Ines Oakley", NOON_MS), "seminar", part="lead")
    assert outcomes(await course.take_in(CANVAS))[3] == ("present", "ioakley")
    assert course.directory.part("seminar", "ioakley") == "lead"
    assert outcomes(await course.take_in(CANVAS, part="lead"))[4] == ("changed", "jbrandt")


async def test_what_is_wrong_is_told_all_at_once_and_the_rest_is_taken_in(course):
    report = await course.take_in("Name,Username\n=cmd,a\nInes Oakley,io\n@x,b\n")
    assert outcomes(report) == {2: ("problem", ""), 3: ("new", "io"), 4: ("problem", "")}
    assert report.problems == 2


async def test_no_class_list_and_no_project_are_refused(course):
    with pytest.raises(BadRequest):
        await course.take_in("hello")
    with pytest.raises(NotFound):
        await course.service.take_in(file=CANVAS, project="nothing")


async def test_all_of_it_is_written_or_nothing(course):
    await course.store.people.add(Person("jbrandt", "taken meanwhile", NOON_MS))
    with pytest.raises(Exception, match="exists"):
        await course.take_in(CANVAS)
    people, members, keys = await course.on_disk()
    assert [one.id for one in people] == ["jbrandt"]
    assert (list(members), list(keys)) == ([], [])
    assert course.directory.person("ioakley") is None


async def test_five_hundred_students_are_one_commit(course):
    rows = "".join(f"Student {number},s{number}\n" for number in range(500))
    report = await course.take_in("Name,Username\n" + rows, key=True)
    assert (report.new, report.keys) == (500, 500)
    assert len(course.directory.members("seminar")) == 500
