"""Actions from a key or the palette to what came of them: asked for, asked back for, done, shown."""

import asyncio
import unicodedata

import pytest
from textual.widgets import Button, Input

from appliance.domain.actions import action
from appliance.domain.results import Removal
from appliance.errors import BadRequest, CarrelError, GatewayNotRunning
from tests.admin.fake_box import sample
from tests.tui.fake_box import FakeBox
from tests.tui.hostile import HOSTILE
from tests.tui.scenes.acting import ANSWERS
from tests.tui.scenes.lab import HEAD
from tui.acting.confirming import Confirm, Consent
from tui.acting.form import Form
from tui.acting.inputs import Line
from tui.acting.shown import Shown, ShownOnce
from tui.acting.waiting import Waiting
from tui.app import CarrelApp
from tui.deeds import Deed
from tui.parts.lines import Lines

pytestmark = pytest.mark.slow

SIZES = [(120, 36), (80, 24), (60, 15), (40, 10)]


def errors(cls=CarrelError):
    return [cls, *(found for one in cls.__subclasses__() for found in errors(one))]


def changed(box: FakeBox) -> list[tuple[str, dict[str, object]]]:
    """What was carried out beside looking."""
    return [one for one in box.runs if action(one[0]).blast != "none"]


def told(app: CarrelApp) -> str:
    return "\n".join(one.message for one in app._notifications)


def box_with(*answers, readonly: bool = False) -> FakeBox:
    return FakeBox(*HEAD, *ANSWERS, *answers, readonly=readonly)


def answer(name: str, text: str = "text"):
    return (name, {}, sample(action(name).result, text))


def harmful(text: str) -> list[str]:
    """What a terminal obeys, or what turns text around."""
    return [one for one in text if one != "\n" and unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp"}]


async def settled(pilot) -> None:
    """Until the dialog that comes is there."""
    for _ in range(4):
        await pilot.pause(0.02)


async def test_a_reversible_action_asks_nothing_and_can_be_taken_back():
    box = box_with(answer("gpu.release"), answer("gpu.take"))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("gpu.release", {"gpu": 3}))
        await settled(pilot)
        assert app.screen is app.present
        assert "u undoes it" in told(app)
        await pilot.press("u")
        await settled(pilot)
        assert changed(box) == [("gpu.release", {"gpu": 3}), ("gpu.take", {"gpu": 3})]


async def test_there_is_nothing_to_take_back_after_an_action_without_a_way_back():
    box = box_with(answer("gpu.release"), answer("recipe.reload"))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("gpu.release", {"gpu": 3}))
        await settled(pilot)
        app.act(Deed("recipe.reload", quiet=True))
        await settled(pilot)
        await pilot.press("u")
        await settled(pilot)
        assert [one[0] for one in changed(box)] == ["gpu.release", "recipe.reload"]


async def test_what_ends_work_is_asked_back_for_with_cancel_in_front():
    box = box_with(answer("model.stop"))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("model.stop", {"model": "demo"}))
        await settled(pilot)
        assert isinstance(app.screen, Confirm)
        assert isinstance(app.focused, Button)
        assert app.focused.id == "cancel"
        await pilot.press("enter")
        await settled(pilot)
        assert changed(box) == []
        app.act(Deed("model.stop", {"model": "demo"}, quiet=True))
        await settled(pilot)
        await pilot.press("tab", "enter")
        await settled(pilot)
        assert changed(box) == [("model.stop", {"model": "demo"})]


async def test_what_destroys_wants_the_name_and_says_what_would_be_gone():
    box = box_with(answer("model.remove"))
    box.put(
        "model.remove",
        Removal(model="demo", dry_run=True, freed_bytes=2**32, removed=("a",)),
        dry_run=True,
    )
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("model.remove", {"model": "demo"}))
        await settled(pilot)
        assert isinstance(app.screen, Confirm)
        assert app.screen.has_class("-grave")
        assert "frees 4.0 GiB" in app.screen.query_one("#loss", Lines).plain
        await pilot.press(*"dem", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Confirm)
        await pilot.press("o", "enter")
        await settled(pilot)
        assert ("model.remove", {"model": "demo"}) in box.runs
        assert isinstance(app.screen, Shown)


async def test_escape_changes_nothing_wherever_it_is_pressed():
    box = box_with()
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        for deed in (
            Deed("model.stop", {"model": "demo"}),
            Deed("key.revoke", {"id": "key_1"}),
            Deed("key.new", {}),
            Deed("key.list", {}, form=True),
        ):
            app.act(deed)
            await settled(pilot)
            assert app.screen is not app.present
            await pilot.press("escape")
            await settled(pilot)
            assert app.screen is app.present
            assert changed(box) == []


