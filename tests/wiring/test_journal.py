"""The log is JSON lines, and holds neither keys nor what clients sent."""

import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.wiring.journal import expire, set_up

KEY = "crl_" + "A" * 33


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[tuple]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    file = tmp_path / "carrel.jsonl"
    yield set_up(file, "info", to_terminal=False), file
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_event_is_one_json_line_with_time_and_level(journal):
    log, file = journal
    log.info("model ready", model="m", pid=7)
    (line,) = lines(file)
    assert (line["event"], line["level"], line["model"], line["pid"]) == ("model ready", "info", "m", 7)
    assert line["ts"].endswith("Z")


def test_a_key_is_masked_in_every_field_and_in_foreign_messages(journal):
    log, file = journal
    log.warning("refused " + KEY, header="Bearer " + KEY)
    logging.getLogger("elsewhere").error("header %s", KEY)
    assert KEY not in file.read_text()
    assert "crl_[redacted]" in file.read_text()


def test_of_an_exception_only_type_and_places_are_kept(journal):
    log, file = journal
    try:
        b"my secret prompt \xff".decode()
    except UnicodeDecodeError as error:
        log.exception("body")
        logging.getLogger("asyncio").error(
            "Task exception was never retrieved\nfuture: %r", error, exc_info=error
        )
    assert "secret prompt" not in file.read_text()
    first, second = lines(file)
    assert first["exception"] == second["exception"] == "UnicodeDecodeError"
    assert first["passed"][0].startswith("test_journal.py:")
    assert second["event"] == "Task exception was never retrieved"


def test_levels_below_the_chosen_one_are_left_out_and_the_file_is_private(journal):
    log, file = journal
    log.debug("noise")
    assert file.read_text() == ""
    assert file.stat().st_mode & 0o777 == 0o600


DAY_S = 86_400


def test_each_day_begins_a_file_of_its_own(journal):
    log, file = journal
    log.info("yesterday")
    os.utime(file, (time.time() - DAY_S, time.time() - DAY_S))
    log.info("today")
    log.info("today again")
    assert [line["event"] for line in lines(file)] == ["today", "today again"]
    assert [line["event"] for line in lines(file.with_name("carrel.jsonl.1"))] == ["yesterday"]


def test_files_are_deleted_once_their_last_line_is_too_old(journal):
    log, file = journal
    for age in (3, 2, 1):
        log.info("older", days=age)
        os.utime(file, (time.time() - age * DAY_S, time.time() - age * DAY_S))
    log.info("today")
    assert expire(file, int((time.time() - 1.5 * DAY_S) * 1000)) == 2
    left = sorted(one.name for one in file.parent.glob("carrel.jsonl*"))
    assert left == ["carrel.jsonl", "carrel.jsonl.1"]
    assert [line["days"] for line in lines(file.with_name("carrel.jsonl.1"))] == [1]


def test_the_file_that_is_written_to_is_never_deleted(journal):
    log, file = journal
    log.info("now")
    assert expire(file, int(time.time() * 1000) + DAY_S) == 0
    assert file.exists()
