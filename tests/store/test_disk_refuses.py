"""A full or failing disk: nothing is acknowledged that is not stored, nothing stored is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.store.store import Store
from tests.required import require_strace

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("burdened.py")


def run(path, count, *, limit_bytes=0, under=()):
    command = [*under, sys.executable, str(PROGRAM), str(path), str(count), str(limit_bytes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    *answers, store = [json.loads(line) for line in done.stdout.splitlines()]
    return answers, store


async def stored(path, clock):
    store = Store.open(path, clock)
    ids = await store._reader.run(lambda db: {row["request_id"] for row in db.query("SELECT * FROM usage")})
    budget = await store.budgets.get("default")
    store.close()
    return ids, budget


def acknowledged(answers):
    return {answer["request"] for answer in answers if answer["error"] is None}


async def test_where_no_more_can_be_written_requests_are_refused_and_later_taken_again(path, clock):
    answers, store = run(path, 200, limit_bytes=600_000)
    refused = [answer for answer in answers if answer["error"]]
    assert {answer["error"] for answer in refused} == {"StorageUnavailable"}
    assert len(refused) > 20
    assert answers[-1]["error"] is None, "with the limit lifted it goes on by itself"
    assert store == {"trouble": None, "projects": 1}
    ids, budget = await stored(path, clock)
    assert ids == acknowledged(answers)
    assert budget.held_micro == len(ids)


@pytest.fixture
def needs_strace(path, clock):
    """And a database that is there already, so that only requests write while calls fail."""
    require_strace()
    Store.open(path, clock).close()


def failing(call, code, first, every=7):
    """A command under which the ``first`` such call fails, and ``every`` so many after it."""
    return ("strace", "-f", "-qq", "-o", os.devnull, "-e", f"inject={call}:error={code}:when={first}+{every}")


async def test_a_full_disk_refuses_clearly_and_recovers_when_space_returns(needs_strace, path, clock):
    answers, store = run(path, 100, under=failing("pwrite64", "ENOSPC", 300, every=1))
    refused = [answer for answer in answers if answer["error"]]
    assert answers[-len(refused) :] == refused
    assert {answer["error"] for answer in refused} == {"StorageUnavailable"}
    assert all("disk is full" in answer["message"] for answer in refused)
    assert store == {"trouble": None, "projects": 1}, "reading goes on"
    ids, _ = await stored(path, clock)
    assert ids == acknowledged(answers)
    more, _ = run(path, 200)
    assert {answer["request"] for answer in refused} <= acknowledged(more)


async def test_after_a_failed_fsync_nothing_is_acknowledged_any_more(needs_strace, path, clock):
    answers, store = run(path, 100, under=failing("fdatasync", "EIO", 40))
    first_refused = next(number for number, answer in enumerate(answers) if answer["error"])
    assert all(answer["error"] == "StorageUnavailable" for answer in answers[first_refused:])
    assert "read-only" in answers[-1]["message"]
    assert "read-only" in store["trouble"]
    assert store["projects"] == 1, "reading goes on"
    ids, _ = await stored(path, clock)
    assert acknowledged(answers) <= ids


@pytest.mark.parametrize("code", ["EIO", "ENOSPC"])
async def test_a_write_that_fails_now_and_then_loses_nothing_acknowledged(needs_strace, path, clock, code):
    answers, store = run(path, 200, under=failing("pwrite64", code, 300))
    assert {answer["error"] for answer in answers} == {None, "StorageUnavailable"}
    assert store["trouble"] is None
    ids, _ = await stored(path, clock)
    assert acknowledged(answers) == ids
