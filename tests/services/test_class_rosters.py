"""Lists are taken in whole: numbers stay, people elsewhere are not there for a lead, problems have lines."""

import codecs
import time

import pytest

from appliance.domain.text_files import text_of
from appliance.errors import BadRequest, Conflict, NotFound
from tests.people.exports import CANVAS, EXCEL, FORMS, GITHUB_CLASSROOM, MOODLE, NAMES_ONLY
from tests.services.class_fakes import COURSE, ELSEWHERE, NOON_MS, PROF, ROOT, class_desk
from tests.services.class_teaching import Teaching


@pytest.fixture
async def desk(tmp_path):
    async with class_desk(tmp_path) as desk:
        await desk.lesson()
        yield desk


@pytest.fixture
def teaching(desk):
    return Teaching(desk)


async def take_in(teaching, text, actor=PROF, **more):
    return await teaching.rostering.take_in(name="monday", file=text, actor=actor, **more)


def lines(told):
    return [(one.line, one.outcome, one.given, one.person) for one in told.lines]


async def on_disk(desk):
    return (
        await desk.store.people.all(),
        await desk.store.members.all(),
        await desk.store.classes.seats(),
        await desk.store.keys.all(),
    )


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_is_seated_once_and_the_same_list_again_changes_nothing(teaching, desk, form):
    text, ids, told = FORMS[form]
    first = await take_in(teaching, text)
    assert (first.form, first.new, first.problems, first.whole) == (told, 2, 0, True)
    assert [(one.person_id, one.number) for one in desk.book.seats("monday")] == [
        (person, number) for number, person in enumerate(ids, 1)
    ]
    before = await on_disk(desk)
    again = await take_in(teaching, text)
    assert (again.present, again.new, again.joined, again.changed, again.missing) == (2, 0, 0, 0, 0)
    assert await on_disk(desk) == before
    await desk.reload()
    assert [one.given for one in desk.book.seats("monday")] == [
        one.given for one in first.lines if one.outcome == "new"
    ]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (CANVAS, ["ioakley", "JBrandt"]),
        (MOODLE, ["20260017", "20260018"]),
        (GITHUB_CLASSROOM, ["ines.oakley", "jbrandt"]),
        (EXCEL, ["ines.oakley", "Jörg Brandt"]),
        (NAMES_ONLY, ["Ines Oakley", "Jörg Brandt"]),
        ("Name,Student ID\nInes Oakley,S-77/1\n", ["S-77/1"]),
    ],
)
async def test_the_teachers_own_ids_are_kept_as_they_are_written(teaching, text, given):
    told = await take_in(teaching, text)
    assert [one.given for one in told.lines if one.outcome == "new"] == given


@pytest.mark.parametrize(
    "content",
    [
        EXCEL.encode("utf-16"),
        codecs.BOM_UTF16_BE + EXCEL.encode("utf-16-be"),
        codecs.BOM_UTF8 + EXCEL.encode(),
    ],
    ids=["utf-16", "utf-16 big", "utf-8 with mark"],
)
async def test_excel_with_semicolons_is_read_in_its_encodings(teaching, content):
    told = await take_in(teaching, text_of(content, "class.csv"))
    seated = [(one.line, one.name) for one in told.lines if one.outcome == "new"]
    assert seated == [(3, "Ines Oakley"), (4, "Jörg Brandt")]


async def test_a_preview_writes_nothing_and_says_what_would_happen(teaching, desk):
    before = await on_disk(desk)
    dry = await take_in(teaching, CANVAS, dry_run=True)
    assert await on_disk(desk) == before
    assert (list(desk.book.seats("monday")), desk.directory.person("ioakley")) == ([], None)
    real = await take_in(teaching, CANVAS)
    assert lines(real) == lines(dry)
    assert (dry.dry_run, real.dry_run) == (True, False)


async def test_problems_have_the_numbers_of_their_lines_and_the_rest_is_seated(teaching):
    told = await take_in(teaching, "Name,Username\n=cmd,a\nInes Oakley,io\n@x,b\nTest Student,t\n")
    assert lines(told) == [
        (2, "problem", "", ""),
        (3, "new", "io", "io"),
        (4, "problem", "", ""),
        (5, "skipped", "", ""),
    ]
    assert (told.whole, told.problems, told.skipped) == (False, 2, 1)
    assert "formula" in told.lines[0].why


async def test_who_enrolls_late_gets_the_next_number_and_who_is_gone_is_told(teaching, desk):
    await take_in(teaching, "Name,Username\nAda,ada\nBob,bob\n")
    told = await take_in(teaching, "Name,Username\nCy,cy\nAda,ada\n")
    assert lines(told) == [
        (2, "new", "cy", "cy"),
        (3, "present", "ada", "ada"),
        (0, "missing", "bob", "bob"),
    ]
    assert [(one.person_id, one.number) for one in desk.book.seats("monday")] == [
        ("ada", 1),
        ("bob", 2),
        ("cy", 3),
    ]


