"""The screen MODELS by keys alone: the catalog, one model, planning, running, fetching with its license."""

import msgspec
import pytest
from textual.widgets import Input

from appliance.domain.results import DownloadList, LicenseDetail, ModelDetail, ModelList
from appliance.errors import BadRequest, NotFound, StorageUnavailable
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes import models as lab
from tests.tui.scenes.lab import HEAD
from tui.app import CarrelApp
from tui.deeds import Deed
from tui.models.accepting import Accepting
from tui.models.details import ModelDialog
from tui.models.fitting import FitView
from tui.models.planner import Planner
from tui.parts.facts import Facts
from tui.parts.lines import Lines
from tui.parts.rows import Rows

pytestmark = pytest.mark.slow

DOWNLOADS = ("download.list", {}, DownloadList(downloads=()))


class Watched(CarrelApp):
    """Keeps the deeds in place of doing them."""

    def __init__(self, box: FakeBox) -> None:
        super().__init__(box)
        self.deeds: list[Deed] = []

    def act(self, deed: Deed) -> None:
        self.deeds.append(deed)


def watched(*more, readonly: bool = False) -> Watched:
    return Watched(FakeBox(*HEAD, DOWNLOADS, *lab.ANSWERS, *more, readonly=readonly))


async def settle(app: CarrelApp, pilot) -> None:
    await pilot.pause(0.3)
    await app.workers.wait_for_complete([one for one in app.workers if one.group == "loading"])
    await pilot.pause(0.3)


async def opened(app: CarrelApp, pilot, model: str = "") -> Rows:
    await pilot.press("2")
    await settle(app, pilot)
    rows = app.present.query_one("#models", Rows)
    if model:
        rows.choose(model)
    await settle(app, pilot)
    return rows


def said(app: CarrelApp, selector: str) -> str:
    return app.screen.query_one(selector, Lines).plain


async def test_the_list_has_running_models_first_then_those_on_disk_then_the_rest():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot)
        words = [row.cells[1].text for row in rows.rows]
        assert words[:3] == ["▲ FAILED", "● READY", "◐ LOADING 62 %"]
        assert words[3:6] == ["▲ DAMAGED", "◐ ELSEWHERE", "○ ON DISK"]
        assert set(words[6:]) == {"○ NOT HERE"}


async def test_a_model_elsewhere_names_its_host_in_the_list_the_pane_the_dialog_and_the_plan():
    app = watched()
    label = "leaves this box: models.campus.example.org"
    async with app.run_test(size=(120, 36)) as pilot:
        rows = await opened(app, pilot, "campus-chat")
        assert label in rows.chosen.cells[-1].text
        assert label in app.present.query_one("#facts", Facts).plain
        await pilot.press("s")
        await settle(app, pilot)
        assert said(app, "#leaves") == label
        await pilot.press("escape", "enter")
        await settle(app, pilot)
        assert label in said(app, "#facts")
        assert "models.campus.example.org" in said(app, "#facts")


async def test_a_download_on_its_way_is_a_state_of_its_model():
    from tests.tui.scenes.jobs import DOWNLOADS as COMING

    app = watched(("download.list", {}, DownloadList(downloads=COMING)))
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot, "qwen2.5-72b@q4")
        assert rows.chosen.cells[1].text == "◐ FETCHING 38 %"


async def test_enter_shows_all_there_is_with_the_license_and_who_accepted_it():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "qwen3-8b")
        await pilot.press("enter")
        await settle(app, pilot)
        assert isinstance(app.screen, ModelDialog)
        facts = said(app, "#facts")
        for words in (
            "Dr M. Wu",
            "head of the lab",
            "ab" * 32,
            "21 requests",
            "exam-1",
            "40,960 tokens",
            "Approved by the makers",
            "10.6 GiB measured",
        ):
            assert words in facts
        assert "COMMUNITY LICENSE" in said(app, "#license")


