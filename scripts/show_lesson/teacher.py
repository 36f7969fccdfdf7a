"""The teacher, in a browser on the class's network: makes the class, opens it, watches it, ends it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

WAIT_MS = 30_000
CLASS = "lesson-3"


class Teacher:
    """``url`` is the box over TLS. The certificate is the box's own, which the teacher's browser accepts."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.foreign: list[str] = []

    def sign_in(self, key: str) -> None:
        self.page.goto(f"{self.url}/login")
        self.page.locator("input[name=key]").fill(key)
        self.page.locator("form:has(input[name=key]) button[type=submit]").click()
        self.page.wait_for_url(f"{self.url}/*")

    def make_class(self, roster: Path) -> str:
        """What the preview said of the list."""
        self.page.goto(f"{self.url}/teach/_new")
        self.page.locator("input[name=title]").fill("Lesson 3")
        self.page.locator("input[name=roster_file]").set_input_files(roster)
        self.page.locator("input[name=minutes]").fill("45")
        self.page.get_by_role("button", name="Look at it before it is made").click()
        self.page.locator("#preview-head").wait_for()
        said = self.page.locator(".preview").inner_text()
        self.page.get_by_role("button", name="Make the class, open it later").click()
        self.page.wait_for_url(f"{self.url}/teach/{CLASS}*")
        return said

    def rehearse(self) -> str:
        self.page.goto(f"{self.url}/teach/{CLASS}")
        self.page.get_by_role("button", name="Rehearse").click()
        done = self.page.locator("#rehearsal", has_text="were answered")
        done.wait_for(timeout=180_000)
        return done.inner_text()

    def cards(self) -> int:
        """How many cards there are to print."""
        self.page.goto(f"{self.url}/teach/{CLASS}/cards")
        self.page.get_by_role("button", name="Make the cards").click()
        self.page.locator(".card").first.wait_for()
        return self.page.locator(".card").count()

    def open_plainly(self) -> None:
        self.page.goto(f"{self.url}/teach/{CLASS}")
        self.page.locator("input[name=plain]").check()
        self.page.get_by_role("button", name="Open").click()
        self.page.get_by_role("button", name="Pause all").wait_for()

    def projector(self) -> tuple[str, str]:
        """Code, and address to type, as they stand on the wall."""
        self.page.goto(f"{self.url}/project/{CLASS}")
        if not self.page.locator(".projector-code").count():
            self.page.locator("#new-code").click()
        code = self.page.locator(".projector-code")
        code.wait_for()
        return code.inner_text().strip(), self.page.locator("body").inner_text()

    def waits_for_joined(self, wanted: str, within_s: float) -> float:
        """How long until the projector says so."""
        began_s = time.monotonic()
        self.page.locator("body", has_text=wanted).wait_for(timeout=within_s * 1000)
        return time.monotonic() - began_s

    def watch_seats(self) -> None:
        self.page.goto(f"{self.url}/teach/{CLASS}")

    def waits_for_seat(self, name: str, words: tuple[str, ...], within_s: float) -> str:
        """Until the seat of ``name`` says one of ``words``; what it says."""
        seat = self.page.locator("#seats-now li", has_text=name)
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            said = seat.inner_text()
            if any(word in said for word in words):
                return " ".join(said.split())
            self.page.wait_for_timeout(200)
        return ""

    def opens_seat(self, name: str) -> str:
        self.page.locator("#seats-now li", has_text=name).locator("a").first.click()
        panel = self.page.locator("#seat-panel")
        panel.get_by_role("heading").wait_for()
        return " ".join(panel.inner_text().split())

    def end(self) -> None:
        self.page.goto(f"{self.url}/teach/{CLASS}/end")
        self.page.get_by_role("button", name="End the class").click()
        self.page.wait_for_url(f"{self.url}/teach/{CLASS}*")

    def report(self) -> str:
        self.page.goto(f"{self.url}/teach/{CLASS}/report")
        with self.page.expect_download() as coming:
            self.page.locator("a[href$='report.csv']").click()
        return Path(coming.value.path()).read_text("utf-8-sig")


@contextmanager
def teacher(url: str, chromium: str) -> Iterator[Teacher]:
    """In a browser of their own. What it asks of other hosts is noted and refused."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(ignore_https_errors=True, accept_downloads=True)
        context.set_default_timeout(WAIT_MS)
        one = Teacher(context.new_page(), url)

        def only_own(route) -> None:
            if route.request.url.startswith((url, "data:", "blob:")):
                route.continue_()
            else:
                one.foreign.append(route.request.url)
                route.abort()

        context.route("**/*", only_own)
        yield one
        browser.close()
