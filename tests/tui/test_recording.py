"""What a box says is written while somebody looks, and can be read whatever becomes of who wrote it."""

import asyncio
import gzip
import os
import stat
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from appliance.domain.actions import ACTIONS
from appliance.domain.actions import action as action_of
from appliance.domain.results import LogLines, OfflineState, PersonList
from appliance.domain.watching import Topic
from appliance.errors import BadRequest, GatewayNotRunning, NotAllowed
from tests.tui.fake_box import NOW_MS, FakeBox
from tests.tui.scenes.lab import HEAD, answers
from tests.tui.scenes.logs import ANSWERS
from tui.app import CarrelApp
from tui.recording.format import MOST_BYTES, Beat, Header, Line, Stream, Told
from tui.recording.reading import Recording
from tui.recording.recorder import Recorder
from tui.recording.standard import STANDARD, is_kept
from tui.recording.tape import WHOLE_EVERY_MS, Tape
from tui.recording.unpacking import lines_of

LOG = Topic("log.read", (("level", "debug"), ("lines", 200)), 2000)


class Aging(FakeBox):
    """Whose time goes on when a test says so."""

    time_ms = NOW_MS

    def now_ms(self) -> int:
        return self.time_ms


def a_box() -> Aging:
    return Aging(("person.list", {}, PersonList(people=())), *HEAD, *ANSWERS)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


def told(path: Path) -> list[Line]:
    return [msgspec.json.decode(one, type=Line) for one in lines_of(path) if one]


def actions_in(path: Path) -> set[str]:
    return {one.action for one in told(path) if isinstance(one, Stream)}


async def look(box: Recorder, *topics: Topic) -> AsyncIterator[object]:
    async with aclosing(box.watch(topics)) as seen:
        async for one in seen:
            yield one


async def test_all_screens_are_recorded_although_one_is_looked_at(tmp_path: Path) -> None:
    recorder = Recorder(a_box(), tmp_path / "r.gz")
    async with aclosing(look(recorder, Topic("status"))) as seen:
        await anext(seen)
        await until(lambda: {one.action for one in STANDARD} <= _flushed(recorder, tmp_path / "r.gz"))
    await recorder.close()
    assert Recording.read(tmp_path / "r.gz").find("audit.list", {"limit": 200}) is not None


def _flushed(recorder: Recorder, path: Path) -> set[str]:
    recorder._tape.flush()
    return actions_in(path)


async def test_nothing_is_written_before_the_box_said_who_there_is(tmp_path: Path) -> None:
    box = a_box()
    asked = asyncio.Event()

    async def run(action: str, arguments: object, first: object = box.run) -> msgspec.Struct:
        if action == "person.list":
            await asked.wait()
        return await first(action, arguments)

    box.run = run
    recorder = Recorder(box, tmp_path / "r.gz", [LOG])
    async with aclosing(look(recorder, LOG)) as seen:
        await anext(seen)
        assert _flushed(recorder, tmp_path / "r.gz") == set()
        asked.set()
        await until(lambda: "log.read" in _flushed(recorder, tmp_path / "r.gz"))
    await recorder.close()


async def test_who_may_not_list_people_records_all_the_same(tmp_path: Path) -> None:
    box = a_box()
    box.put("person.list", NotAllowed("No."))
    recorder = Recorder(box, tmp_path / "r.gz", [LOG])
    async with aclosing(look(recorder, LOG)) as seen:
        await anext(seen)
        await until(lambda: "log.read" in _flushed(recorder, tmp_path / "r.gz"))
    await recorder.close()


async def test_a_killed_recorder_leaves_what_was_flushed(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "r.gz", "lab-01", NOW_MS)
    tape.tell("log.read", {}, LogLines(lines=("one",)), NOW_MS + 5)
    tape.flush()
    tape.tell("log.read", {}, LogLines(lines=("lost",)), NOW_MS + 10)
    copied = tmp_path / "copied.gz"
    copied.write_bytes((tmp_path / "r.gz").read_bytes())
    tape.close()
    found = Recording.read(copied).find("log.read", {})
    assert found is not None
    assert found.answer(found.index(10**9)) == LogLines(lines=("one",))


@pytest.mark.parametrize("cut", [1, 7, 20])
def test_a_torn_end_takes_only_the_end(tmp_path: Path, cut: int) -> None:
    tape = Tape(tmp_path / "r.gz", "lab-01", NOW_MS)
    for n in range(50):
        tape.tell("log.read", {}, LogLines(lines=(f"line {n} {os.urandom(50).hex()}",)), NOW_MS + n)
        tape.flush()
    tape.close()
    whole = (tmp_path / "r.gz").read_bytes()
    (tmp_path / "torn.gz").write_bytes(whole[:-cut])
    assert Recording.read(tmp_path / "torn.gz").length_ms >= 48


