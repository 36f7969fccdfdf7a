"""Chromium over a real box. A page that asks another host for anything, breaks the content policy, or tells
its console of an error fails its test.

All tests here run in one event loop, which the browser needs; none of them has to say so.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.page_box import PageBox
from tests.browser.watched import WatchedPages, opened_pages
from tests.required import require_chromium
from tests.system.box import RealBox

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything beside this file is slow and runs in the session's loop."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    """A real box with the demo model, one a module."""
    box = RealBox(tmp_path_factory.mktemp("home")).start()
    yield box
    box.stop()


@pytest.fixture(scope="module")
def key(box: RealBox) -> str:
    """A working key of somebody."""
    return box.new_key("ada")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all."""
    program = require_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(program), args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def pages(browser: Browser) -> AsyncIterator[WatchedPages]:
    """``await pages(url)`` opens one, in a context of its own; whatever is wrong with any fails the test."""
    async with opened_pages(browser) as opened:
        yield opened
        opened.check()


@pytest_asyncio.fixture(loop_scope="session")
async def scripted() -> AsyncIterator[PageBox]:
    """Pages and API over a box whose models say what the test tells them to."""
    async with PageBox().running() as running:
        yield running