async def test_people_elsewhere_are_not_there_for_a_lead_and_no_name_of_theirs_is_told(teaching, desk):
    await desk.person("ioakley", ELSEWHERE, name="Dr. Secret Name")
    told = await take_in(teaching, CANVAS)
    assert lines(told)[1] == (3, "new", "ioakley", "ioakley-2")
    assert "Secret" not in str(told)
    assert desk.directory.person("ioakley-2").name == "Ines Oakley"
    assert desk.directory.part(COURSE, "ioakley") is None
    again = await take_in(teaching, CANVAS)
    assert lines(again)[1] == (3, "present", "ioakley", "ioakley-2")


async def test_an_address_of_somebody_elsewhere_gives_an_id_of_its_own_too(teaching, desk):
    await desk.person("ines-oakley", ELSEWHERE, name="Ines Oakley")
    told = await take_in(teaching, EXCEL)
    assert lines(told)[1] == (3, "new", "ines.oakley", "ines-oakley-2")
    assert lines(await take_in(teaching, EXCEL))[1] == (3, "present", "ines.oakley", "ines-oakley-2")


async def test_for_who_runs_the_box_they_are_the_same_people(teaching, desk):
    await desk.person("ioakley", ELSEWHERE, name="Dr. Ines Oakley")
    told = await take_in(teaching, CANVAS, actor=ROOT)
    assert lines(told)[1] == (3, "joins", "ioakley", "ioakley")
    assert desk.directory.person("ioakley").name == "Dr. Ines Oakley"


async def test_members_of_the_course_join_the_class_and_its_lead_does_not(teaching, desk):
    await desk.person("ada", COURSE, name="Ada")
    told = await take_in(teaching, "Name,Username\nAda,ada\nProf. Oakley,prof\n")
    assert lines(told) == [(2, "joins", "ada", "ada"), (3, "skipped", "prof", "")]
    assert desk.directory.part(COURSE, "prof") == "lead"


async def test_a_seat_that_is_taken_meanwhile_keeps_its_key(teaching, desk):
    await take_in(teaching, "Name,Username\nAda,ada\n")
    seat = desk.book.seat("monday", "ada")
    made = await desk.seat_keys.make(desk.book.require("monday"), seat, how="list", actor_name="code")
    await take_in(teaching, "Name,Username\nAda Lovelace,ada\n")
    await desk.reload()
    after = desk.book.seat("monday", "ada")
    assert (after.key_id, after.taken_ms, after.how) == (made.key.id, NOON_MS, "list")
    assert desk.directory.person("ada").name == "Ada Lovelace"


async def test_a_list_that_is_written_while_somebody_joins_takes_nothing_from_them(teaching, desk):
    await take_in(teaching, "Name,Username\nAda,ada\n")
    late = await teaching.enrolling.read("monday", COURSE, "Name,Student ID\nAda,ADA\n", PROF)
    seat = desk.book.seat("monday", "ada")
    made = await desk.seat_keys.make(desk.book.require("monday"), seat, how="list", actor_name="code")
    await teaching.enrolling.write(late.enrolment)
    assert desk.book.seat("monday", "ada").key_id == made.key.id
    assert desk.book.seat("monday", "ada").given == "ADA"


async def test_guests_have_seats_that_no_list_takes_away(teaching, desk):
    lesson = await desk.change(desk.book.require("monday"), guests=1)
    guest = await teaching.enrolling.add(lesson)
    assert (guest.person_id, guest.number) == ("monday-guest-1", 1)
    told = await take_in(teaching, "Name,Username\nAda,ada\n")
    assert told.missing == 0
    assert desk.book.seat("monday", "ada").number == 2
    with pytest.raises(Conflict):
        await teaching.enrolling.add(lesson)
    await desk.reload()
    assert desk.directory.part(COURSE, "monday-guest-1") == "member"


async def test_no_list_and_no_class_are_refused(teaching, desk):
    with pytest.raises(BadRequest):
        await take_in(teaching, "hello")
    with pytest.raises(NotFound):
        await take_in(teaching, CANVAS, project="art")
    await desk.change(desk.book.require("monday"), over_ms=NOON_MS)
    with pytest.raises(Conflict, match="over"):
        await take_in(teaching, CANVAS)


async def test_thirty_students_are_seated_and_have_cards_well_within_two_seconds(teaching, desk):
    rows = "".join(f"Student {number},s{number}\n" for number in range(30))
    began_s = time.process_time()
    told = await take_in(teaching, "Name,Username\n" + rows)
    cards = await teaching.carding.cards(name="monday", actor=PROF)
    assert time.process_time() - began_s < 2
    assert (told.new, len(cards.cards)) == (30, 30)