async def test_only_what_looks_is_kept_of_what_is_done(tmp_path: Path) -> None:
    box = a_box()
    box.put("incident.decide", ANSWERS[2][2])
    recorder = Recorder(box, tmp_path / "r.gz", [])
    await recorder.run("incident.show", {"id": "inc_01"})
    await recorder.run("incident.decide", {"id": "inc_01", "verdict": "clear", "reason": "x"})
    await until(lambda: "incident.show" in _flushed(recorder, tmp_path / "r.gz"))
    await recorder.close()
    assert actions_in(tmp_path / "r.gz") == {"incident.show"}


@pytest.mark.parametrize(
    "name", ["sample.fetch", "report.fetch", "key.new", "person.export", "report.reproduce", "ask"]
)
def test_what_is_shown_once_or_was_said_is_never_kept(name: str) -> None:
    assert not any(is_kept(one) for one in ACTIONS if one.name == name)


async def test_the_name_says_that_it_is_recorded(tmp_path: Path) -> None:
    recorder = Recorder(a_box(), tmp_path / "r.gz")
    assert recorder.name == "lab-01 [REC]"
    await recorder.close()


async def test_a_full_disk_ends_the_recording_and_not_the_viewer(tmp_path: Path) -> None:
    box = a_box()
    recorder = Recorder(box, tmp_path / "r.gz", [LOG])
    recorder._tape._file._file.close()
    recorder._tape._file._file = os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb", buffering=0)
    async with aclosing(look(recorder, LOG)) as seen:
        await anext(seen)
        await until(lambda: "NOT RECORDED" in recorder.name)
        box.put("log.read", LogLines(lines=("still here",)))
        assert (await anext(seen)).result == LogLines(lines=("still here",))  # type: ignore[attr-defined]
    await recorder.close()


async def test_a_box_that_is_gone_is_noted_and_found_again(tmp_path: Path) -> None:
    box = a_box()
    recorder = Recorder(box, tmp_path / "r.gz", [LOG])
    async with aclosing(look(recorder, LOG)) as seen:
        await anext(seen)
        await until(lambda: "log.read" in _flushed(recorder, tmp_path / "r.gz"))
        box.time_ms += 5000
        box.lose(GatewayNotRunning("No gateway runs here."))
        with pytest.raises(GatewayNotRunning):
            await anext(seen)
        await until(
            lambda: any(isinstance(one, Beat) and one.lost for one in _lines(recorder, tmp_path / "r.gz"))
        )
    await recorder.close()
    assert Recording.read(tmp_path / "r.gz").lost(5000) == "No gateway runs here."


def _lines(recorder: Recorder, path: Path) -> list[Line]:
    recorder._tape.flush()
    return told(path)


def test_a_recording_is_a_new_file_for_its_owner_alone(tmp_path: Path) -> None:
    Tape(tmp_path / "r.gz", "lab-01", NOW_MS).close()
    assert stat.S_IMODE((tmp_path / "r.gz").stat().st_mode) == 0o600
    with pytest.raises(BadRequest, match="there already"):
        Tape(tmp_path / "r.gz", "lab-01", NOW_MS)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(BadRequest):
        Tape(tmp_path / "link", "lab-01", NOW_MS)


def test_the_login_of_a_way_over_ssh_is_not_kept(tmp_path: Path) -> None:
    Tape(tmp_path / "r.gz", "mokafor@lab-01", NOW_MS).close()
    assert told(tmp_path / "r.gz")[0] == Header(version=1, box="lab-01", began_ms=NOW_MS)


def test_changes_are_written_and_the_whole_now_and_then(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "r.gz", "lab-01", NOW_MS)
    for n, at in enumerate((0, 10, 10, WHOLE_EVERY_MS + 10)):
        tape.tell("offline.show", {}, _offline(n if at else 0), NOW_MS + at)
    tape.close()
    lines = [one for one in told(tmp_path / "r.gz") if isinstance(one, Told)]
    assert [one.whole for one in lines] == [True, False, False, True]
    assert set(lines[1].set) == {"because"}


def _offline(n: int) -> OfflineState:
    known = {one.name: one.default for one in msgspec.structs.fields(OfflineState)}
    values = {"because": (f"reason {n}",)}
    for field in msgspec.structs.fields(OfflineState):
        if field.name not in values and known[field.name] is msgspec.NODEFAULT:
            values[field.name] = False if field.type is bool else () if "tuple" in str(field.type) else None
    return OfflineState(**values)


# ---- foreign files ----


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
    return path


HEADER = msgspec.json.encode(Header(version=1, box="x", began_ms=0))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"{}\n", mtime=0),
        gzip.compress(b"\xff\xfe\n", mtime=0),
        b"\x1f\x8b\x08",
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.gz").write_bytes(content)
    with pytest.raises(BadRequest):
        Recording.read(tmp_path / "r.gz")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(BadRequest):
            Recording.read(path)


