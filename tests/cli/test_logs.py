"""`carrel logs` reads the end of the log, with or without a gateway."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.services.finding.tail import lines_from_end


def record(number: int, level: str = "info", **fields: object) -> str:
    return json.dumps(
        {"ts": f"2026-11-21T00:00:{number:02}Z", "level": level, "event": f"e{number}", **fields}
    )


@pytest.fixture
def log(carrel):
    file = carrel.home / "log" / "carrel.jsonl"
    file.parent.mkdir()
    return file


def events(done) -> list[str]:
    return [json.loads(line)["event"] for line in done.document["lines"]]


def test_the_last_lines_come_oldest_first(carrel, log):
    log.write_text("".join(record(number) + "\n" for number in range(9)))
    assert events(carrel("logs", "--lines", "3", "--json")) == ["e6", "e7", "e8"]


def test_a_level_means_this_one_and_above(carrel, log):
    levels = ("debug", "info", "warning", "error", "critical")
    log.write_text("".join(record(number, level) + "\n" for number, level in enumerate(levels)))
    assert events(carrel("logs", "--level", "warning", "--json")) == ["e2", "e3", "e4"]


def test_a_request_has_its_own_lines(carrel, log):
    log.write_text("\n".join([record(1, request_id="req_1"), record(2), record(3, request_id="req_2")]))
    assert events(carrel("logs", "--request", "req_2", "--json")) == ["e3"]


def test_rotated_files_are_read_on(carrel, log):
    log.with_name("carrel.jsonl.2").write_text(record(1) + "\n")
    log.with_name("carrel.jsonl.1").write_text(record(2) + "\n")
    log.write_text(record(3) + "\n")
    assert events(carrel("logs", "--json")) == ["e1", "e2", "e3"]


def test_torn_and_foreign_lines_are_left_out(carrel, log):
    log.write_bytes(b'{"level": "in\nTraceback\n[1]\n\xff\n' + record(1).encode() + b'\n{"event"')
    assert events(carrel("logs", "--json")) == ["e1"]


def test_no_log_is_no_lines(carrel):
    assert carrel("logs", "--json").document == {"lines": []}


def test_a_person_gets_time_level_event_and_fields(carrel, log):
    log.write_text(record(1, "warning", url="http://x") + "\n")
    assert carrel("logs").out == "2026-11-21T00:00:01Z warning e1 url=http://x\n"


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=60), max_size=30),
    st.booleans(),
)
def test_reading_from_the_end_gives_every_line_once(tmp_path_factory, lines, ended):
    file = tmp_path_factory.getbasetemp() / "lines"
    file.write_bytes("\n".join(lines).encode() + (b"\n" if ended else b""))
    assert list(reversed(list(lines_from_end(file, block_bytes=7)))) == [
        one for one in lines if one.encode().strip()
    ]


def test_the_end_of_a_large_file_is_read_without_its_beginning(tmp_path):
    file = tmp_path / "large"
    with file.open("wb") as large:
        large.truncate(2**40)
        large.seek(0, 2)
        large.write(b"\nlast\n")
    assert next(lines_from_end(file)) == "last"
