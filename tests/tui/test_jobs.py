"""JOBS: progress that never goes backwards, the reason in words, and the keys that its state allows."""

import msgspec
import pytest

from appliance.domain.results import BatchList, DownloadList
from appliance.errors import NotFound
from tests.tui.hostile import HOSTILE
from tests.tui.noting import app_of_only, app_with
from tests.tui.scenes.jobs import BATCHES, DOWNLOADS, batch, download
from tests.tui.scenes.now import STATUS
from tui.jobs import batches, downloads

pytestmark = pytest.mark.slow

SIZES = [(120, 36), (80, 24), (60, 15), (40, 10)]
replace = msgspec.structs.replace


def listed(*found) -> DownloadList:
    return DownloadList(downloads=found)


async def opened(app, pilot):
    await pilot.press("3")
    await pilot.pause(0.3)
    return app.present


# ---- pure ----


def test_a_percentage_that_was_shown_is_never_shown_smaller():
    progress = downloads.Progress()
    first = download("dl-1", "m", "running", 5.0, 10.0)
    assert progress.take([first]) == {"dl-1": 50}
    assert progress.take([replace(first, percent=20)]) == {"dl-1": 50}
    assert progress.take([replace(first, percent=60)]) == {"dl-1": 60}
    assert progress.take([replace(first, id="dl-2", percent=0)]) == {"dl-2": 0}


def test_what_goes_on_comes_first_and_what_is_over_last():
    shuffled = DOWNLOADS[::-1]
    assert [one.state for one in downloads.in_order(shuffled)] == [
        "running",
        "waiting",
        "failed",
        "paused",
        "done",
        "cancelled",
    ]


def test_every_state_has_its_reason_in_words():
    for one in DOWNLOADS:
        assert downloads.why(one).text
    assert downloads.why(DOWNLOADS[2]).tone == "bad"
    assert downloads.why(DOWNLOADS[3]).text.startswith("It was paused by an operator")
    assert "another" in downloads.why(DOWNLOADS[1]).text.lower()


def test_what_was_given_up_shows_no_progress():
    rows = downloads.rows_of([DOWNLOADS[5]], {DOWNLOADS[5].id: 27}, ascii_only=True)
    assert [one.text for one in rows[0].cells[2:4]] == ["...........", "-"]


def test_a_batch_is_whole_only_when_it_is_over():
    assert batches.percent_of(batch("b", "p", "in_progress", (999, 1, 1000))) == 99
    assert batches.percent_of(batch("b", "p", "completed", (999, 1, 1000))) == 100
    assert batches.percent_of(batch("b", "p", "validating")) == 0


@pytest.mark.parametrize(
    ("state", "word"),
    [("in_progress", "running"), ("validating", "checking"), ("completed", "done"), ("expired", "expired")],
)
def test_states_of_batches_are_words_that_people_say(state, word):
    assert batches.word_of(batch("b", "p", state)) == word


# ---- on the screen ----


@pytest.mark.parametrize("size", SIZES)
async def test_downloads_batches_and_tasks_are_there_at_every_size(size):
    app = app_with()
    async with app.run_test(size=size) as pilot:
        await opened(app, pilot)
        assert app.column("downloads", 0)[0] == "qwen2.5-72b@q4"
        assert app.column("batches", 0)[0] == "m.silva"
        assert "verify olmo-2-7b" in app.said("tasks")
        assert app.table("downloads").size.height >= 3
        assert size[1] < 15 or app.table("batches").size.height >= 3


async def test_without_any_job_it_says_what_to_do():
    app = app_of_only(("download.list", {}, listed()), ("batch.list", {}, BatchList(batches=(), left_out=0)))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        assert "(0 of 0 go on)" in str(screen.query_one("#downloads-title").render())
        assert not screen.query_one("#tasks").display
        drawn = "".join(one.text for one in app.table("downloads").render_line(1))
        assert "No downloads: press 2" in drawn


async def test_the_screen_never_shows_less_than_it_showed():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        before = app.column("downloads", 3)[0]
        app.box.put(
            "download.list", listed(replace(DOWNLOADS[0], percent=7, verified_bytes=1), *DOWNLOADS[1:])
        )
        await pilot.pause(0.3)
        assert app.column("downloads", 3)[0] == before == "38 %"


ALLOWED = [
    (0, {"p": "pause", "x": "cancel"}, ["download.pause", "download.cancel"]),
    (2, {"p": "retry", "x": "cancel"}, ["download.resume", "download.cancel"]),
    (3, {"p": "resume", "x": "cancel"}, ["download.resume", "download.cancel"]),
    (4, {}, []),
    (5, {"s": "pull again"}, ["model.pull"]),
]
"""Which row, the keys that it shows, and what all keys of downloads begin there."""


