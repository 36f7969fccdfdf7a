"""Files for fields: found by their path or looked for, never larger than what they are for."""

import pytest

from tests.tui.fake_box import FakeBox
from tests.tui.scenes.acting import ANSWERS, fill_home
from tests.tui.scenes.lab import HEAD
from tui.acting.folders import completed, folder_at, short
from tui.acting.form import Form
from tui.acting.inputs import Line
from tui.acting.picker import FilePicker
from tui.acting.shown import SaveAs, Shown
from tui.app import CarrelApp
from tui.commands import NoCommands
from tui.deeds import Deed
from tui.parts.lines import Lines
from tui.parts.rows import Rows

pytestmark = pytest.mark.slow


async def until(pilot, holds) -> None:
    """Waits for what must come."""
    for _ in range(200):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("it did not come")


def test_folders_come_before_files_and_hidden_ones_not_at_all(tmp_path):
    fill_home(tmp_path)
    (tmp_path / ".secret").write_text("x")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert [one.name for one in folder_at(str(tmp_path)).entries] == [
        *("Desktop", "handouts", "stick", "gone", "lecture.mp4", "roster-old.csv", "roster.csv")
    ]


def test_a_folder_that_cannot_be_read_says_why(tmp_path):
    assert folder_at(str(tmp_path / "nowhere")).trouble
    assert folder_at("a\x00b").trouble


def test_a_path_goes_on_with_what_is_there(tmp_path, monkeypatch):
    fill_home(tmp_path)
    (tmp_path / "z\x1bevil").write_text("x")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert completed("~/roster.") == "~/roster.csv"
    assert completed(f"{tmp_path}/hand") == f"{tmp_path}/handouts/"
    assert completed("~/z") is None
    assert completed("roster") is None
    assert short(f"{tmp_path}/a") == "~/a"
    assert short("/etc") == "/etc"


async def test_a_file_is_picked_from_the_home_folder_and_read_here(tmp_path, monkeypatch):
    fill_home(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    box = FakeBox(*HEAD, *ANSWERS)
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("person.import", {"project": "nlp-3"}))
        await until(pilot, lambda: isinstance(app.focused, Line))
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, FilePicker))
        await until(pilot, lambda: len(app.screen.query_one("#entries", Rows).rows) > 1)
        assert app.screen.query_one("#at", Lines).plain == "~"
        app.screen.query_one("#entries", Rows).choose(str(tmp_path / "lecture.mp4"))
        await pilot.press("enter")
        assert "larger than" in app.screen.query_one("#at", Lines).plain
        app.screen.query_one("#entries", Rows).choose(str(tmp_path / "roster.csv"))
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert isinstance(app.screen, Form)
        assert f"carrel person import --project nlp-3 {tmp_path}/roster.csv" in app.screen.query_one(
            "#command", Lines
        ).plain.replace("\n", " ")
        await pilot.press("enter")
        await until(pilot, lambda: "person.import" in dict(box.runs))
    ran = dict(box.runs)["person.import"]
    assert ran["file"] == (tmp_path / "roster.csv").read_text()
    assert ran["project"] == "nlp-3"


async def test_a_file_that_is_not_there_is_told_at_its_field(tmp_path):
    app = CarrelApp(FakeBox(*HEAD, *ANSWERS))
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("person.import", {"project": "nlp-3"}))
        await pilot.pause(0.1)
        await pilot.press(*"nowhere", "enter")
        await pilot.pause(0.1)
        assert isinstance(app.screen, Form)
        assert "cannot be read" in app.screen._rows["file"].query_one(".wrong", Lines).plain


class Writing(NoCommands):
    """Makes a file of lists of models."""

    def writer(self, action):
        return (lambda _result: (b"models", "All models are in")) if action.name == "model.list" else None


async def test_a_result_is_written_once_and_for_its_owner(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    box = FakeBox(*HEAD, *ANSWERS)
    box.put("model.list", next(one[2] for one in ANSWERS if one[0] == "model.list"))
    app = CarrelApp(box, Writing())
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("model.list"))
        await pilot.pause(0.1)
        await pilot.press("s")
        assert isinstance(app.screen, SaveAs)
        await pilot.press(*"list", "enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Shown)
        assert (tmp_path / "list").read_bytes() == b"models"
        assert (tmp_path / "list").stat().st_mode & 0o777 == 0o600
        await pilot.press("s", *"list", "enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, SaveAs)
        assert "is there already" in app.screen.query_one("#wrong", Lines).plain
