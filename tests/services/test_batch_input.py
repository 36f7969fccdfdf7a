"""Every way in which a file of lines can be wrong fails the batch with the line and the reason."""

import json
from dataclasses import replace

import pytest

from appliance.errors import NotPermitted
from appliance.services.batches import lines as line_reading
from appliance.services.batches.checking import MOST_FAULTS, MOST_LINES, Checker
from appliance.services.batches.lines import RawLine, lines_of
from tests.services.overnight_fakes import ADA, MemoryShelf, OvernightBox


def line(**changes: object) -> bytes:
    whole = {"custom_id": "c", "method": "POST", "url": "/v1/echo", "body": {"say": "x"}, **changes}
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


def faults_of(*texts: bytes):
    checker = Checker("/v1/echo")
    for number, text in enumerate(texts, 1):
        checker.look(RawLine(number, text))
    checker.end()
    return checker.faults


def test_lines_that_are_well_have_no_faults():
    assert faults_of(line(custom_id="a"), line(custom_id="b", more="ignored")) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"{", "invalid_json_line"),
        (b"[]", "invalid_json_line"),
        (b"null", "invalid_json_line"),
        (b"\xff\xfe", "invalid_json_line"),
        (b'{"custom_id": "\xff"}', "invalid_json_line"),
        (b"[" * 100_000, "invalid_json_line"),
        (b'{"body":' * 50_000, "invalid_json_line"),
        (b'{"custom_id":"a","method":"POST","url":"/v1/echo","body":' + b"[" * 9000, "invalid_json_line"),
        (line(custom_id=None), "invalid_json_line"),
        (line(custom_id=""), "invalid_json_line"),
        (line(custom_id=7), "invalid_json_line"),
        (line(custom_id="x" * 257), "invalid_json_line"),
        (line(method="GET"), "invalid_json_line"),
        (line(url=None), "invalid_json_line"),
        (line(url="/v1/other"), "invalid_url"),
        (line(url="http://127.0.0.1/v1/echo"), "invalid_url"),
        (line(body=None), "invalid_json_line"),
        (line(body=[]), "invalid_body"),
        (line(body="text"), "invalid_body"),
    ],
)
def test_a_hostile_line_is_named_with_its_number(text, code):
    (fault,) = faults_of(line(custom_id="fine"), text)
    assert (fault.code, fault.line) == (code, 2)
    assert fault.message.endswith(".")


def test_what_a_fault_says_quotes_nothing_of_the_line():
    (fault,) = faults_of(line(custom_id="fine"), line(method="s3cr3t", url="s3cr3t"))
    assert "s3cr3t" not in fault.message


def test_two_lines_of_one_name_are_a_fault():
    (fault,) = faults_of(line(), line())
    assert (fault.code, fault.line, fault.param) == ("duplicate_custom_id", 2, "custom_id")


def test_a_file_without_lines_is_a_fault():
    assert [fault.code for fault in faults_of()] == ["empty_file"]


def test_more_lines_than_a_batch_may_have_are_a_fault():
    checker = Checker("/v1/echo")
    for number in range(1, MOST_LINES + 2):
        checker.look(RawLine(number, line(custom_id=str(number))))
    assert [fault.code for fault in checker.faults] == ["too_many_tasks"]
    assert checker.enough


def test_faults_are_told_up_to_a_number():
    checker = Checker("/v1/echo")
    for number in range(1, 500):
        checker.look(RawLine(number, b"?"))
        if checker.enough:
            break
    assert len(checker.faults) == number == MOST_FAULTS


async def read(content: bytes, most_bytes: int = 100) -> list[tuple[int, bytes | None]]:
    shelf = MemoryShelf({"f": content})
    return [(one.number, one.text) async for one in lines_of(shelf, "f", most_bytes)]


async def test_blank_lines_are_counted_and_not_read():
    assert await read(b"a\n\n  \nb\r\n\nc") == [(1, b"a"), (4, b"b\r"), (6, b"c")]


async def test_lines_are_whole_wherever_they_were_cut_in_reading(monkeypatch):
    monkeypatch.setattr(line_reading, "READ_BYTES", 3)
    assert await read(b"abcdefg\nhi\n") == [(1, b"abcdefg"), (2, b"hi")]


async def test_a_line_without_end_is_not_read_into_memory():
    shelf = MemoryShelf({"f": b"x" * 10_000_000})
    reads = []
    read_once = shelf.read

    async def counted(*where):
        reads.append(where)
        return await read_once(*where)

    shelf.read = counted
    assert [one.text async for one in lines_of(shelf, "f", 50_000)] == [None]
    assert len(reads) == 2


async def test_a_batch_of_wrong_lines_fails_before_anything_is_computed():
    nights = OvernightBox()
    batch = await nights.batch(line() + b"\n" + line() + b"\n?")
    over = await nights.batches.status(batch.id, "failed")
    assert [fault.line for fault in over.faults] == [2, 3]
    assert nights.box.runs == []
    assert over.ended_ms is not None
    await nights.service.close()


async def test_a_line_longer_than_a_request_fails_the_batch():
    nights = OvernightBox(most_line_bytes=200)
    batch = await nights.batch(line() + b"\n" + line(custom_id="d", body={"say": "x" * 300}))
    over = await nights.batches.status(batch.id, "failed")
    assert [fault.code for fault in over.faults] == ["line_too_long"]
    await nights.service.close()


class Campus:
    """Lets one model be asked from one address only, and notes what it was asked."""

    def __init__(self):
        self.asked = []

    def check(self, caller, model):
        self.asked.append((caller.address, model))
        if model == "inner" and caller.address != "10.0.0.5":
            raise NotPermitted("Requests for it come from the campus.", rule="restriction")


def asking(*models: str) -> bytes:
    bodies = [{"say": "x", "model": model} if model else {"say": "x"} for model in models]
    return b"\n".join(line(custom_id=str(number), body=body) for number, body in enumerate(bodies))


async def test_a_batch_from_elsewhere_fails_with_the_line_whose_model_is_not_asked_from_there():
    campus = Campus()
    nights = OvernightBox(origins=campus)
    batch = await nights.batch(asking("open", "inner", "inner"), replace(ADA, address="192.168.0.5"))
    over = await nights.batches.status(batch.id, "failed")
    assert [(one.code, one.line, one.param) for one in over.faults] == [("not_permitted", 2, "model")]
    assert campus.asked == [("192.168.0.5", "open"), ("192.168.0.5", "inner")]
    await nights.service.close()


async def test_a_batch_from_the_right_place_is_worked_on_though_its_lines_come_from_nowhere():
    nights = OvernightBox(origins=Campus())
    batch = await nights.batch(asking("inner", ""), replace(ADA, address="10.0.0.5"))
    over = await nights.batches.status(batch.id, "completed")
    assert over.counts.completed == 2
    await nights.service.close()


async def test_a_batch_that_nobody_knows_the_place_of_any_more_is_from_elsewhere():
    nights = OvernightBox(origins=Campus())
    batch = await nights.batch(asking("inner"), replace(ADA, address=""))
    assert (await nights.batches.status(batch.id, "failed")).faults[0].line == 1
    await nights.service.close()
