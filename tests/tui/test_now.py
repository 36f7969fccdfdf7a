"""NOW: is it fine, what is happening, what needs somebody; with the reason and the next key."""

import msgspec
import pytest

from appliance.domain.results import Inbox, InboxArgument, InboxRow, Pulse
from tests.tui.hostile import HOSTILE
from tests.tui.noting import app_of_only, app_with
from tests.tui.scenes.now import GIB, GPUS, INBOX, PULSE, STATUS, model
from tui.now import fine, running, waiting
from tui.parts.short import gib, span

SIZES = [(120, 36), (80, 24), (60, 15), (40, 10)]
replace = msgspec.structs.replace


def words(status=STATUS, pulse=PULSE, gpus=GPUS) -> dict[str, str]:
    return {one.text: one.word for one in fine.verdicts(status, pulse, gpus)}


def row(action: str, **given: str) -> InboxRow:
    arguments = tuple(InboxArgument(name, value) for name, value in given.items())
    return InboxRow("kind", "id-1", "Somebody asks.", None, "soon", action, arguments)


# ---- is it fine ----


def test_a_box_that_is_fine_says_so_in_sentences():
    calm = replace(PULSE, disk_needed_bytes=0, disk_free_bytes=900 * GIB)
    well = replace(GPUS, gpus=(GPUS.gpus[0], GPUS.gpus[4]))
    assert words(pulse=calm, gpus=well) == {
        "API answers, first word p95 0.6 s": "ok",
        "1 of 2 GPUs free": "ok",
        "disk: 900 GiB left": "ok",
        f"federation: {STATUS.federation}": "ok",
        "storage writes": "ok",
    }


@pytest.mark.parametrize(
    ("changed", "word", "text"),
    [
        ({"state": "degraded"}, "fail", "the box is degraded: something below has failed"),
        ({"state": "starting"}, "warn", "the box is starting"),
        ({"models": ()}, "warn", "API answers, but no model runs"),
        ({"storage": "The disk is full."}, "fail", "storage: The disk is full."),
        ({"alarms": ("The catalog has expired.",)}, "fail", "The catalog has expired."),
        ({"offline": True, "network": "a class asked for it"}, "warn", "offline: a class asked for it"),
        ({"offline": True}, "warn", "offline: nobody outside is asked"),
        ({"network": "nobody reached for 3 h"}, "warn", "nobody reached for 3 h"),
    ],
)
def test_what_is_not_fine_is_said(changed, word, text):
    assert words(replace(STATUS, **changed))[text] == word


@pytest.mark.parametrize(
    ("changed", "word", "text"),
    [
        ({"first_word_p95_ms": 9000}, "warn", "API answers, first word p95 9.0 s"),
        ({"first_word_p95_ms": None}, "ok", "API answers, nobody asked in 5 min"),
        ({"disk_total_bytes": 100 * GIB}, "warn", "disk: 61 GiB left, 75 GiB needed"),
        (
            {"disk_total_bytes": 100 * GIB, "disk_needed_bytes": GIB},
            "ok",
            "disk: 61 GiB left, 1.0 GiB needed",
        ),
        ({"disk_needed_bytes": 0, "disk_free_bytes": GIB}, "warn", "disk: 1.0 GiB left"),
        ({"disk_total_bytes": 0}, "warn", "disk of the models does not answer"),
    ],
)
def test_disk_and_first_words_are_judged(changed, word, text):
    assert words(pulse=replace(PULSE, **changed))[text] == word


def test_gpus_that_are_broken_or_shared_are_told():
    said = words()
    assert said["GPU 2: others hold 31 GiB (4)"] == "warn"
    assert next(word for text, word in said.items() if text.startswith("GPU 3 broken (4): Xid 79")) == "fail"
    assert said["3 of 8 GPUs free"] == "ok"


def test_a_box_without_gpus_tells_of_its_processor():
    assert words(gpus=replace(GPUS, gpus=()))["no GPU: 64 cores, 211 GiB memory free"] == "ok"


def test_where_there_is_little_room_the_worst_is_kept_and_the_rest_counted():
    found = [fine.Verdict("ok", "a"), fine.Verdict("fail", "b"), fine.Verdict("warn", "c")]
    assert fine.worst_first(found, 3) == found
    assert fine.worst_first(found, 2) == [fine.Verdict("fail", "b"), fine.Verdict("warn", "2 more things: c")]
    assert fine.worst_first([*found, fine.Verdict("ok", "d")], 3)[-1] == fine.Verdict("ok", "2 more are fine")


def test_nothing_is_claimed_of_what_is_not_known():
    assert fine.verdicts(None, None, None) == []