async def test_a_dialog_that_is_open_hears_how_its_model_changes():
    box = FakeBox(*HEAD, DOWNLOADS, *lab.ANSWERS)
    app = Watched(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "qwen3-8b")
        await pilot.press("enter")
        await settle(app, pilot)
        later = msgspec.structs.replace(lab.DETAIL, restrictions=("Nobody uses it on Sundays.",))
        box.put("model.show", later, model="qwen3-8b")
        await pilot.pause(0.3)
        assert "Sundays" in said(app, "#facts")


async def test_the_pane_follows_the_cursor_where_there_is_room():
    app = watched()
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(app, pilot, "qwen3-8b")
        assert (
            "Qwen3" not in (pane := app.present.query_one("#facts", Facts)).plain or "Dr M. Wu" in pane.plain
        )
        await pilot.pause(0.2)
        assert "Dr M. Wu" in pane.plain
        await pilot.press("down")
        await settle(app, pilot)
        assert "qwen3-8b@bf16" in pane.plain
        assert "Dr M. Wu" not in pane.plain


async def test_the_run_wizard_asks_again_as_one_types_and_shows_the_command():
    box = FakeBox(*HEAD, DOWNLOADS, *lab.ANSWERS)
    app = Watched(box)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "handbook-tiny")
        await pilot.press("s")
        await settle(app, pilot)
        assert isinstance(app.screen, Planner)
        assert "FITS" in app.screen.query_one(FitView).plain
        await pilot.press("9", "6")
        await settle(app, pilot)
        plan = app.screen.query_one(FitView).plain
        assert "DOES NOT FIT" in plan
        assert "58 seats of this context fit." in plan
        assert "Missing: " in plan
        assert said(app, "#command") == "$ carrel model run --seats 96 handbook-tiny"
        assert ("model.fit", {"model": "handbook-tiny", "seats": 96}) in box.runs
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert app.deeds == [
            Deed("model.run", {"model": "handbook-tiny", "seats": 96}, subject="handbook-tiny")
        ]


async def test_the_wizard_begins_with_what_a_model_runs_with_and_offers_its_other_forms():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "qwen3-8b")
        await pilot.pause(0.2)
        await pilot.press("s")
        await settle(app, pilot)
        assert [one.key for one in app.screen.query_one("#forms", Rows).rows] == ["qwen3-8b", "qwen3-8b@bf16"]
        assert app.screen.query_one("#field-seats", Input).value == "32"
        assert app.screen.query_one("#field-gpus", Input).value == "0"
        await pilot.press("shift+tab", "down")
        await settle(app, pilot)
        assert "qwen3-8b@bf16" in said(app, "#command")


async def test_deterministic_is_a_word_that_a_key_turns():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "handbook-tiny")
        await pilot.press("s")
        await settle(app, pilot)
        app.screen.query_one("#deterministic").focus()
        await pilot.press("enter")
        await settle(app, pilot)
        assert "yes" in str(app.screen.query_one("#deterministic").label)
        assert said(app, "#command") == "$ carrel model run --deterministic handbook-tiny"


@pytest.mark.parametrize(
    ("typed", "words"), [("0", "`seats` of model fit must be"), ("x", "`seats` of model fit must be")]
)
async def test_a_number_that_is_none_is_refused_beside_it_and_runs_nothing(typed, words):
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "handbook-tiny")
        await pilot.press("s")
        await settle(app, pilot)
        await pilot.press(typed)
        await settle(app, pilot)
        assert words in app.screen.query_one(FitView).plain
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert app.deeds == []
        assert isinstance(app.screen, Planner)


@pytest.mark.parametrize("error", [NotFound("Nobody knows what it needs."), BadRequest("GPUs are numbers.")])
async def test_what_keeps_a_plan_from_being_made_is_said_in_its_place(error):
    app = watched(("model.fit", {"model": "handbook-tiny"}, error))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "handbook-tiny")
        await pilot.press("f")
        await settle(app, pilot)
        assert app.screen.query_one(FitView).plain == error.message