async def test_a_viewer_that_is_read_only_refuses_before_any_dialog():
    box = box_with(readonly=True)
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        for name in ("model.run", "key.new", "incident.show", "up", "fed.leave"):
            app.clear_notifications()
            app.act(Deed(name, {}))
            await settled(pilot)
            assert app.screen is app.present
            assert "read-only" in told(app)
            assert box.runs == []


async def test_a_refusal_is_told_beside_its_field_and_what_was_typed_stays():
    box = box_with()
    box.put("key.new", BadRequest("There is no person `b`.", param="person"))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("key.new", {"person": "b"}))
        await settled(pilot)
        await pilot.press(*"laptop", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        rows = app.screen._rows
        assert rows["name"].text == "laptop"
        assert "There is no person" in rows["person"].query_one(".wrong", Lines).plain
        assert app.focused is rows["person"].part


async def test_every_error_of_the_gateway_is_told_as_it_is():
    box = box_with()
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        for error in errors():
            box.put("recipe.list", error(f"{error.__name__} [/foo] with the next step."))
            app.act(Deed("recipe.list"))
            await settled(pilot)
            assert f"{error.__name__} [/foo] with" in told(app)
            assert app.screen is app.present


async def test_every_error_of_the_gateway_is_told_in_the_form_that_asked_for_it():
    box = box_with()
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("model.show", {"model": "demo"}, form=True))
        for error in errors():
            box.put("model.show", error(f"{error.__name__} [/foo] with the next step."))
            await settled(pilot)
            app.screen.query_one("#go", Button).press()
            await settled(pilot)
            assert isinstance(app.screen, Form)
            assert f"{error.__name__} [/foo] with" in app.screen.query_one("#wrong", Lines).plain


async def test_a_box_that_is_lost_while_a_dialog_is_open_leaves_the_dialog():
    box = box_with()
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("key.new"))
        await settled(pilot)
        box.lose(GatewayNotRunning("The gateway is not running; start it with `carrel up`."))
        await pilot.press(*"laptop", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        assert "carrel up" in app.screen.query_one("#wrong", Lines).plain
        assert app.screen._rows["name"].text == "laptop"


async def test_a_new_key_is_in_its_dialog_and_nowhere_else():
    box = box_with()
    app = CarrelApp(box)
    secret = next(one[2] for one in ANSWERS if one[0] == "key.new").key
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("key.new", {"name": "laptop"}, quiet=True))
        await settled(pilot)
        assert isinstance(app.screen, ShownOnce)
        assert secret in app.export_screenshot()
        await pilot.press("c")
        assert app.clipboard == secret
        await pilot.press("enter", "q")
        assert isinstance(app.screen, ShownOnce)
        await pilot.press("r")
        await settled(pilot)
        assert app.screen.has_class("-code")
        assert secret not in told(app)
        await pilot.press("escape")
        await settled(pilot)
        assert app.screen is app.present
        assert secret not in app.export_screenshot()


@pytest.mark.parametrize("name", ["key.new", "restriction.set", "class.new", "person.import", "budget.set"])
async def test_a_form_stands_at_every_size_with_its_buttons_in_sight(name):
    """Opened at each of them; walked through where there is the least room."""
    app = CarrelApp(box_with())
    async with app.run_test(size=SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            app.act(Deed(name, form=True))
            await settled(pilot)
            assert app.screen.size == size
            go = app.screen.query_one("#go", Button)
            assert app.screen.region.contains_region(go.region)
            assert go.region.height == 1
            if size == SIZES[-1]:
                await pilot.press(*["tab"] * 8, *["down"] * 3, "space", "right", "shift+tab", "up")
                assert isinstance(app.screen, Form)
                await pilot.resize_terminal(60, 15)
            await pilot.press("escape")
            await settled(pilot)
            assert app.screen is app.present


async def test_the_command_is_shown_while_it_is_made():
    app = CarrelApp(box_with())
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("key.new"))
        await settled(pilot)
        await pilot.press("m", "y", "space", "k")
        assert "$ carrel key new 'my k'" in app.screen.query_one("#command", Lines).plain
        await pilot.press("ctrl+y")
        assert app.clipboard == "carrel key new 'my k'"


