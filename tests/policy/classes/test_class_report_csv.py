"""The report as a file: text stays text in every spreadsheet, and the ids are those that the teacher gave."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.domain.results import FrozenModelLine, ReportRow
from appliance.policy.classes.report import BYTE_ORDER_MARK, COLUMNS, cell, report_csv

ROW = ReportRow(
    given="20260017",
    name="Ines Oakley",
    person="ioakley",
    joined_ms=1_790_000_000_000,
    how="list",
    requests=3,
    prompt_tokens=10,
    completion_tokens=20,
    spent_micro=1_500_000,
    refused=2,
    first_ms=None,
    last_ms=1_790_000_000_000,
)


def read(text):
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_a_line_for_each_seat_by_the_ids_that_the_teacher_gave():
    heads, line = read(report_csv([ROW]))
    assert tuple(heads) == COLUMNS
    assert dict(zip(heads, line, strict=True)) == {
        "given": "20260017",
        "name": "Ines Oakley",
        "person": "ioakley",
        "joined_utc": "2026-09-21 14:13:20",
        "how": "list",
        "requests": "3",
        "prompt_tokens": "10",
        "completion_tokens": "20",
        "tokens": "30",
        "credits": "1.500000",
        "refused": "2",
        "first_utc": "",
        "last_utc": "2026-09-21 14:13:20",
    }


def test_an_exam_has_its_models_and_its_seed_below():
    frozen = FrozenModelLine(model="m@q8", revision="3", files="ab")
    lines = read(report_csv([ROW], frozen=[frozen], seed=7))
    assert lines[2:] == [["", "model", "m@q8", "revision", "3", "files", "ab"], ["", "seed", "7"]]


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "|x", "%0A", " =1",
        "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "\u202e=1", "\u200b=1", "\u00a0=1", "\ufeff=1",
        "\ufe661",
    ],
)  # fmt: skip
def test_a_cell_that_begins_as_a_formula_does_is_text(text):
    assert cell(text).startswith("'")


def test_what_is_no_formula_stays_as_it_is():
    for text in ("Ines Oakley", "20260017", "O'Neill", 'says "no", then; goes', "a=b", "", "Łukasz 王"):
        assert cell(text) == text
    assert (cell(None), cell(0), cell(-5)) == ("", "0", "-5")


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_name_holds_it_is_one_cell_and_no_formula(given_id, name):
    row = replace(ROW, given=given_id, name=name)
    heads, line = read(report_csv([row]))
    assert len(line) == len(heads)
    for one in line[:2]:
        assert not one.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
        assert one.isprintable() or one == ""
