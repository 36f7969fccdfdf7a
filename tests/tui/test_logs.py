"""LOGS: the log is followed and narrowed, what waits is decided, a request is found by its id."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from appliance.domain.results import Inbox, InboxRow, IncidentList, LogLines
from appliance.errors import BadRequest, NotAllowed, NotFound
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes.lab import HEAD
from tests.tui.scenes.logs import ANSWERS, INCIDENTS, LINES, REFUSED, incident, line
from tui.app import CarrelApp
from tui.logs.log import Log
from tui.logs.records import fitting, records_of, row_of, wrapped
from tui.logs.refusals import in_plain_words, request_id_in
from tui.logs.requests import RequestDialog
from tui.logs.saving import SaveDialog, save
from tui.logs.sections import Section
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.recording.standard import STANDARD

pytestmark = pytest.mark.slow


@asynccontextmanager
async def logs(
    box: FakeBox | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], FakeBox]]:
    box = box or FakeBox(*HEAD, *ANSWERS)
    app = CarrelApp(box)
    async with app.run_test(size=size) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: bool(table(pilot).rows) or table(pilot)._empty != "Nothing is known yet.")
        yield pilot, box


async def until(pilot: Pilot[None], holds) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await pilot.pause(0.02)


def section(pilot: Pilot[None]) -> Section:
    return pilot.app.present.section


def table(pilot: Pilot[None]) -> Rows:
    return section(pilot).table


def says(pilot: Pilot[None]) -> str:
    return section(pilot).query_one(".says", Lines).plain


def shown(pilot: Pilot[None]) -> list[str]:
    return [" ".join(cell.text for cell in row.cells) for row in table(pilot).rows]


async def test_the_log_follows_what_comes_until_somebody_goes_up() -> None:
    async with logs() as (pilot, box):
        assert table(pilot).chosen.key == LINES[-1]
        box.put("log.read", LogLines(lines=(*LINES, line("10:43:00", "info", "came"))))
        await until(pilot, lambda: "came" in table(pilot).chosen.key)
        await pilot.press("up")
        box.put(
            "log.read",
            LogLines(lines=(*LINES, line("10:43:00", "info", "came"), line("10:43:01", "info", "more"))),
        )
        await until(pilot, lambda: "STANDS (1 newer)" in says(pilot))
        assert not any("more" in one for one in shown(pilot))
        await pilot.press("f")
        assert "FOLLOWS" in says(pilot)
        assert "more" in table(pilot).chosen.key


async def test_levels_are_asked_for_and_left_out_at_once() -> None:
    async with logs() as (pilot, box):
        await pilot.press("v")
        assert not any("INFO" in one for one in shown(pilot))
        await until(pilot, lambda: any(("level", "warning") in one.arguments for one in box.watched[-1]))
        await pilot.press("v")
        assert len(shown(pilot)) == 1
        assert "worker_broke" in shown(pilot)[0]


async def test_models_are_gone_round() -> None:
    async with logs() as (pilot, _box):
        await pilot.press("m")
        assert shown(pilot)
        assert all("olmo-2-7b" in one for one in shown(pilot))
        await pilot.press("m")
        assert all("qwen3-8b" in one for one in shown(pilot))
        await pilot.press("m")
        assert len(shown(pilot)) == 17


async def test_words_are_looked_for_in_all_of_the_log() -> None:
    async with logs() as (pilot, box):
        await pilot.press("slash", *"broke", "enter")
        await until(pilot, lambda: any(("text", "broke") in one.arguments for one in box.watched[-1]))
        await until(pilot, lambda: len(shown(pilot)) == 1)
        await pilot.press("escape")
        await until(pilot, lambda: len(shown(pilot)) == 17)


async def test_long_lines_are_wrapped_within_the_table() -> None:
    async with logs() as (pilot, _box):
        before = len(shown(pilot))
        await pilot.press("w")
        assert len(shown(pilot)) > before
        assert all(len(row.cells[-1].text) <= 40 for row in table(pilot).rows)
        assert table(pilot).chosen.key.startswith(LINES[-1])


async def test_the_time_is_shown_three_ways() -> None:
    async with logs() as (pilot, _box):
        assert "10:42:00" in shown(pilot)[-1]
        assert "2026" not in shown(pilot)[-1]
        await pilot.press("t")
        assert "2026-11-22 10:42:00" in shown(pilot)[-1]
        await pilot.press("t")
        assert "10:42:00" not in shown(pilot)[-1]


async def test_a_thousand_lines_are_asked_for_and_drawn() -> None:
    box = FakeBox(*HEAD, *ANSWERS)
    many = tuple(line("10:00:00", "info", "tick", n=n, text="x" * 500) for n in range(1000))
    box.put("log.read", LogLines(lines=many), lines=1000)
    async with logs(box) as (pilot, _):
        await pilot.press("o")
        await until(pilot, lambda: len(shown(pilot)) == 1000)
        await pilot.press("w")
        assert len(shown(pilot)) > 10_000


async def test_marked_lines_are_saved_for_their_owner_alone(tmp_path: Path) -> None:
    async with logs() as (pilot, _box):
        await pilot.press("up", "space", "space", "e")
        assert isinstance(pilot.app.screen, SaveDialog)
        target = tmp_path / "kept.jsonl"
        pilot.app.screen.query_one(Input).value = str(target)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, SaveDialog))
        assert target.read_text() == f"{LINES[-2]}\n{LINES[-1]}\n"
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


async def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (there, tmp_path / "link", tmp_path / "no" / "folder", tmp_path / "\0"):
        with pytest.raises(BadRequest):
            save(path, ["x"])
    assert there.read_text() == "kept"
    assert not (tmp_path / "elsewhere").exists()


async def test_a_request_is_shown_by_the_id_in_what_was_pasted() -> None:
    async with logs() as (pilot, box):
        await pilot.press("g")
        field = pilot.app.screen.query_one("#request", Input)
        field.value = f"Error 429: Your seat has used its tokens. (request id: {REFUSED}) "
        await pilot.press("enter")
        found = pilot.app.screen.query_one("#found", Lines)
        await until(pilot, lambda: "REFUSED" in found.plain)
        assert "The budget is used up" in found.plain
        assert "seat-19 in nlp-3 with key_77de" in found.plain
        assert box.runs[-1] == ("request.show", {"id": REFUSED})


async def test_the_request_under_the_cursor_is_looked_for_at_once() -> None:
    async with logs() as (pilot, box):
        await pilot.press("g")
        await until(pilot, lambda: ("request.show", {"id": REFUSED}) in box.runs)


async def test_a_request_that_nobody_knows_is_answered_in_the_dialog() -> None:
    box = FakeBox(*HEAD, *ANSWERS)
    box.put("request.show", NotFound("Nothing is known of it."), id="req_00000000")
    async with logs(box) as (pilot, _):
        await pilot.press("shift+tab", "g", *"req_00000000", "enter")
        await until(pilot, lambda: "Nothing is known" in pilot.app.screen.query_one("#found", Lines).plain)
        assert isinstance(pilot.app.screen, RequestDialog)


async def test_sections_are_gone_round_and_only_the_one_on_view_is_followed() -> None:
    async with logs() as (pilot, box):
        names = []
        for _ in range(5):
            names.append(section(pilot).NAME)
            assert any(one.action == section(pilot).ACTION for one in box.watched[-1])
            await pilot.press("tab")
            await until(pilot, lambda: bool(shown(pilot)))
        assert names == ["log", "incidents", "samples", "reports", "audit"]
        assert section(pilot).NAME == "log"


async def test_what_waits_is_counted_in_the_bar() -> None:
    row = InboxRow(kind="appeal", id="inc_02", text="x", since_ms=1, urgency="now", action="incident.show")
    box = FakeBox(*HEAD, *ANSWERS)
    box.put("inbox", Inbox(rows=(row,), left_out=0))
    async with logs(box) as (pilot, _):
        bar = pilot.app.present.query_one("#bar", Lines)
        await until(pilot, lambda: "Incidents 1" in bar.plain)


async def test_deciding_begins_with_the_incident_that_is_chosen() -> None:
    async with logs() as (pilot, _box):
        await pilot.press("tab")
        await until(pilot, lambda: bool(shown(pilot)))
        screen = pilot.app.present
        key = next(one for one in screen.KEYS if one.action == "incident.decide")
        deed = screen.deed(key)
        assert (deed.action, deed.arguments, deed.form) == ("incident.decide", {"id": "inc_01"}, True)
        assert ("a", "decide") in screen.shown_keys
        assert screen.copied_command() == "carrel incident show inc_01"


async def test_views_of_incidents_leave_out_the_others() -> None:
    async with logs() as (pilot, box):
        await pilot.press("tab", "v", "v")
        await until(pilot, lambda: any(("state", "appealed") in one.arguments for one in box.watched[-1]))
        await until(pilot, lambda: [one.key for one in table(pilot).rows] == ["inc_02"])
        assert "appealed: 1" in says(pilot)


async def test_who_may_not_review_is_told_so_in_the_table() -> None:
    box = FakeBox(*HEAD, *ANSWERS)
    box.put("incident.list", NotAllowed("Only reviewers may see incidents."))
    async with logs(box) as (pilot, _):
        await pilot.press("tab")
        await until(pilot, lambda: table(pilot)._empty == "Only reviewers may see incidents.")


async def test_a_wide_terminal_shows_the_chosen_row_beside_the_table() -> None:
    async with logs(size=(120, 36)) as (pilot, _box):
        await pilot.press("tab")
        await pilot.pause(0.3)
        await pilot.press("down")
        await until(pilot, lambda: "nightly evaluation" in section(pilot).query_one(".aside", Lines).plain)
        assert section(pilot).query_one(".aside", Lines).display


@pytest.mark.parametrize("size", [(60, 15), (40, 10)])
async def test_small_terminals_show_every_section(size: tuple[int, int]) -> None:
    async with logs(size=size) as (pilot, _box):
        for _ in range(5):
            await pilot.press("tab", "down", "w", "g", "escape")
        await pilot.pause(0.3)


async def test_what_others_wrote_is_shown_as_text() -> None:
    lines = tuple(
        json.dumps({"event": one, "level": one, "model": one, "ts": one, one: one}) for one in HOSTILE
    )
    box = FakeBox(*HEAD, *ANSWERS)
    box.put("log.read", LogLines(lines=(*lines, *HOSTILE, "[" * 3000, "{" * 3000)))
    rows = tuple(
        incident(f"i{n}", one, one, one, state=one, level=one, appeal=one) for n, one in enumerate(HOSTILE)
    )
    box.put("incident.list", IncidentList(incidents=rows))
    async with logs(box, (120, 36)) as (pilot, _):
        for key in ("w", "t", "m", "enter", "escape", "tab", "down", "down", "v", "shift+tab"):
            await pilot.press(key)
        await pilot.pause(0.3)
        screen = "\n".join(
            "".join(part.text for part in strip) for strip in pilot.app.screen._compositor.render_strips()
        )
        assert not {"\x1b", "\x07", "\u202e"} & set(screen)


def test_lines_that_are_the_same_have_keys_of_their_own() -> None:
    records = records_of(["a", "a", "b"])
    assert len({one.key for one in records}) == 3
    again = records_of(["a", "a"], {one.key: one for one in records})
    assert all(one is other for one, other in zip(again, records, strict=False))


def test_a_line_that_is_no_record_is_never_hidden_by_its_level() -> None:
    assert len(fitting(records_of(["torn {", LINES[0]]), "error", "")) == 1


def test_wrapped_rows_divide_no_id_that_one_of_them_has_room_for() -> None:
    row = row_of(records_of(["code=quota request_id=req_7c19 next=wait"])[0], marked=False, full_time=False)
    assert [one.cells[-1].text for one in wrapped(row, 20)] == [
        "code=quota",
        "request_id=req_7c19",
        "next=wait",
    ]


def test_wrapped_rows_hold_all_of_the_text_and_are_bounded() -> None:
    row = row_of(records_of(["word " * 100])[0], marked=False, full_time=False)
    pieces = wrapped(row, 20)
    assert " ".join(one.cells[-1].text for one in pieces).split() == ["word"] * 100
    assert len(wrapped(row_of(records_of(["x" * 100_000])[0], marked=False, full_time=False), 20)) <= 40


@pytest.mark.parametrize(
    ("pasted", "id"),
    [
        (f"  {REFUSED}\n", REFUSED),
        (f'{{"error": {{"request_id": "{REFUSED}"}}}}', REFUSED),
        ("something", "something"),
        ("", ""),
        ("x" * 500, "x" * 80),
    ],
)
def test_ids_are_found_in_what_was_pasted(pasted: str, id: str) -> None:
    assert request_id_in(pasted) == id


def test_every_refusal_has_plain_words() -> None:
    assert "key" in in_plain_words("invalid_api_key", 401)
    assert in_plain_words("from_the_future", 418) == "Something in the request was not right."
    assert in_plain_words("internal", 500) == "Something in the box was not right."
    assert in_plain_words("", 0)


def test_the_log_is_among_what_a_recorder_follows() -> None:
    assert {"log.read", "incident.list", "sample.list", "report.list", "audit.list"} <= {
        one.action for one in STANDARD
    }


def test_incidents_of_the_scene_are_of_every_state() -> None:
    assert {one.state for one in INCIDENTS} == {"open", "appealed", "reviewed", "expired"}
    assert Log.ACTION == "log.read"
