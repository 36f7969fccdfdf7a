"""Pages that are looked over: what they ask of other hosts, what their content policy refuses, what they
tell their console.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Response, Route, expect

WAIT_MS = 60_000
expect.set_options(timeout=WAIT_MS)
_STATUS_TOLD = re.compile(r"Failed to load resource: the server responded with a status of \d+")
"""What Chromium says of every 4xx; pages tell these in words, and tests look at the words."""


@dataclass
class WatchedPages:
    """All pages of one test: ``await pages(url)`` opens one. ``troubles`` is what they did that no page may
    do; a test that brings some about looks at them and clears them.
    """

    browser: Browser
    troubles: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def __call__(self, url: str, **context: object) -> Page:
        """A page at ``url``, in a context of its own, which ``context`` describes. Requests to other hosts
        are ended and noted.
        """
        made = await self.browser.new_context(**context)  # type: ignore[arg-type]
        made.set_default_timeout(WAIT_MS)
        self.contexts.append(made)
        own = urlsplit(url)

        async def only_own(route: Route) -> None:
            there = urlsplit(route.request.url)
            self.asked.append(route.request.url)
            if there.scheme in {"data", "blob"} or there.hostname == own.hostname:
                await route.continue_()
                return
            self.troubles.append(f"asked {route.request.url}")
            await route.abort()

        await made.route("**/*", only_own)
        page = await made.new_page()
        self.watch(page)
        await page.goto(url)
        return page

    def watch(self, page: Page) -> None:
        """Look over another page, such as a second tab of a context."""
        page.on("console", self._console)
        page.on("pageerror", self._broke)
        page.on("response", self._answered)
        page.on("popup", lambda other: self.troubles.append(f"opened {other.url}"))

    def check(self) -> None:
        """Raises where a page did what none may do."""
        assert not self.troubles, "\n".join(self.troubles)

    async def close(self) -> None:
        """All of them."""
        for context in self.contexts:
            await context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _STATUS_TOLD.match(message.text):
            self.troubles.append(f"console {message.type}: {message.text}")

    def _broke(self, error: Error) -> None:
        self.troubles.append(f"error of a script: {error}")

    def _answered(self, response: Response) -> None:
        if response.status == 500:
            self.troubles.append(f"{response.status} of {response.url}")


@asynccontextmanager
async def opened_pages(browser: Browser) -> AsyncIterator[WatchedPages]:
    """Closes them in the end, whatever happened."""
    pages = WatchedPages(browser)
    try:
        yield pages
    finally:
        await pages.close()


async def signed_in(page: Page, key: str) -> Page:
    """Exchange ``key`` for a session on the page of the box that ``page`` shows."""
    await page.goto(address(page, "/login"))
    await page.locator("input[name=key]").fill(key)
    await page.locator("form:has(input[name=key]) button[type=submit]").click()
    await page.wait_for_url(lambda url: urlsplit(url).path != "/login")
    return page


def address(page: Page, path: str) -> str:
    """Of another page of the same box."""
    now = urlsplit(page.url)
    return f"{now.scheme}://{now.netloc}{path}"