async def test_planning_a_model_that_is_not_here_offers_to_fetch_it_and_not_to_run_it():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "gpt-neox-20b")
        await pilot.press("s")
        await settle(app, pilot)
        assert not app.screen.query_one("#run").display
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert app.deeds == []
        app.screen.query_one("#pull").focus()
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert app.deeds == [Deed("model.pull", {"model": "gpt-neox-20b"}, subject="gpt-neox-20b")]


async def test_fetching_shows_the_license_first_and_accepts_the_very_text_that_was_shown():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "llama-3.1-8b-instruct")
        await pilot.press("p")
        await settle(app, pilot)
        assert isinstance(app.screen, Accepting)
        assert "royalty-free" in said(app, "#license-text")
        await pilot.press("tab")
        for word in ("Dr Wu", "head", "teaching"):
            await pilot.press(*("space" if one == " " else one for one in word), "enter")
        await pilot.pause(0.3)
        assert app.deeds == [
            Deed(
                "model.pull",
                {
                    "model": "llama-3.1-8b-instruct",
                    "accept_license": lab.SHA256,
                    "who": "Dr Wu",
                    "authority": "head",
                    "purpose": "teaching",
                },
            )
        ]


async def test_an_acceptance_without_a_name_is_no_acceptance():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "llama-3.1-8b-instruct")
        await pilot.press("a")
        await settle(app, pilot)
        app.screen.query_one("#accept").focus()
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert "who accepts" in said(app, "#wrong")
        assert app.screen.focused.id == "field-who"
        await pilot.press("escape")
        await pilot.pause(0.3)
        assert app.deeds == []


@pytest.mark.parametrize("text", ["", None, "Another text than the recipe names."])
async def test_a_text_that_is_missing_or_another_cannot_be_accepted(text):
    shown = LicenseDetail(terms=lab.LLAMA_TERMS, acceptances=(), text=text)
    app = watched(("license.show", {"model": "llama-3.1-8b-instruct"}, shown))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "llama-3.1-8b-instruct")
        await pilot.press("p")
        await settle(app, pilot)
        assert said(app, "#wrong")
        assert app.screen.query_one("#accept").disabled
        app.screen.query_one("#field-purpose", Input).focus()
        await pilot.press("x", "enter")
        await pilot.pause(0.3)
        assert app.deeds == []


async def test_a_license_that_asks_for_nothing_opens_no_dialog():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "handbook-tiny")
        await pilot.press("a")
        await settle(app, pilot)
        assert app.screen is app.present
        await pilot.press("p")
        await settle(app, pilot)
        assert [one.action for one in app.deeds] == ["model.pull"]


KEYS = {"x": "model.stop", "v": "model.verify", "ctrl+d": "model.remove", "w": "fed.lease"}


async def test_each_key_begins_its_action_with_the_model_that_is_chosen():
    app = watched()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "qwen3-8b")
        await pilot.press(*KEYS)
        await pilot.pause(0.3)
        assert app.deeds == [Deed(one, {"model": "qwen3-8b"}, subject="qwen3-8b") for one in KEYS.values()]
        for key in ("x", "v", "ctrl+d"):
            app.deeds.clear()
            await pilot.press("enter")
            await settle(app, pilot)
            assert isinstance(app.screen, ModelDialog)
            await pilot.press(key)
            await pilot.pause(0.3)
            assert app.deeds == [Deed(KEYS[key], {"model": "qwen3-8b"}, subject="qwen3-8b")]
            await pilot.press(*[] if app.screen is app.present else ["escape"])


async def test_a_viewer_that_may_change_nothing_plans_all_the_same():
    app = watched(readonly=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "llama-3.1-8b-instruct")
        await pilot.press("p")
        await settle(app, pilot)
        assert [one.action for one in app.deeds] == ["model.pull"], "refused by what carries out"
        await pilot.press("s")
        await settle(app, pilot)
        assert not app.screen.query_one("#run").display
        assert not app.screen.query_one("#pull").display
        assert "FITS" in app.screen.query_one(FitView).plain


