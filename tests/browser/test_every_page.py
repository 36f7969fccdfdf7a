"""Every page, in the light, in the dark and on a phone: nothing of elsewhere is asked for, axe-core finds no
violation of WCAG 2.2 A and AA, and nothing has to be moved sideways.

With CARREL_SCREENS=FOLDER each is also written there as a picture, to be looked at.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.watched import address, signed_in
from tests.system.box import RealBox

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
ROSTER = "Student,ID\n" + "\n".join(f'"Last{number}, First{number}",s{number:02}' for number in range(1, 13))
LOOKS = {
    "light": ("light", {"width": 1280, "height": 900}),
    "dark": ("dark", {"width": 1280, "height": 900}),
    "phone": ("light", {"width": 390, "height": 844}),
}
"""Colors are those of the dark, and widths those of the phone: a dark phone has nothing of its own."""


@dataclass(frozen=True)
class School:
    """A course with a class that is open, and the keys of its people."""

    box: RealBox
    keys: dict[str, str]
    code: str

    @property
    def url(self) -> str:
        return self.box.url.removesuffix("/v1")


@pytest.fixture(scope="module")
def school(box: RealBox, tmp_path_factory) -> School:
    roster = tmp_path_factory.mktemp("roster") / "roster.csv"
    roster.write_text(ROSTER)
    box.carrel("person", "new", "prof", "--name", "Prof. Example")
    box.carrel("project", "new", "nlp", "--kind", "course", "--lead", "prof")
    lead = box.carrel("key", "new", "laptop", "--person", "prof", "--project", "nlp")["key"]
    box.carrel(
        "class", "new", "nlp-3", "--project", "nlp", "--roster", str(roster), "--title", "Language models, 3"
    )
    box.carrel("class", "open", "nlp-3")
    box.carrel("class", "message", "nlp-3", "--text", "Begin with the second sheet.")
    cards = box.carrel("class", "cards", "nlp-3", "--seat", "s01")["cards"]
    code = box.carrel("class", "join-screen", "nlp-3")["code"]
    return School(box, {"lead": lead, "student": cards[0]["key"], "nobody": ""}, code)


PAGES = [
    ("nobody", "/"),
    ("nobody", "/login"),
    ("nobody", "/join"),
    ("nobody", "/join?code={code}"),
    ("nobody", "/handbook"),
    ("nobody", "/handbook/classes"),
    ("student", "/"),
    ("student", "/compare"),
    ("student", "/me"),
    ("student", "/access"),
    ("student", "/start"),
    ("lead", "/teach"),
    ("lead", "/teach/_new"),
    ("lead", "/teach/nlp-3"),
    ("lead", "/teach/nlp-3/settings"),
    ("lead", "/teach/nlp-3/roster"),
    ("lead", "/teach/nlp-3/cards"),
    ("lead", "/teach/nlp-3/report"),
    ("lead", "/teach/nlp-3/end"),
    ("lead", "/project/nlp-3"),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", ["nobody", "student", "lead"])
async def test_pages_are_accessible_and_ask_nobody_else(school: School, pages, who: str):
    # Without motion a page has other colors at once when they are asked for.
    page = await pages(f"{school.url}/login", reduced_motion="reduce")
    if school.keys[who]:
        await signed_in(page, school.keys[who])
    faults = []
    for place in (path.format(code=school.code) for whose, path in PAGES if whose == who):
        await page.goto(address(page, place))
        for look, (colors, size) in LOOKS.items():
            await page.emulate_media(color_scheme=colors)
            await page.set_viewport_size(size)
            await _picture(page, f"{who} {look} {place}")
            faults += [f"{place}, {look}: {fault}" for fault in await _faults(page)]
    assert faults == []


async def _faults(page: Page) -> list[str]:
    found = await Axe().run(page, options=RULES)
    faults = [
        f"{one['id']}: {json.dumps([node['target'] for node in one['nodes']][:3])} {one['help']}"
        for one in found.response["violations"]
    ]
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*faults, f"{wide} px wider than the window"] if wide > 0 else faults


async def _picture(page: Page, name: str) -> None:
    folder = os.environ.get("CARREL_SCREENS")
    if folder:
        safe = "".join(letter if letter.isalnum() else "_" for letter in name)
        await page.screenshot(path=Path(folder) / f"{safe}.png", full_page=True)