# ---- models ----


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (model("m", "ready"), "-"),
        (model("m", "loading", percent=10), "itself: it is loading"),
        (model("m", "failed", reason="too large"), "(s) too large"),
        (model("m", "failed"), "(s) nobody knows why; see 8"),
        (model("m", "failed", lacks="acceptance"), "its license to be accepted (a)"),
        (model("m", "loading", lacks="lease"), "a lease of its registry (a)"),
        (model("m", "restarting", reason="its process died"), "its process died"),
    ],
)
def test_every_model_says_what_it_waits_for_and_the_next_key(given, text):
    rows = running.rows_of(replace(STATUS, models=(given,)), None, None, ascii_only=True)
    assert rows[0].cells[-1].text == text


@pytest.mark.parametrize(
    ("lacks", "action"),
    [
        ("acceptance", "license.accept"),
        ("grant", "access.grant"),
        ("lease", "fed.lease"),
        ("access", "share.request"),
    ],
)
def test_the_next_key_of_a_model_opens_what_gives_it_what_it_lacks(lacks, action):
    deed = running.remedy(model("m", "failed", lacks=lacks))
    assert deed is not None
    assert (deed.action, deed.arguments, deed.form) == (action, {"model": "m"}, True)
    assert "model" in {one.name for one in deed.row.arguments}


def test_a_model_that_lacks_nothing_has_no_such_key():
    assert running.remedy(model("m", "ready")) is None


def test_gpus_of_a_model_are_told_as_spans():
    assert running.spans([3, 0, 1]) == "0-1,3"
    assert running.spans([]) == ""


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"models": (), "downloads": ()}, "No model yet: press 2, then p fetches and s runs one."),
        (
            {"models": (model("m", "available"),), "downloads": ()},
            "No model runs: press 2, choose one, then s.",
        ),
        ({"models": ()}, "No model runs yet; qwen2.5-72b@q4 is on its way: press 3."),
    ],
)
def test_without_a_model_it_says_what_to_do(changed, text):
    assert running.nothing_runs(replace(STATUS, **changed)) == text


# ---- what needs somebody ----


def arguments(deed) -> dict[str, object]:
    assert deed is not None
    known = {one.name for one in deed.row.arguments}
    assert set(deed.arguments) <= known
    return dict(deed.arguments)


@pytest.mark.parametrize(
    ("action", "yes", "no"),
    [
        ("access.decide", {"approve": True}, {"deny": True}),
        ("budget.decide", {"approve": True}, {"deny": True}),
        ("share.decide", {"grant": True}, {"deny": True}),
        ("incident.decide", {"verdict": "clear"}, {"verdict": "uphold"}),
        ("sample.decide", {"verdict": "fits"}, {"verdict": "does-not-fit"}),
        ("report.triage", {"verdict": "accepted"}, {"verdict": "declined"}),
    ],
)
def test_a_row_that_is_to_be_decided_has_a_yes_and_a_no(action, yes, no):
    assert arguments(waiting.approval(row(action, id="id-1"))) == {"id": "id-1", **yes}
    refusal = waiting.refusal(row(action, id="id-1"))
    assert arguments(refusal) == {"id": "id-1", **no}
    assert refusal.form


def test_evidence_is_accepted_and_a_check_approved_and_neither_has_a_simple_no():
    assert arguments(waiting.approval(row("duty.accept", id="r1"))) == {"id": "r1"}
    assert arguments(waiting.approval(row("fed.check", id="c1"))) == {"id": "c1", "approve": True}
    assert waiting.refusal(row("duty.accept", id="r1")) is None
    assert waiting.refusal(row("fed.check", id="c1")) is None


@pytest.mark.parametrize("action", ["model.run", "download.resume", "license.accept", "status", "of.newer"])
def test_a_row_that_is_not_to_be_decided_has_neither(action):
    assert waiting.approval(row(action)) is None
    assert waiting.refusal(row(action)) is None


def test_enter_asks_for_the_rest_of_an_action_and_shows_what_only_shows():
    opened = waiting.opened(row("access.decide", id="id-1"))
    assert (opened.action, opened.form, opened.arguments) == ("access.decide", True, {"id": "id-1"})
    assert not waiting.opened(row("status")).form
    assert waiting.opened(row("of.newer")) is None


def test_a_row_is_told_with_the_command_that_decides_it():
    facts = dict(waiting.pairs(row("access.decide", id="id-1")))
    assert facts["command"] == "carrel access decide id-1"
    assert dict(waiting.pairs(row("of.newer")))["command"] == "of.newer, of a newer Carrel"


# ---- on the screen ----


@pytest.mark.parametrize("size", SIZES)
async def test_all_three_parts_are_there_at_every_size(size):
    app = app_with()
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.3)
        assert "FAIL" in app.said("fine")
        assert len(app.table("running").rows) == 4
        assert len(app.table("inbox").rows) == len(INBOX.rows)
        assert app.table("inbox").size.height >= (2 if size[1] > 10 else 0)