async def test_keys_are_those_that_the_state_allows():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        for place, keys, deeds in ALLOWED:
            app.deeds.clear()
            await pilot.press("home", *["down"] * place)
            await pilot.pause(0.3)
            assert dict(screen.shown_keys) == keys
            await pilot.press(*"pxs")
            await pilot.pause(0.3)
            assert [one.action for one in app.deeds] == deeds
            expected = downloads.in_order(DOWNLOADS)[place]
            for one in app.deeds:
                assert one.subject == expected.model
                assert one.arguments in ({"download": expected.id}, {"model": expected.model})


async def test_a_batch_that_goes_on_can_be_cancelled_and_one_that_is_over_cannot():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("tab", "x", "end", "x", "p")
        await pilot.pause(0.3)
        assert [(one.action, one.arguments) for one in app.deeds] == [
            ("batch.cancel", {"batch": BATCHES.batches[0].id})
        ]
        assert app.present.copied_command() == "carrel batch list"


async def test_p_holds_a_batch_up_and_lets_one_go_on_that_is_held_up():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("tab", "p", "down", "down", "p")
        await pilot.pause(0.3)
        assert dict(screen.shown_keys) == {"p": "resume", "x": "cancel"}
        assert [(one.action, one.arguments) for one in app.deeds] == [
            ("batch.pause", {"batch": BATCHES.batches[0].id}),
            ("batch.resume", {"batch": BATCHES.batches[2].id}),
        ]
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert "and later by as long as it is paused" in app.screen.plain


async def test_details_tell_of_each_file_and_follow_the_download():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        assert screen.copied_command() == "carrel download show dl-5be01f22"
        await pilot.press("enter")
        await app.workers.wait_for_complete([one for one in app.workers if one.group == "loading"])
        await pilot.pause(0.3)
        assert "verified: qwen2.5-72b-q4_k_m-00001-of-00003.gguf" in app.screen.plain
        assert "not yet: qwen2.5-72b-q4_k_m-00003-of-00003.gguf" in app.screen.plain
        app.box.put("download.list", listed(replace(DOWNLOADS[0], percent=77), *DOWNLOADS[1:]))
        await pilot.pause(0.3)
        assert "(77 %)" in app.screen.plain
        await pilot.press("p")
        await pilot.pause(0.3)
        assert [one.action for one in app.deeds] == ["download.pause"]
        assert app.screen is app.present


async def test_details_stand_without_the_model():
    app = app_with(("model.show", {"model": "qwen2.5-72b@q4"}, NotFound("It is gone.")))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert "dl-5be01f22" in app.screen.plain
        assert "gguf" not in app.screen.plain


async def test_details_of_a_batch_say_why_it_failed():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("tab", "down", "down", "down", "enter")
        await pilot.pause(0.3)
        assert "The line is not a JSON object." in app.screen.plain


async def test_a_row_that_goes_leaves_the_details_as_they_were():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("enter")
        app.box.put("download.list", listed())
        await pilot.pause(0.3)
        assert "dl-5be01f22" in app.screen.plain


async def test_more_tasks_than_room_are_counted():
    tasks = tuple(f"task {n}" for n in range(9))
    app = app_with(("status", {}, replace(STATUS, tasks=tasks)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert app.said("tasks").split("\n") == ["task 0", "task 1", "task 2", "task 3 (and 5 more)"]


async def test_a_smaller_terminal_shows_fewer_rows_of_each():
    app = app_with()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(app, pilot)
        assert app.table("downloads").size.height == 7
        await pilot.resize_terminal(60, 15)
        await pilot.pause(0.3)
        assert app.table("downloads").size.height == 4
        assert app.table("batches").size.height >= 3
        assert app.said("tasks").startswith("Task: ")


async def test_hostile_words_are_shown_as_text():
    found = [
        download(f"dl-{n}", text, "failed", 1.0, 2.0, reason=text, source=text, dropped=(text,))
        for n, text in enumerate(HOSTILE)
    ]
    work = tuple(
        batch(f"batch_{n}", text, "failed", reason=text, model=text, project=text, ended_ms=1)
        for n, text in enumerate(HOSTILE)
    )
    app = app_with(
        ("download.list", {}, listed(*found)),
        ("batch.list", {}, BatchList(batches=work, left_out=3)),
        ("status", {}, replace(STATUS, tasks=HOSTILE[:3])),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        for table in ("downloads", "batches"):
            app.table(table).focus()
            for _ in HOSTILE:
                await pilot.press("enter", "escape", "down")
        await pilot.pause(0.3)
        assert app.is_running
        assert "\x1b" not in app.export_screenshot()
