"""Parts of the scripts, one by one: what they make of what comes over the wire."""

import itertools
import json
import random

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Page

from appliance.api.me import me_body
from appliance.domain.me import Me
from appliance.domain.usage import Budget
from appliance.web.left import sentence_left
from tests.api.fakes import CALLER, FakeAccounts
from tests.browser.page_box import PageBox
from tests.browser.watched import WatchedPages

STREAM = (
    ': ping\n\n: queue position=2 eta_s=7\n\ndata: {"a":1}\n\ndata:no space\r\n\r\n'
    "event: other\nid: 3\ndata: one\ndata: two\n\n\n\ndata: ünï𝄞\n\ndata: [DONE]\n\ndata: never ended"
)  # fmt: skip
ITEMS = [
    ["comment", "ping"],
    ["comment", "queue position=2 eta_s=7"],
    ["data", '{"a":1}'],
    ["data", "no space"],
    ["data", "one\ntwo"],
    ["data", "ünï𝄞"],
    ["data", "[DONE]"],
]
CUT = """async ([url, pieces]) => {
  const { eventsOf } = await import(url);
  const items = [];
  const bytes = new ReadableStream({
    start(to) { for (const one of pieces) to.enqueue(Uint8Array.from(one)); to.close(); },
  });
  for await (const one of eventsOf(bytes)) items.push([one.kind, one.text]);
  return items;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(scripted: PageBox, pages: WatchedPages) -> Page:
    return await pages(f"{scripted.url}/login")


async def script(page: Page, name: str) -> str:
    """Where the page finds one of its scripts."""
    known = await page.locator("script[type=module]").first.get_attribute("src")
    return f"{known.rpartition('/')[0]}/{name}.js"


@pytest.mark.parametrize("seed", range(8))
async def test_events_are_the_same_however_the_network_cut_them(page: Page, seed: int):
    stream, drawn = STREAM.encode(), random.Random(seed)
    places = sorted({0, len(stream), *(drawn.randrange(len(stream)) for _ in range(3 * seed))})
    pieces = [list(stream[one:other]) for one, other in itertools.pairwise(places)]
    assert await page.evaluate(CUT, [await script(page, "sse"), pieces]) == ITEMS


def me_with(me: Me, **changes: object) -> Me:
    return Me(**{name: getattr(me, name) for name in me.__dataclass_fields__} | changes)


@pytest.mark.parametrize("limited", ["allocation", "project", "nothing"])
async def test_script_and_box_say_the_same_of_what_is_left(page: Page, limited: str):
    me = await FakeAccounts().me(CALLER)
    if limited != "allocation":
        limit = 5_000_000 if limited == "project" else None
        me = me_with(me, allocations=(), budget=Budget("default", limit, 1_000_000, 0))
    told = json.loads(msgspec.json.encode(me_body(me)))
    found = await page.evaluate(
        "async ([url, me]) => (await import(url)).sentenceOf(me)", [await script(page, "budget"), told]
    )
    assert found == sentence_left(me) != ""


async def test_shuffling_has_every_order_as_often(page: Page):
    counted = await page.evaluate(
        """async (url) => {
          const { shuffled } = await import(url);
          const seen = {};
          for (let at = 0; at < 6000; at += 1) {
            const order = shuffled(["a", "b", "c"]).join("");
            seen[order] = (seen[order] ?? 0) + 1;
          }
          return seen;
        }""",
        await script(page, "shuffled"),
    )
    assert len(counted) == 6
    # 1000 each; seven standard deviations are 202.
    assert all(800 < often < 1200 for often in counted.values())