async def test_a_box_with_no_model_says_what_to_do_next():
    app = app_of_only()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        shown = "\n".join("".join(one.text for one in app.table("running").render_line(y)) for y in range(2))
        assert "No model yet: press 2, then p fetches and s runs one." in shown


async def test_keys_go_to_the_models_where_nothing_needs_anybody():
    app = app_with(("inbox", {}, Inbox(rows=(), left_out=0)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        assert app.focused is app.table("running")
        app.box.put("inbox", INBOX)
        await pilot.pause(0.3)
        assert app.focused is app.table("running")


async def test_keys_follow_the_row_that_is_chosen():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        keys = dict(app.present.shown_keys)
        assert keys["enter"] == "model run"
        assert "a" not in keys
        await pilot.press("down")
        await pilot.pause(0.3)
        keys = dict(app.present.shown_keys)
        assert (keys["a"], keys["r"], keys["enter"]) == ("approve", "refuse", "access decide")
        assert "a approve" in str(app.present.query_one("#sole").render())


async def test_approving_refusing_and_opening_begin_the_deed_of_the_row():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("a", "down", "a", "r", "enter")
        await pilot.pause(0.3)
        assert [(one.action, dict(one.arguments)) for one in app.deeds] == [
            ("access.decide", {"id": "app-7", "approve": True}),
            ("access.decide", {"id": "app-7", "deny": True}),
            ("access.decide", {"id": "app-7"}),
        ]
        assert {one.subject for one in app.deeds} == {"app-7"}


async def test_a_model_is_run_stopped_and_shown():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        app.table("running").focus()
        await pilot.press("s", "x", "enter", "a", "r")
        await pilot.pause(0.3)
        assert [one.action for one in app.deeds] == ["model.run", "model.stop", "model.show"]
        assert app.deeds[0].arguments == {"model": "olmo-2-7b@q4"}
        assert app.present.copied_command() == "carrel model show olmo-2-7b@q4"


async def test_details_of_a_row_have_its_keys():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("down", "d")
        await pilot.pause(0.3)
        assert "carrel access decide app-7" in app.screen.plain
        await pilot.press("a")
        await pilot.pause(0.3)
        assert app.deeds[0].arguments == {"id": "app-7", "approve": True}
        assert app.screen is app.present


async def test_the_cursor_stays_on_its_row_while_others_come_and_go():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("down", "down")
        newer = row("access.decide", id="new")
        app.box.put("inbox", Inbox(rows=(replace(newer, id="new"), *INBOX.rows[1:]), left_out=7))
        await pilot.pause(0.3)
        assert app.table("inbox").chosen.data.id == "br-12"
        assert "Needs you (13)" in str(app.present.query_one("#inbox-title").render())


@pytest.mark.slow
async def test_hostile_words_are_shown_as_text():
    rows = tuple(
        replace(row("access.decide", id=text[:100] or "x"), id=f"{n}", text=text, person=text)
        for n, text in enumerate(HOSTILE)
    )
    bad = tuple(model(f"m{n}", "failed", reason=text) for n, text in enumerate(HOSTILE))
    status = replace(STATUS, models=bad, alarms=HOSTILE, federation=HOSTILE[0])
    app = app_with(("inbox", {}, Inbox(rows=rows, left_out=0)), ("status", {}, status))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.3)
        for _ in HOSTILE:
            await pilot.press("d")
            await pilot.pause(0.3)
            await pilot.press("escape", "down")
        shown = app.export_screenshot()
        assert app.is_running
        assert "\x1b" not in shown
        assert "[/foo]" in shown


async def test_it_is_drawn_in_ascii_where_the_terminal_has_no_more():
    app = app_with(ascii_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        for name in ("fine", "happening"):
            assert app.said(name).isascii()
        assert all("".join(one.text for one in row.cells).isascii() for row in app.table("running").rows)
        assert str(app.present.query_one("#inbox-title").render()).isascii()


async def test_a_young_box_without_any_second_yet_is_drawn():
    young = Pulse(
        at_ms=0, step_s=1, requests_per_s=(), tokens_per_s=(), waiting=(), running=(), processor_percent=(),
        memory_used_bytes=(), memory_total_bytes=0, cores=1, disk_free_bytes=0, disk_total_bytes=0,
        disk_needed_bytes=0, first_word_median_ms=None, first_word_p95_ms=None, longest_wait_s=0,
        people_active=0, people_limited=0, models=(),
    )  # fmt: skip
    app = app_with(("pulse", {}, young))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.3)
        assert "requests/s     0" in app.said("happening")


def test_sizes_and_times_are_short():
    assert (gib(61 * GIB), gib(6 * GIB + GIB // 10), gib(512)) == ("61 GiB", "6.1 GiB", "512 B")
    assert [span(one) for one in (-5, 41, 500, 90_000, 260_000)] == ["0 s", "41 s", "8 min", "25 h", "3 d"]
