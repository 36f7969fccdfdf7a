"""A recording holds nothing that says who somebody is, and nothing that opens anything."""

import gzip
import json
from pathlib import Path

import msgspec
import pytest

from appliance.domain.results import (
    AuditLine,
    AuditList,
    Inbox,
    InboxRow,
    LogLines,
    PersonList,
    PersonSummary,
)
from appliance.domain.results.classes import ClassReport, ClassSeats, JoinScreen, ReportRow, SeatLine
from appliance.domain.results.keys import KeyList, KeySummary
from tests.tui.fake_box import NOW_MS
from tests.tui.hostile import HOSTILE
from tui.recording.redacting import Redactor
from tui.recording.tape import Tape

KEY = "crl_4fGh7Jk2mNp9qRs5tVw8xYz3aBc6dEe1234ab"
CODE = "K7QM-2F9X"
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbWlyYSJ9.c2lnbmF0dXJl"

PEOPLE = (
    ("a.khan", "Amira Khan", "amira.khan@uni.example", "akhan"),
    ("t-lindqvist", "Tove Lindqvist", "tove@students.uni.example", "tli22"),
    ("zoe_d", "Zoë D'Arblay-Núñez", "zda@uni.example", "zda"),
    ("xwang", "王小明", "xwang@uni.example", "xwang3"),
    ("will", "Will May", "wm@uni.example", "wmay"),
    ("jo", "Jo Li", "", "joli"),
)
ORIGINALS = (
    *(one for _, *known in PEOPLE for one in known if one),
    *(
        "a.khan",
        "t-lindqvist",
        "zoe_d",
        "xwang",
        "Amira",
        "Khan",
        "Tove",
        "Lindqvist",
        "Zoë",
        "Arblay",
        "Núñez",
    ),
    *(
        "Zo\\u00eb",
        "Nu\u0301n\u0303ez",
        KEY,
        KEY[4:20],
        CODE,
        CODE.replace("-", ""),
        TOKEN,
        "c2lnbmF0dXJl",
        "10.0.4.31",
    ),
    *("2001:db8::17", "Dr. Ingrid Solheim", "Solheim", "ingrid@elsewhere.example", "4711007", "sekret-label"),
)


def person(id: str, name: str, email: str, login: str) -> PersonSummary:
    return PersonSummary(
        id=id,
        name=name,
        state="active",
        role="student",
        email=email,
        login=login,
        projects=("nlp-3", "khan-thesis"),
        created_ms=0,
        ended_ms=None,
    )


def seat(number: int, id: str, name: str, initials: str, trouble: str = "") -> SeatLine:
    return SeatLine(
        number=number,
        person=id,
        given="4711007" if number == 1 else str(number),
        name=name,
        initials=initials,
        state="ok",
        how="card",
        taken_ms=1,
        running=0,
        waiting=0,
        waits_s=0,
        tokens=1,
        limit_tokens=2,
        requests=3,
        last_ms=None,
        trouble=trouble,
        trouble_code="invalid_api_key",
        trouble_ms=None,
        trouble_request="req_3ab04c1190ff2e5d6b7788aa",
        mend="reissue",
    )


