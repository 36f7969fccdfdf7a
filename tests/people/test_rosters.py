"""Class lists are read as course systems export them; what cannot be read is told with its line."""

import codecs

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appliance.domain.text_files import text_of
from appliance.errors import BadRequest
from appliance.policy.person_ids import is_person_id
from appliance.policy.rosters.ids import wish_of
from appliance.policy.rosters.reading import MOST_LINES, read_roster
from tests.people.exports import CANVAS, FORMS


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_read_with_the_numbers_of_its_own_lines(form):
    text, ids, told = FORMS[form]
    roster = read_roster(text)
    assert roster.form == told
    assert {one.wish.id: one.line for one in roster.students} == ids
    assert [one.name for one in roster.students] == ["Ines Oakley", "Jörg Brandt"]
    assert not [one for one in roster.remarks if one.problem]


def test_rows_that_are_no_students_are_told_as_such():
    assert [(one.line, one.says, one.problem) for one in read_roster(CANVAS).remarks] == [
        (2, "the row of points that are possible", False),
        (5, "the test student of the course", False),
    ]


@pytest.mark.parametrize(
    "content",
    [
        CANVAS.encode(),
        codecs.BOM_UTF8 + CANVAS.encode(),
        CANVAS.encode("utf-16"),
        codecs.BOM_UTF16_BE + CANVAS.encode("utf-16-be"),
        CANVAS.replace("\n", "\r\n").encode(),
        CANVAS.replace("\n", "\r").encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16 big", "windows lines", "old mac lines"],
)
def test_the_same_list_is_read_in_every_encoding(content):
    roster = read_roster(text_of(content, "class.csv"))
    assert [(one.line, one.name) for one in roster.students] == [(3, "Ines Oakley"), (4, "Jörg Brandt")]


def test_another_encoding_is_refused_with_what_to_do():
    with pytest.raises(BadRequest, match=r"class\.csv .*`CSV UTF-8`"):
        text_of(CANVAS.encode("latin-1"), "class.csv")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("=HYPERLINK(1)", "formula"),
        ("+49", "formula"),
        ("@SUM(A1)", "formula"),
        ("\u202e=cmd", "formula"),
        ('"Doe, =cmd|x"', "formula"),
        ('"two\nlines"', "several lines"),
        ("x" * 101, "more than 100 characters"),
        ("x" * 100_000, "more than 500 characters"),
        ("\x00\x1b", "neither a name"),
    ],
)
def test_a_hostile_name_is_a_problem_of_its_line(cell, says):
    roster = read_roster(f"Name,Username\nInes Oakley,ioakley\n{cell},{'' if 'neither' in says else 'jb'}\n")
    assert [one.wish.id for one in roster.students] == ["ioakley"]
    (problem,) = roster.remarks
    assert (problem.line, problem.problem) == (3, True)
    assert says in problem.says


def test_a_cell_of_a_megabyte_ends_the_reading_with_its_line():
    roster = read_roster(f"Name\nInes Oakley\n{'x' * 1_000_000}\nJörg Brandt\n")
    assert [one.name for one in roster.students] == ["Ines Oakley"]
    assert [(one.line, one.problem) for one in roster.remarks] == [(3, True)]


def test_what_shows_nothing_or_turns_text_around_is_taken_out_with_a_word():
    (student,) = read_roster("Name,Email\nI\u202en\u200bes\u00a0 Oakley,not an address\n").students
    assert student.name == "Ines Oakley"
    assert student.email == ""
    assert student.words == (
        "characters that are not shown were taken out of the name",
        "the e-mail address is none",
    )


def test_lines_after_a_cell_of_several_lines_keep_their_numbers():
    roster = read_roster('Name,Note\nInes Oakley,"one\ntwo\nthree"\nJörg Brandt,\n')
    assert [(one.line, one.name) for one in roster.students] == [(2, "Ines Oakley"), (5, "Jörg Brandt")]


@pytest.mark.parametrize("text", ["", "\n\n\n", "hello\nworld\n", "%PDF-1.7\n", "a,b,c\n1,2,3\n"])
def test_what_is_no_class_list_is_refused_as_a_whole(text):
    with pytest.raises(BadRequest, match="heads of columns"):
        read_roster(text)


def test_a_list_that_is_far_too_long_is_refused():
    with pytest.raises(BadRequest, match="at most"):
        read_roster("Name\n" + "Ines Oakley\n" * MOST_LINES)


@pytest.mark.parametrize(
    ("given", "id", "source"),
    [
        (("IOakley", "77", "x@y.z", "Ines Oakley"), "ioakley", "given"),
        (("", "77", "x@y.z", "Ines Oakley"), "77", "given"),
        (("S-77/1", "", "Ines.Oakley@y.z", "Ines Oakley"), "ines-oakley", "email"),
        (("ioakley@uni.example", "", "", "Ines Oakley"), "ioakley", "email"),
        (("", "", "", "Ines Łukasz-Oakley"), "ines-ukasz-oakley", "name"),
        (("", "", "", "王小明"), "student-acf979", "name"),
        (("default", "", "", "Ines"), "ines", "name"),
        (("key_0123456789ab", "", "", "Ines"), "ines", "name"),
    ],
)
def test_an_id_is_derived_in_one_way(given, id, source):
    wish = wish_of(*given)
    assert (wish.id, wish.source) == (id, source)


def test_nothing_gives_no_id():
    assert wish_of("", "", "", "") is None


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: ("Name,Email\n" + text).encode()))
@example(b'Name\n"')
@example(b"sep=;\nName;ID\n;;;\n")
@settings(max_examples=300)
def test_whatever_a_file_holds_it_is_read_or_refused(content):
    try:
        text = text_of(content, "class.csv")
        roster = read_roster(text)
    except BadRequest:
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = [one.line for one in (*roster.students, *roster.remarks)]
    assert len(found) == len(set(found))
    assert all(1 <= number <= len(lines) for number in found)
    assert all(is_person_id(one.wish.id) for one in roster.students)
    assert all(one.name.isprintable() for one in roster.students)


@given(st.lists(st.sampled_from(["Ines Oakley,a", "", "=x,b", ",", "Jörg Brandt,"]), max_size=12))
def test_every_line_is_numbered_as_in_the_file(rows):
    roster = read_roster("\n".join(["Name,Username", *rows]))
    students = {number for number, row in enumerate(rows, 2) if row[:1] in {"I", "J"}}
    problems = {number for number, row in enumerate(rows, 2) if row == "=x,b"}
    assert {one.line for one in roster.students} == students
    assert {one.line for one in roster.remarks if one.problem} == problems