async def test_what_is_there_is_offered_and_taken_with_the_arrow_keys():
    box = box_with(answer("model.run"))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("model.run"))
        await settled(pilot)
        await pilot.press("l")
        await settled(pilot)
        await pilot.press("down", "enter")
        assert isinstance(app.focused, Line)
        assert app.focused.value == "llama-3.1-8b"
        await pilot.press("enter")
        await settled(pilot)
        assert changed(box) == [("model.run", {"model": "llama-3.1-8b"})]


@pytest.mark.parametrize(("size", "texts"), [((60, 15), HOSTILE), ((80, 24), HOSTILE[::3])])
async def test_hostile_text_is_text_in_every_dialog(size, texts):
    box = box_with()
    app = CarrelApp(box)
    async with app.run_test(size=size) as pilot:
        for text in texts:
            for name in ("person.list", "model.show", "key.new", "license.show"):
                box.put(name, sample(action(name).result, text))
            short = text[:60]
            for deed in (
                Deed("person.list", {"project": short}, form=True, subject=text),
                Deed("model.stop", {"model": short}, subject=text),
                Deed("key.revoke", {"id": short}, subject=text),
                Deed("model.show", {"model": short}),
                Deed("key.new", {"name": short}),
                Deed("license.accept", {"model": short, "who": short, "authority": short, "purpose": short}),
            ):
                app.act(deed)
                await settled(pilot)
                assert app.screen is not app.present, deed
                assert not harmful(app.export_screenshot())
                await pilot.press("escape")
                await settled(pilot)
            box.put("gpu.list", CarrelError(text))
            app.act(Deed("gpu.list"))
            await settled(pilot)
            assert app.is_running
        assert not any(map(harmful, told(app).split("\n")))


async def test_a_license_is_read_before_it_is_accepted():
    box = box_with(answer("license.accept"))
    detail = sample(action("license.show").result, "words of the license")
    box.put("license.show", detail)
    app = CarrelApp(box)
    who = {"who": "w", "authority": "a", "purpose": "p"}
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("license.accept", {"model": "demo", **who}))
        await settled(pilot)
        assert isinstance(app.screen, Consent)
        await pilot.press("enter")
        await settled(pilot)
        assert changed(box) == []
        app.act(Deed("license.accept", {"model": "demo", **who}, quiet=True))
        await settled(pilot)
        await pilot.press("tab", "enter")
        await settled(pilot)
        assert changed(box) == [
            ("license.accept", {"model": "demo", **who, "text": detail.terms.text_sha256})
        ]


async def test_a_preview_changes_nothing_and_the_form_stays():
    box = box_with(answer("model.remove"))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("model.remove", {"model": "demo"}, form=True))
        await settled(pilot)
        app.screen.query_one("#preview", Button).press()
        await settled(pilot)
        assert isinstance(app.screen, Shown)
        assert box.runs[-1] == ("model.remove", {"model": "demo", "dry_run": True})
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, Form)


class SlowBox(FakeBox):
    """Answers one action when it is told to."""

    def __init__(self, *answers, slow: str) -> None:
        super().__init__(*answers)
        self.slow = slow
        self.let = asyncio.Event()

    async def run(self, name, arguments):
        if name == self.slow:
            await self.let.wait()
        return await super().run(name, arguments)


@pytest.mark.parametrize("stays", [True, False])
async def test_what_takes_long_can_be_left_and_is_kept_until_somebody_looks(stays):
    box = SlowBox(*HEAD, answer("fed.preview", "what would leave"), slow="fed.preview")
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("fed.preview"))
        await pilot.pause(0.7)
        assert isinstance(app.screen, Waiting)
        if not stays:
            await pilot.press("escape")
            await settled(pilot)
            assert app.screen is app.present
        box.let.set()
        await settled(pilot)
        if not stays:
            assert "what came of" in told(app)
            await pilot.press("colon", *"result")
            await pilot.pause(0.4)
            await pilot.press("enter")
            await settled(pilot)
        assert isinstance(app.screen, Shown)
        assert not app.doings.ended


async def test_a_download_that_has_begun_leads_to_the_screen_that_shows_it():
    box = box_with(answer("model.pull"))
    app = CarrelApp(box)
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("model.pull", {"model": "demo"}))
        await settled(pilot)
        assert app.present.NAME == "jobs"


async def test_typed_colons_are_letters_and_open_no_palette():
    app = CarrelApp(box_with())
    async with app.run_test(size=(80, 24)) as pilot:
        app.act(Deed("key.new"))
        await settled(pilot)
        await pilot.press("a", "colon", "q", "1")
        assert isinstance(app.focused, Input)
        assert app.focused.value == "a:q1"