def corpus() -> list[tuple[str, msgspec.Struct]]:
    """What the screens of a box in use hold."""
    seats = tuple(
        seat(
            n,
            who,
            name,
            "".join(p[0] for p in name.split()).upper(),
            f"The key {KEY} of {name} does not work.",
        )
        for n, (who, name, _, _) in enumerate(PEOPLE, 1)
    )
    rows = tuple(
        ReportRow(
            given=one.given, name=one.name, person=one.person, joined_ms=None, how="card", requests=1,
            prompt_tokens=1, completion_tokens=1, spent_micro=1, refused=0, first_ms=None, last_ms=None,
        )
        for one in seats
    )  # fmt: skip
    return [
        (
            "audit.list",
            AuditList(
                acts=(
                    AuditLine(
                        seq=1, at_ms=NOW_MS, actor="a.khan", permission="lead", origin="10.0.4.31",
                        action="person.new", outcome="ok",
                        arguments=json.dumps({"person": "xwang", "name": "王小明", "k": TOKEN}),
                    ),
                    AuditLine(
                        seq=2, at_ms=NOW_MS, actor="uid 0", permission="admin", origin="socket",
                        action="license.accept", outcome="ok",
                        arguments=json.dumps({"who": "Dr. Ingrid Solheim", "authority": "head"}),
                    ),
                ),
                more=False,
            ),
        ),
        (
            "class.projector",
            JoinScreen(
                id="nlp-3", title="NLP 3", state="open", mode="open", offline=True, code=CODE,
                code_ends_ms=None,
                left=3, url="http://10.0.4.7/", join_url=f"http://10.0.4.7/j/{CODE}", base_url="http://10.0.4.7/v1",
                name_url="", fingerprint="", models=("olmo",), joined=2, seats=30, ends_ms=1, now_ms=1,
                first_word_ms=None,
            ),
        ),
        (
            "class.seats",
            ClassSeats(
                id="nlp-3", state="open", mode="open",
                message=f"Hi Amira, TOVE, zoë d'arblay-núñez! {CODE.lower()} or {CODE.replace('-', '')}.",
                now_ms=1, ends_ms=1, taken=6, seats=seats, first_word_ms=None,
            ),
        ),
        (
            "class.report",
            ClassReport(
                id="nlp-3", title="NLP 3 of Dr. Ingrid Solheim", project="nlp-3", mode="open", state="over",
                starts_ms=None, opened_ms=None, ends_ms=1, models=("olmo",), frozen=(), seed=None, rows=rows,
                csv='given,name\n4711007,Amira Khan\n2,"Lindqvist, Tove"\n',
            ),
        ),
        (
            "key.list",
            KeyList(
                keys=(
                    KeySummary(
                        id="key_01", name="sekret-label", last4="9xYz", project="nlp-3", person="a.khan",
                        state="active", created_ms=0, expires_ms=None, revoked_ms=None, requests_per_minute=0,
                        tokens_per_minute=0, requests_per_day=0, running=0, canary=False,
                    ),
                )
            ),
        ),
        (
            "log.read",
            LogLines(
                lines=(
                    json.dumps({"ts": "2026-11-22T10:42:07Z", "event": "seat_keys", "who": "a.khan"}),
                    json.dumps({"name": "Zoë D'Arblay-Núñez", "login": "zda", "from": "10.0.4.31"}),
                    json.dumps({"event": "mail", "to": "ingrid@elsewhere.example", "seen": "2001:db8::17"}),
                    f"torn line of Zo\\u00eb at /home/akhan/notes with {KEY}, /home/lsolheim/x",
                    "Nu\u0301n\u0303ez%20and%20Amira%20Khan from 10.0.4.31",
                    "王小明さん waits for Will May",
                )
            ),
        ),
        (
            "inbox",
            Inbox(
                rows=(
                    InboxRow(
                        kind="application", id="app_1", urgency="now", since_ms=1, action="access.show",
                        text="a.khan (Khan, Amira) asks for llama-3.1-8b; write to amira.khan@uni.example.",
                        person="a.khan",
                    ),
                ),
                left_out=0,
            ),
        ),
    ]  # fmt: skip


@pytest.fixture
def recording(tmp_path: Path) -> str:
    """All lines of a recording of the corpus."""
    tape = Tape(tmp_path / "r.gz", "lab-01", NOW_MS)
    tape.learn(PersonList(people=tuple(person(*one) for one in PEOPLE)))
    for n, (action, result) in enumerate(corpus()):
        tape.tell(action, {"name": "nlp-3", "person": "a.khan"}, result, NOW_MS + n)
    tape.tell("person.list", {}, PersonList(people=tuple(person(*one) for one in PEOPLE)), NOW_MS + 100)
    tape.close()
    return gzip.decompress((tmp_path / "r.gz").read_bytes()).decode()


@pytest.mark.parametrize("original", ORIGINALS)
def test_nothing_of_anybody_is_in_the_file(recording: str, original: str) -> None:
    assert original.lower() not in recording.lower()


def test_what_is_nobodys_is_there_as_it_was(recording: str) -> None:
    for kept in (
        "nlp-3",
        "olmo",
        "llama-3.1-8b",
        "10.0.4.7",
        "uid 0",
        "key_01",
        "seat_keys",
        "req_3ab04c1190",
    ):
        assert kept in recording


