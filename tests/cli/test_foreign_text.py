"""Data cannot command the terminal, turn text around or be taken for markup, wherever they are printed."""

import json
import unicodedata

import msgspec
import pytest

from appliance.client.presenting.anything import fields_of
from appliance.client.presenting.drawn import PRESENTERS
from appliance.client.presenting.showing import present
from appliance.domain.actions import ACTIONS
from appliance.domain.plain_text import many_lines, one_line
from appliance.domain.results import GpuHistories, RegistryPublished, Stopped, Viewed
from tests.admin.fake_box import sample

CORPUS = [
    "[/foo]",
    "[bold]x[/bold]",
    "[@click=app.quit]x[/]",
    "[link=file:///etc/passwd]x[/link]",
    ":warning:",
    "\x1b[2J\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\x\x1b]8;;\x1b\\",
    "a\rb",
    "a\x00b\x08c\x7f",
    "\x9b31m",
    "abc\u202edcba",
    "\u2066x\u2069\u200e\u200f\u061c",
    "zero\u200bwidth\ufeff",
    "line\u2028separator\u2029",
    "\ud800",
    "{}%s{0}",
]
RESULTS = sorted({one.result for one in ACTIONS}, key=lambda one: one.__name__)
WITHOUT_TEXT = {GpuHistories, Stopped, RegistryPublished, Viewed}
"""They hold nothing that somebody wrote."""
JSON_TEXT = '{"ts": "t", "level": "info", "event": %s}'


def harmful(text: str) -> list[str]:
    return [
        one for one in text if one != "\n" and unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]


@pytest.mark.parametrize("shape", RESULTS, ids=lambda one: one.__name__)
def test_a_result_with_foreign_text_prints_as_plain_text(capsys, shape):
    for text in CORPUS:
        present(result_with(shape, text))
        printed = capsys.readouterr().out
        assert harmful(printed) == [], ascii(text)
        if not harmful(text) and shape not in WITHOUT_TEXT:
            assert text in printed


def result_with(shape, text):
    if shape.__name__ == "LogLines":
        return shape(lines=(JSON_TEXT % json.dumps(text),))
    result = sample(shape, text)
    # Only what is wrong has a reason.
    return msgspec.structs.replace(result, ok=False) if shape.__name__ == "AuditVerification" else result


@pytest.mark.parametrize("text", CORPUS, ids=ascii)
def test_results_without_a_presenter_of_their_own_are_as_safe(capsys, text):
    from rich.console import Console

    Console(width=10_000).print(fields_of(sample(RESULTS[0], text)))
    assert harmful(capsys.readouterr().out) == []


def test_every_result_but_none_is_drawn_by_hand():
    assert set(RESULTS) - set(PRESENTERS) == set()


def test_lines_stay_lines_where_they_may():
    assert many_lines("a\r\nb\tc\n\x1b") == "a\nb   c\n"
    assert one_line("a\n\tb") == "a b"


def test_compound_emoji_and_other_scripts_stay_whole():
    assert one_line("👩‍🔬 żółw क्‍ष") == "👩‍🔬 żółw क्‍ष"
