"""What actions of a class answer, as pages are given it in tests."""

from appliance.domain.results import (
    ClassCards,
    ClassDetail,
    ClassLine,
    ClassReport,
    ClassRoster,
    ClassSeats,
    JoinScreen,
    PollState,
    Rehearsal,
    ReportRow,
    RosterSeat,
    SeatCard,
    SeatKey,
    SeatLine,
)
from tests.web.fakes import HOUR_MS, NOON_MS

KEY = "crl_ABCDEFGHJKMNPQRSTUVWXYZabcdefghij"
URL = "http://10.20.0.5:7480"


def line(**changes):
    wanted = {
        "id": "monday",
        "project": "seminar",
        "title": "Monday",
        "state": "open",
        "mode": "open",
        "models": ("tiny",),
        "seats": 2,
        "taken": 1,
        "starts_ms": None,
        "ends_ms": NOON_MS + HOUR_MS,
    }
    return ClassLine(**{**wanted, **changes})


def detail(**changes):
    wanted = {
        "id": "monday",
        "project": "seminar",
        "title": "Monday",
        "state": "open",
        "mode": "open",
        "models": ("tiny",),
        "seat_tokens": 50_000,
        "seat_running": 2,
        "seat_requests_per_minute": 30,
        "seat_tokens_per_minute": 0,
        "starts_ms": None,
        "ends_ms": NOON_MS + HOUR_MS,
        "keys_end_ms": NOON_MS + HOUR_MS,
        "grace_min": 10,
        "guests": 0,
        "networks": (),
        "seed": None,
        "plain": False,
        "plain_address": "",
        "address": "",
        "addresses": (URL,),
        "opened_ms": NOON_MS,
        "paused_ms": None,
        "over_ms": None,
        "message": "",
        "frozen": (),
        "seats": 2,
        "taken": 1,
    }
    return ClassDetail(**{**wanted, **changes})


def seat(number=1, person="ada", **changes):
    wanted = {
        "number": number,
        "person": person,
        "given": person,
        "name": f"{person.title()} Oakley",
        "initials": f"{person[0].upper()}O",
        "state": "ok",
        "how": "list",
        "taken_ms": NOON_MS - 60_000,
        "running": 0,
        "waiting": 0,
        "waits_s": 0,
        "tokens": 1200,
        "limit_tokens": 50_000,
        "requests": 3,
        "last_ms": NOON_MS - 60_000,
        "trouble": "",
        "trouble_code": "",
        "trouble_ms": None,
        "trouble_request": "",
        "mend": "",
    }
    return SeatLine(**{**wanted, **changes})


def seats(*lines, **changes):
    wanted = {
        "id": "monday",
        "state": "open",
        "mode": "open",
        "message": "",
        "now_ms": NOON_MS,
        "ends_ms": NOON_MS + HOUR_MS,
        "taken": 1,
        "seats": lines or (seat(), seat(2, "bob", state="free", how="", taken_ms=None, tokens=0)),
        "first_word_ms": 850,
    }
    return ClassSeats(**{**wanted, **changes})


def screen(**changes):
    wanted = {
        "id": "monday",
        "title": "Monday",
        "state": "open",
        "mode": "open",
        "offline": False,
        "code": "K7QM-2F9X",
        "code_ends_ms": NOON_MS + 600_000,
        "left": 7,
        "url": URL,
        "join_url": f"{URL}/join?code=K7QM2F9X",
        "base_url": f"{URL}/v1",
        "name_url": "http://carrel.local:7480",
        "fingerprint": "",
        "models": ("tiny",),
        "joined": 23,
        "seats": 30,
        "ends_ms": NOON_MS + HOUR_MS,
        "now_ms": NOON_MS,
        "first_word_ms": 1900,
    }
    return JoinScreen(**{**wanted, **changes})


def poll(**changes):
    wanted = {
        "id": "poll_1",
        "prompt": "Why is the sky blue?",
        "open": True,
        "votes_a": 3,
        "votes_b": 5,
        "ties": 1,
        "a": "",
        "b": "",
        "seed": 1,
    }
    return PollState(**{**wanted, **changes})


def cards(count=1, **changes):
    made = tuple(
        SeatCard(
            number=one, person=f"s{one}", given=f"s{one}", name=f"Student {one}", key=KEY, key_id=f"key_{one}"
        )
        for one in range(1, count + 1)
    )
    wanted = {
        "id": "monday",
        "title": "Monday",
        "url": URL,
        "base_url": f"{URL}/v1",
        "name_url": "http://carrel.local:7480",
        "fingerprint": "",
        "model": "class-model",
        "expires_ms": NOON_MS + HOUR_MS,
        "cards": made,
        "kept": (),
    }
    return ClassCards(**{**wanted, **changes})


def seat_key(**changes):
    wanted = {
        "id": "monday",
        "person": "ada",
        "given": "ada",
        "name": "Ada Oakley",
        "key": KEY,
        "key_id": "key_9",
        "expires_ms": NOON_MS + HOUR_MS,
    }
    return SeatKey(**{**wanted, **changes})


def roster(*lines, **changes):
    outcomes = [one.outcome for one in lines]
    wanted = {
        "id": "monday",
        "form": "canvas",
        "dry_run": True,
        "whole": "problem" not in outcomes,
        "lines": lines,
        "new": outcomes.count("new"),
        "joined": outcomes.count("joins"),
        "changed": outcomes.count("changed"),
        "present": outcomes.count("present"),
        "skipped": outcomes.count("skipped"),
        "problems": outcomes.count("problem"),
    }
    return ClassRoster(**{**wanted, **changes})


def roster_seat(number, outcome, name="Ada Oakley", why=""):
    return RosterSeat(line=number, outcome=outcome, given="ada", person="ada", name=name, why=why)


def rehearsal(**changes):
    wanted = {
        "id": "monday",
        "model": "tiny",
        "seats": 30,
        "answered": 30,
        "failed": 0,
        "first_word_median_ms": 900,
        "first_word_worst_ms": 2400,
        "whole_median_ms": 4000,
        "took_ms": 20_000,
        "wanted_ms": 3000,
        "ready": True,
        "problems": (),
    }
    return Rehearsal(**{**wanted, **changes})


def report(**changes):
    row = ReportRow(
        given="s1",
        name="Ada Oakley",
        person="ada",
        joined_ms=NOON_MS,
        how="list",
        requests=3,
        prompt_tokens=1000,
        completion_tokens=200,
        spent_micro=5,
        refused=1,
        first_ms=NOON_MS,
        last_ms=NOON_MS,
    )
    wanted = {
        "id": "monday",
        "title": "Monday",
        "project": "seminar",
        "mode": "open",
        "state": "over",
        "starts_ms": None,
        "opened_ms": NOON_MS,
        "ends_ms": NOON_MS + HOUR_MS,
        "models": ("tiny",),
        "frozen": (),
        "seed": None,
        "rows": (row,),
        "csv": "id,name\ns1,Ada Oakley\n",
    }
    return ClassReport(**{**wanted, **changes})