def test_somebody_is_the_same_number_wherever_they_are_named(recording: str) -> None:
    told = {}
    for line in map(json.loads, recording.splitlines()):
        if line["is"] == "told":
            told[line["number"]] = line["set"]
    people = next(one["people"] for one in told.values() if "people" in one)
    seats = next(
        one["seats"]
        for one in told.values()
        if "seats" in one and "taken" in one and "first_word_ms" in one and "message" in one
    )
    assert [one["id"] for one in people] == [one["person"] for one in seats]
    assert [one["name"] for one in people] == [one["name"] for one in seats]
    assert all(one["id"] == one["name"] == one["login"] for one in people)
    assert len({one["id"] for one in people}) == len(PEOPLE)


def test_every_result_can_still_be_read_as_its_type() -> None:
    redactor = Redactor()
    for _, result in corpus():
        kept = redactor.redacted(msgspec.to_builtins(result))
        assert type(msgspec.convert(kept, type(result))) is type(result)


def test_words_of_a_closed_list_stay_although_somebody_is_called_so() -> None:
    redactor = Redactor()
    redactor.learn({"person": "ready", "name": "Open Ready"})
    assert redactor.redacted({"state": "ready", "kind": "open", "text": "Open Ready waits"}) == {
        "state": "ready",
        "kind": "open",
        "text": "person-1 waits",
    }


def test_a_name_that_is_also_a_word_is_replaced_with_a_capital_only() -> None:
    redactor = Redactor()
    redactor.learn({"person": "wmay", "name": "Will May"})
    assert redactor.text("It will wait until Will comes.") == "It will wait until person-1 comes."


def test_initials_are_not_words() -> None:
    redactor = Redactor()
    kept = redactor.redacted(
        {"person": "o.king", "name": "Olga King", "initials": "OK", "trouble": "OK since 10:42:07"}
    )
    assert kept == {
        "person": "person-1",
        "name": "person-1",
        "initials": "P1",
        "trouble": "OK since 10:42:07",
    }


def test_two_of_the_same_name_stay_two() -> None:
    redactor = Redactor()
    people = [{"person": "li1", "name": "Li Wei"}, {"person": "li2", "name": "Li Wei"}]
    assert redactor.redacted(people) == [
        {"person": "person-1", "name": "person-1"},
        {"person": "person-2", "name": "person-2"},
    ]


def test_an_operator_by_number_and_a_key_of_nobody_are_nobodys() -> None:
    redactor = Redactor()
    told = {"actor": "uid 1000", "holder": "key_90ab", "decided_by": "a.khan (self)", "project": "default"}
    assert redactor.redacted(told) == {**told, "decided_by": "person-1 (self)"}


def test_addresses_of_the_box_itself_stay_and_those_of_others_go() -> None:
    redactor = Redactor()
    redactor.learn({"url": "http://10.0.4.7:7411/v1"})
    assert redactor.text("10.0.4.9 asked 10.0.4.7 at ::1, 127.0.0.1, fe80::1, version 0.10.0") == (
        "address-1 asked 10.0.4.7 at ::1, 127.0.0.1, address-2, version 0.10.0"
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_replaced_too(name: str) -> None:
    redactor = Redactor()
    kept = redactor.redacted({"person": "p1", "name": name, "part": "member"})
    assert kept == {"person": "person-1", "name": "person-1", "part": "member"}


def test_what_is_too_deep_is_left_out() -> None:
    value: object = "Amira"
    for _ in range(200):
        value = [value]
    assert "Amira" not in json.dumps(Redactor().redacted({"person": "Amira", "x": value}))


def test_two_thousand_people_cost_no_more_than_their_words() -> None:
    redactor = Redactor()
    redactor.learn(
        [{"person": f"p{n:04}", "name": f"Given{n} Family{n}", "login": f"u{n}"} for n in range(2000)]
    )
    text = "Given7 Family7 and u1999 wait for Given12. " * 200
    assert "Given" not in redactor.text(text)
    assert redactor.text(text).startswith("person-8 and person-2000 wait for person-13.")