def test_a_newer_version_is_told_so(tmp_path: Path) -> None:
    newer = msgspec.json.encode(Header(version=2, box="x", began_ms=0))
    with pytest.raises(BadRequest, match="newer version"):
        Recording.read(write(tmp_path / "r.gz", newer))


@pytest.mark.parametrize(
    "line",
    [
        b'{"is":"told","at":1,"number":7,"whole":true,"set":{}}',
        b'{"is":"stream","number":0,"action":"no.such"}',
        b'{"is":"stream","number":5000,"action":"status"}',
        b'{"is":"told","at":-1,"number":0}',
        b'{"is":"beat","at":1,"odd":1}',
        b"[" * 5000,
        b"\xff",
    ],
)
def test_lines_of_another_shape_are_never_believed(tmp_path: Path, line: bytes) -> None:
    made = Recording.read(write(tmp_path / "r.gz", HEADER, line))
    assert made.find("status", {}) is None


def test_an_answer_of_another_shape_is_an_error_of_that_answer(tmp_path: Path) -> None:
    stream = b'{"is":"stream","number":0,"action":"status"}'
    odd = b'{"is":"told","at":1,"number":0,"whole":true,"set":{"state":7}}'
    rows = b'{"is":"told","at":2,"number":0,"rows":{"models":{"length":99}}}'
    found = Recording.read(write(tmp_path / "r.gz", HEADER, stream, odd, rows)).find("status", {})
    assert found is not None
    for number in (0, 1):
        with pytest.raises(Exception, match="another version's words"):
            found.answer(number)


@pytest.mark.slow
def test_a_file_that_unpacks_to_more_than_a_recording_is_refused(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    line = b'{"is":"beat","at":1,"lost":"' + b"x" * 1900 + b'"}\n'
    block = line * (2**20 // len(line))
    with (tmp_path / "bomb.gz").open("wb") as file:
        file.write(packer.compress(HEADER + b"\n"))
        for _ in range(MOST_BYTES // len(block) + 2):
            file.write(packer.compress(block))
        file.write(packer.flush())
    assert (tmp_path / "bomb.gz").stat().st_size < 4 * 2**20
    with pytest.raises(BadRequest, match="larger than one can be"):
        for _ in lines_of(tmp_path / "bomb.gz"):
            pass


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    (tmp_path / "long.gz").write_bytes(gzip.compress(HEADER + b"\n" + b"x" * (9 * 2**20)))
    with pytest.raises(BadRequest, match="larger than one can be"):
        Recording.read(tmp_path / "long.gz")


@pytest.mark.slow
async def test_what_every_screen_asks_for_is_among_what_a_recorder_follows() -> None:
    box = FakeBox(*answers())
    app = CarrelApp(box)
    async with app.run_test(size=(120, 36)) as pilot:
        for key in "12345678":
            await pilot.press(key)
            for _ in range(5):
                await pilot.pause(0.3)
                await pilot.press("tab")
    followed = {_asked(one) for one in STANDARD}
    asked = {_asked(one) for topics in box.watched for one in topics}
    wider = {"log.read", "incident.list", "sample.list", "report.list", "audit.list"}
    missing = {one for one in asked - followed if one[0] not in wider | OF_A_ROW}
    assert not missing


OF_A_ROW = {
    *("model.show", "class.show", "class.seats", "class.projector", "budget.show", "key.list", "member.list"),
    *("person.show", "project.show", "license.show", "share.show", "class.report"),
}
"""Followed where a screen asked for them while it was recorded, or where they are of what runs."""


def _asked(topic: Topic) -> tuple[str, frozenset[tuple[str, object]]]:
    defaults = {one.name: one.default for one in action_of(topic.action).arguments}
    return topic.action, frozenset(one for one in topic.arguments if defaults.get(one[0]) != one[1])


async def test_a_class_that_is_held_is_followed_without_being_looked_at(tmp_path: Path) -> None:
    recorder = Recorder(FakeBox(*answers()), tmp_path / "r.gz")
    async with aclosing(look(recorder, Topic("status"))) as seen:
        await anext(seen)
        await until(lambda: {"class.show", "class.seats"} <= _flushed(recorder, tmp_path / "r.gz"))
    await recorder.close()


async def test_what_was_looked_at_once_is_followed_on(tmp_path: Path) -> None:
    box = a_box()
    recorder = Recorder(box, tmp_path / "r.gz", [])
    async with aclosing(look(recorder, Topic("audit.list", (("limit", 50),), 1000))) as seen:
        await anext(seen)
    await until(lambda: any(one[0].action == "audit.list" for one in box.watched[1:]))
    await recorder.close()
