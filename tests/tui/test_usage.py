"""The screen USAGE by keys alone: what was used, what leaves letter by letter, the registry, other labs."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest

from appliance.domain.results import FedChecks, FedPreview, UsageReport
from appliance.errors import BadRequest, NotAllowed, StorageUnavailable
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes import usage as lab
from tests.tui.scenes.lab import HEAD
from tui.app import CarrelApp
from tui.deeds import Deed
from tui.parts.closeups import CloseUp
from tui.parts.lines import Lines
from tui.parts.rows import Rows
from tui.usage.exact import Exact, exactly
from tui.usage.leaving import Payload
from tui.usage.sections import NAMES, bar_of

pytestmark = pytest.mark.slow


class Watched(CarrelApp):
    """Keeps the deeds in place of doing them, and what was copied."""

    def __init__(self, box: FakeBox) -> None:
        super().__init__(box)
        self.deeds: list[Deed] = []
        self.copied: list[str] = []

    def act(self, deed: Deed) -> None:
        self.deeds.append(deed)

    def copy(self, text: str, what: str = "") -> None:
        self.copied.append(text)


def watched(*more) -> Watched:
    return Watched(FakeBox(*HEAD, *lab.ANSWERS, *more))


async def settle(app: CarrelApp, pilot) -> None:
    await pilot.pause(0.3)
    await app.workers.wait_for_complete([one for one in app.workers if one.group == "loading"])
    await pilot.pause(0.3)


async def opened(app: CarrelApp, pilot, section: str = "use") -> Rows:
    await pilot.press("7")
    await settle(app, pilot)
    await pilot.press(*["tab"] * NAMES.index(section))
    await settle(app, pilot)
    await pilot.pause(0.15)
    rows = app.present.query_one(f"#{section}", Rows)
    assert app.focused is rows
    return rows


def texts(rows: Rows) -> list[list[str]]:
    return [[one.text for one in row.cells] for row in rows.rows]


def said(app: CarrelApp, selector: str) -> str:
    return app.screen.query_one(selector, Lines).plain


async def test_use_is_summed_by_whatever_g_says_and_as_far_back_as_w_says():
    box = FakeBox(*HEAD, *lab.ANSWERS)
    app = Watched(box)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot)
        assert [row.key for row in rows.rows][:2] == ["qwen3-8b", "llama-3.1-8b-instruct"]
        for by in ("project", "person", "key", "day", "hour", "model"):
            await pilot.press("g")
            await pilot.pause(0.15)
            assert f"by {by}" in said(app, "#words-use")
        await pilot.press("w")
        await pilot.pause(0.15)
        assert ", 90 d" in said(app, "#words-use")
        await pilot.press("c")
        assert app.copied == ["carrel usage --days 90"]


async def test_time_is_plotted_above_its_numbers_the_newest_first():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot)
        plot = app.present.query_one("#plot")
        assert not plot.display or plot.region.height == 0
        await pilot.press(*"gggg")
        await pilot.pause(0.2)
        assert rows.rows[0].key == "2026-11-22"
        assert plot.region.height >= 6
        assert "2026-11-01" in plot.render().plain
        await pilot.resize_terminal(60, 15)
        await pilot.pause(0.3)
        assert plot.region.height == 0, "the numbers need the room"


async def test_enter_looks_into_a_project_and_esc_comes_back():
    box = FakeBox(*HEAD, *lab.ANSWERS)
    app = Watched(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("g")
        await pilot.pause(0.15)
        await pilot.press("enter")
        await pilot.pause(0.15)
        assert "by person of project nlp-3" in said(app, "#words-use")
        await pilot.press("t")
        assert app.deeds[0].action == "statement.project"
        assert app.deeds[0].arguments["project"] == "nlp-3"
        await pilot.press("escape")
        await pilot.pause(0.15)
        assert "by project," in said(app, "#words-use")


async def test_enter_on_any_other_line_shows_its_numbers_whole():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert isinstance(app.screen, CloseUp)
        assert "18,240" in app.screen.plain
        assert "not measured" in app.screen.plain


async def test_what_leaves_is_shown_byte_for_byte_with_its_hash():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot, "leaves")
        assert texts(rows)[0][:3] == ["usage-batch+jws", "1.7 KiB", "next sync"]
        assert app.present.query_one("#payload", Exact).plain == lab.PAYLOAD
        assert "Stays on this box: prompts, answers, names" in said(app, "#words-leaves")
        await pilot.press("down")
        await pilot.pause(0.3)
        assert app.present.query_one("#payload", Exact).plain == lab.MESSAGES[1].payload
        await pilot.press("enter")
        await settle(app, pilot)
        assert isinstance(app.screen, Payload)
        assert app.screen.query_one("#bytes", Exact).plain == lab.MESSAGES[1].payload
        assert lab.MESSAGES[1].sha256 in said(app, "#facts")
        await pilot.press("escape", "y")
        assert json.loads(app.copied[-1])["payload"] == lab.MESSAGES[1].payload


async def test_the_letters_that_are_drawn_are_the_payload_and_nothing_else():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "leaves")
        await pilot.press("enter")
        await settle(app, pilot)
        exact = app.screen.query_one("#bytes", Exact)
        drawn = [exact.render_line(y).text for y in range(exact.virtual_size.height)]
        assert "".join(drawn).rstrip(" ") == lab.PAYLOAD


async def test_today_is_added_by_t_and_marked_as_not_leaving_yet():
    box = FakeBox(*HEAD, *lab.ANSWERS)
    app = Watched(box)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot, "leaves")
        await pilot.press("t")
        await settle(app, pilot)
        assert [one[2] for one in texts(rows)] == ["next sync", "next sync", "not yet"]
        await pilot.press("c", "r")
        await settle(app, pilot)
        assert app.copied == ["carrel fed preview --today"]
        asked = [given for action, given in box.runs if action == "fed.preview"]
        assert asked == [{"today": False}, {"today": True}, {"today": True}]


@pytest.mark.parametrize(
    "error", [StorageUnavailable("The disk is full."), BadRequest("It is not enrolled.")]
)
async def test_a_preview_that_cannot_be_made_says_why(error):
    app = watched(("fed.preview", {"today": False}, error))
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot, "leaves")
        assert rows.rows == ()
        assert error.message in app.export_screenshot().replace("&#160;", " ")
        await pilot.press("enter")
        assert app.screen is app.present


async def test_a_payload_with_characters_that_cannot_be_seen_shows_their_codes():
    shown, hidden = exactly('{"a":"x\u202ey  z\x07"}')
    assert shown == '{"a":"x\\u202ey  z\\u0007"}'
    assert hidden == 2
    assert exactly('{"a":"b  c"}') == ('{"a":"b  c"}', 0)
    foul = lab.message("m", "letter+jws", "s", "a\u202eb")
    app = watched(("fed.preview", {"today": False}, FedPreview(messages=(foul,), left_out=3)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "leaves")
        assert "1 characters that cannot be seen" in said(app, "#about")
        assert "3 more wait" in said(app, "#words-leaves")


async def test_the_outbox_says_how_the_registry_stands_and_why_a_message_was_refused():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot, "outbox")
        words = said(app, "#words-outbox")
        assert "registry.example.org" in words
        assert "12 min ago: 3 messages went" in words
        assert texts(rows)[0][0] == "▲ REFUSED"
        assert "unknown-recipient" in texts(rows)[0][4]
        await pilot.press("r", "ctrl+d")
        assert app.deeds == [
            Deed("fed.resend", {"id": "lt_3f1c"}, subject="lt_3f1c"),
            Deed("fed.drop", {"id": "lt_3f1c"}, subject="lt_3f1c"),
        ]
        await pilot.press("down", "r")
        await pilot.pause(0.3)
        assert len(app.deeds) == 2, "what waits cannot be sent again"


async def test_a_box_without_a_registry_is_told_that_it_needs_none():
    empty = msgspec.structs.replace(lab.STATUS, enrolled=False, outbox=(), refused=(), lines=(), notices=0)
    app = watched(("fed.status", {}, empty))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "outbox")
        assert "needs none" in said(app, "#words-outbox")


async def test_leases_tell_their_days_left_in_words():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot, "leases")
        assert [one[:3] for one in texts(rows)] == [
            ["gemma-2-27b", "◐ GRACE", "ended 3 d ago"],
            ["llama-3.1-8b-instruct", "● VALID", "27 d left"],
            ["llama-3.3-70b-instruct", "◐ WAITS", "98 d left"],
        ]
        await pilot.press("w")
        assert app.deeds == [Deed("fed.lease", {"model": "gemma-2-27b"}, form=True, subject="gemma-2-27b")]


async def test_a_notice_is_read_whole_on_enter():
    app = watched()
    async with app.run_test(size=(60, 15)) as pilot:
        await opened(app, pilot, "notices")
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert lab.NOTICES.notices[0].text in app.screen.plain


async def test_a_check_is_approved_or_refused_by_its_key_in_the_list_and_in_its_dialog():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "checks")
        await pilot.press("a", "r", "enter")
        await pilot.pause(0.3)
        await pilot.press("a")
        await pilot.pause(0.3)
        show = Deed("fed.check", {"id": "ck_12", "approve": True}, subject="ck_12")
        assert app.deeds == [show, Deed("fed.check", {"id": "ck_12"}, form=True, subject="ck_12"), show]


async def test_another_labs_request_is_decided_by_its_keys():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot, "peers")
        assert [one[0] for one in texts(rows)] == ["◐ ASKED", "● GRANTED"]
        await pilot.press("a", "r", "x")
        assert [(one.action, dict(one.arguments)) for one in app.deeds] == [
            ("share.decide", {"id": "pr_5", "grant": True}),
            ("share.decide", {"id": "pr_5", "deny": True}),
            ("share.revoke", {"id": "pr_5"}),
        ]


async def each(app: CarrelApp, pilot) -> AsyncIterator[str]:
    """Through the sections, from the first one on."""
    for number, section in enumerate(NAMES):
        await (pilot.press("tab") if number else opened(app, pilot, section))
        await settle(app, pilot)
        await pilot.pause(0.15)
        yield section


BEGUN = {
    "use": ("s", "fed.sync", {}),
    "leases": ("e", "fed.export", {}),
    "shared": ("x", "share.withdraw", {"model": "example-lab/parser-1b"}),
    "borrowed": ("xn", "share.return share.request", {"model": "org/other/ocr-34b"}),
    "peers": ("m", "fed.import", {}),
}
"""By section: keys, the actions that they begin, and with what."""


async def test_each_key_begins_its_action():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        async for section in each(app, pilot):
            keys, actions, given = BEGUN.get(section, ("", "", {}))
            app.deeds.clear()
            await pilot.press(*keys)
            assert [(one.action, dict(one.arguments)) for one in app.deeds] == [
                (one, given) for one in actions.split()
            ], section


COPIED = {
    "use": "usage",
    "leaves": "fed preview",
    "outbox": "fed status",
    "leases": "license leases",
    "notices": "fed notices",
    "checks": "fed checks",
    "shared": "share show example-lab/parser-1b",
    "borrowed": "share borrowed",
    "peers": "share peers",
}


async def test_c_copies_the_command_of_the_section():
    assert set(COPIED) == set(NAMES)
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        async for section in each(app, pilot):
            await pilot.press("c")
            assert app.copied[-1] == f"carrel {COPIED[section]}"


async def test_keys_about_a_row_do_nothing_without_one():
    app = watched(("fed.checks", {}, FedChecks(checks=())))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "checks")
        await pilot.press("a", "r", "enter")
        await pilot.pause(0.3)
        assert app.deeds == []
        assert app.screen is app.present


async def test_a_section_that_is_refused_says_why_in_its_place_and_the_others_stand():
    app = watched(("share.list", {}, NotAllowed("This is for administrators.")))
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot, "shared")
        assert rows.rows == ()
        assert "This is for administrators." in app.export_screenshot().replace("&#160;", " ")
        await pilot.press("tab")
        await pilot.pause(0.15)
        assert app.present.query_one("#borrowed", Rows).rows


async def test_everything_that_is_followed_can_be_watched():
    from appliance.domain.actions import action
    from appliance.domain.watching import is_watchable

    box = FakeBox(*HEAD, *lab.ANSWERS)
    app = Watched(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "peers")
    followed = {topic.action for topics in box.watched for topic in topics}
    assert {"usage", "fed.status", "license.leases", "share.peers"} <= followed
    assert all(is_watchable(action(one)) for one in followed)


async def test_a_lab_that_used_nothing_is_told_so():
    app = watched(("usage", {}, UsageReport(by="model", since_ms=0, lines=())))
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot)
        assert rows.rows == ()
        assert "0 requests" in said(app, "#words-use")
        await pilot.press("enter", "y")
        assert app.screen is app.present


def test_the_line_of_sections_always_has_the_present_one_and_fits():
    counts = dict.fromkeys(NAMES, 12)
    for room in (30, 38, 58, 78, 118):
        for present in NAMES:
            line = "".join(one if isinstance(one, str) else one.text for one in bar_of(present, counts, room))
            assert f"[{present.upper()} 12]" in line
            assert len(line) <= room


def foul(*texts: str) -> tuple[tuple[str, dict[str, object], msgspec.Struct], ...]:
    """Every answer of the screen, with these texts in turn wherever a text is."""
    made, turn = [], itertools.cycle(texts)
    for action, _, answer in lab.ANSWERS:
        plain = answer({}) if callable(answer) else answer
        spoiled = _spoiled(msgspec.to_builtins(plain), turn)
        made.append((action, {}, msgspec.convert(spoiled, type(plain), strict=False)))
    return tuple(made)


def _spoiled(value: object, texts: Iterator[str]) -> object:
    if isinstance(value, dict):
        return {name: one if name == "by" else _spoiled(one, texts) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_spoiled(one, texts) for one in value]
    return next(texts) if isinstance(value, str) else value


MIXED = "".join(HOSTILE)
"""All of it in one text."""


async def test_names_that_are_attacks_are_shown_as_text():
    await look_at((MIXED,), (80, 24))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_others_write_is_shown_as_text(text):
    await look_at((text,), (80, 24))


@pytest.mark.parametrize("size", [(120, 36), (40, 10)])
async def test_whatever_others_write_is_shown_as_text_at_other_sizes(size):
    """A field each, one after the other: text is drawn alike at every size, but ends elsewhere."""
    await look_at(HOSTILE, size)


async def look_at(texts, size):
    app = Watched(FakeBox(*HEAD, *foul(*texts)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("7")
        await settle(app, pilot)
        for _ in NAMES:
            await pilot.press("enter")
            await settle(app, pilot)
            assert not set("\x1b\x07\u202e\u2066") & set(app.export_screenshot())
            await pilot.press("escape", "c", "y", "tab")
            await settle(app, pilot)
            assert not set("\x1b\x07\u202e\u2066") & set(app.export_screenshot())
