"""A rehearsal goes on while nobody looks, and its result is found again."""

import asyncio

import pytest

from appliance.errors import ModelNotRunning
from appliance.web.rehearsals import Rehearsals
from tests.web.class_box import class_box
from tests.web.fakes import StillClock, parsed
from tests.web.lesson_results import rehearsal


@pytest.fixture
def box(request):
    # The box of all tests remembers rehearsals by class.
    return class_box(id=request.node.name[:60])


@pytest.fixture
def gate(box):
    """Holds rehearsals until it is set."""
    gate, run = asyncio.Event(), box.operations.run

    async def held(name, arguments, operator):
        if name == "class.rehearse":
            await gate.wait()
        return await run(name, arguments, operator)

    box.operations.run = held
    return gate


async def view(browser, path):
    return parsed((await browser.get(path)).text).one(id="rehearsal")


async def ended(browser, path):
    for _ in range(1000):
        found = await view(browser, path)
        if "hx-get" not in found.attributes:
            return found
        await asyncio.sleep(0)
    raise AssertionError("it goes on")


async def test_it_is_begun_by_a_press_and_goes_on_without_the_page(box, gate):
    path = f"/teach/{box.operations.answers['class.show'].id}"
    async with box.browser("crl_lead") as browser:
        begun = await browser.send(f"{path}/rehearse", seats="30", headers={"hx-request": "true"})
        shown = parsed(begun.text).one(id="rehearsal")
        assert "30 synthetic students are asking" in shown.words
        assert shown.attributes["hx-trigger"] == "every 1s"
    async with box.browser("crl_lead") as browser:
        assert "are asking" in (await view(browser, path)).words
        gate.set()
        words = (await ended(browser, f"{path}/_rehearsal")).words
        assert "✓ Ready. 30 of 30 were answered by tiny" in words
        assert "first word after 0.9 s in the middle, 2.4 s at worst" in words
        assert "Ready" in (await view(browser, path)).words
    (called,) = box.operations.called("class.rehearse")
    assert (called["seats"], called["project"]) == (30, "seminar")


async def test_without_scripts_the_page_of_the_class_tells_how_it_stands(box, gate):
    path = f"/teach/{box.operations.answers['class.show'].id}"
    async with box.browser("crl_lead") as browser:
        begun = await browser.send(f"{path}/rehearse", seats="5")
        assert begun.headers["location"] == f"{path}#rehearsal"
        again = await browser.send(f"{path}/rehearse", seats="5")
        assert again.status_code == 409
        gate.set()
        await ended(browser, path)
    assert len(box.operations.called("class.rehearse")) == 1


async def test_a_refusal_is_told_in_its_own_words(box):
    box.operations.answers["class.rehearse"] = ModelNotRunning("tiny does not run. `carrel model run tiny`.")
    path = f"/teach/{box.operations.answers['class.show'].id}"
    async with box.browser("crl_lead") as browser:
        await browser.send(f"{path}/rehearse", seats="5")
        assert "tiny does not run" in (await ended(browser, path)).words


async def test_one_that_is_not_ready_lists_its_problems(box):
    box.operations.answers["class.rehearse"] = rehearsal(
        ready=False, answered=28, failed=2, problems=("Two waited longer than 3 s.",)
    )
    path = f"/teach/{box.operations.answers['class.show'].id}"
    async with box.browser("crl_lead") as browser:
        await browser.send(f"{path}/rehearse", seats="5")
        words = (await ended(browser, path)).words
    assert "✕ Not ready. 28 of 30" in words
    assert "Two waited longer" in words


async def test_what_broke_is_told_without_its_text_and_what_was_ended_too():
    rehearsals = Rehearsals(StillClock(), class_box().log)
    forever = asyncio.Event()

    async def breaks():
        raise RuntimeError("secret")

    async def waits():
        await forever.wait()

    rehearsals.begin("monday", 3, breaks)
    rehearsals.begin("tuesday", 3, waits)
    await asyncio.sleep(0)
    await rehearsals.close()
    assert "broke" in rehearsals.view("monday").refused
    assert "secret" not in rehearsals.view("monday").refused
    assert "ended before" in rehearsals.view("tuesday").refused


def test_where_there_was_none_there_is_nothing_to_tell():
    view = Rehearsals(StillClock(), class_box().log).view("monday")
    assert (view.going, view.refused, view.result) == (False, "", None)