def test_everything_that_is_followed_can_be_watched():
    from appliance.domain.actions import action
    from appliance.domain.watching import is_watchable
    from tui.models import screen

    assert all(
        is_watchable(action(one)) for one in (screen.LIST.action, screen.DOWNLOADS.action, "model.show")
    )


async def test_a_box_without_models_says_what_to_do():
    app = Watched(FakeBox(*HEAD, DOWNLOADS, ("model.list", {"all": True}, ModelList(models=()))))
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await opened(app, pilot)
        assert rows.chosen is None
        assert said(app, "#counts") == "0 models: none"
        await pilot.press("s", "f", "p", "x", "v", "a", "ctrl+d", "enter", "y")
        await pilot.pause(0.3)
        assert app.deeds == []


async def test_a_list_that_is_refused_says_why():
    refusal = StorageUnavailable("The catalog cannot be read.")
    app = Watched(FakeBox(*HEAD, DOWNLOADS, ("model.list", {"all": True}, refusal)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert "The catalog cannot be read." in said(app, "#trouble")


async def test_a_model_that_is_gone_says_so_in_its_dialog():
    app = watched(("model.show", {"model": "handbook-tiny"}, NotFound("It has left the catalog.")))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot, "handbook-tiny")
        await pilot.press("enter")
        await settle(app, pilot)
        assert "It has left the catalog." in said(app, "#facts")


def foul(text: str) -> tuple[object, ...]:
    return (
        lab.summary(text, text, license=text, reason=text, approved_by=text, leaves_box=text, damaged=text),
        ModelDetail(
            id=text,
            state="ready",
            title=text,
            summary=text,
            license=text,
            tier=text,
            engine=text,
            revision=1,
            context_tokens=1,
            files=(),
            known_limits=(text,),
            replicas=(),
            restrictions=(text,),
            approved_by=text,
            terms=lab.terms(text, acceptance="institution", title=text, next_step=text, lacks="acceptance"),
        ),
    )


MIXED = "".join(HOSTILE)
"""All of it in one text."""


async def test_names_that_are_attacks_are_shown_as_text():
    await look_at([MIXED], (80, 24))


async def test_whatever_others_write_is_shown_as_text():
    await look_at(HOSTILE, (80, 24))


@pytest.mark.parametrize("size", [(120, 36), (40, 10)])
async def test_what_is_longer_than_its_place_is_shown_as_text_at_other_sizes(size):
    await look_at([MIXED, *(one for one in HOSTILE if len(one) > 40)], size)


async def look_at(all_texts, size):
    made = {one.id: (one, detail) for one, detail in map(foul, all_texts)}
    box = FakeBox(
        *HEAD,
        DOWNLOADS,
        ("model.list", {"all": True}, ModelList(models=tuple(one for one, _ in made.values()))),
        ("model.show", {}, lambda given: made[given["model"]][1]),
        (
            "license.show",
            {},
            lambda given: LicenseDetail(
                terms=made[given["model"]][1].terms, acceptances=(), text=given["model"]
            ),
        ),
        (
            "model.fit",
            {},
            lambda given: msgspec.structs.replace(
                lab.fit(given), reason=str(given["model"]), machine=str(given["model"])
            ),
        ),
    )
    app = Watched(box)
    async with app.run_test(size=size) as pilot:
        rows = await opened(app, pilot)
        assert len(rows.rows) == len(all_texts)
        for _ in all_texts:
            for keys in (("enter",), ("escape", "s"), ("escape", "a"), ("escape", "y", "c", "down")):
                await pilot.press(*keys)
                await settle(app, pilot)
                assert not set("\x1b\x07\u202e\u2066") & set(app.export_screenshot())
        assert app.deeds == []
