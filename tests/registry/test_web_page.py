"""The page: what was reported as plots and tables, no few users, no markup of others, for readers only."""

import re
from dataclasses import replace

import pytest

from appliance.registry.web.hands import Hands
from appliance.registry.web.page.document import document
from appliance.registry.web.page.facts import Amounts, BoxLine, CatalogLine, Facts, LeaseLine, Use
from appliance.registry.web.page.numbers import age, people, short
from appliance.registry.web.page.plots import nice_axis, plot, series_of
from appliance.registry.web.page.routes import Recent, page_routes
from tests.registry.web_registries import web

TOKEN = "a-token-for-readers"
DAYS = tuple(f"2026-11-{day:02}" for day in range(1, 31))
HOSTILE = '"><script>alert(1)</script>\u202e\x00'


def use(name="Uni A", credits_micro=5_000_000, users=12) -> Use:
    each = Amounts(requests=3, tokens=400, credits_micro=credits_micro, most_users=users)
    days = dict.fromkeys(DAYS[:4], each)
    return Use(name, Amounts(12, 1600, credits_micro * 4, users), days)


def facts(**more) -> Facts:
    made = Facts(
        name="central",
        made_s=1_790_000_000,
        days=DAYS,
        institutions=(use(),),
        models=(use("tiny"),),
        boxes=(BoxLine("box", "Uni A", "1.0", "active", "2026-11-04", 1_789_990_000, 2, 1),),
        boxes_in_all=1,
        leases=(LeaseLine("tiny", 3, 1, 2, 1_790_500_000),),
        catalog=(CatalogLine("tiny", 4, "central"),),
        expires_ms={"targets": 1_795_000_000_000},
    )
    return replace(made, **more)


def test_everything_that_was_reported_stands_in_tables_beside_the_plots():
    html = document(facts(), 30, "credits")
    assert html.count("<svg") == 2
    for shown in ("Uni A", "tiny", "Credits a day", "2026-11-04", "2 h", "central", "Good until: targets"):
        assert shown in html


def test_numbers_of_users_below_ten_are_never_shown():
    html = document(facts(institutions=(use(users=0),), models=(use("tiny", users=9),)), 30, "credits")
    assert html.count("under 10") == 2
    assert [people(count) for count in (0, 9, 10)] == ["under 10", "under 10", "10"]


def test_names_are_words_wherever_they_stand():
    html = document(
        facts(
            name=HOSTILE,
            institutions=(use(HOSTILE),),
            models=(use(HOSTILE),),
            boxes=(BoxLine(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 0, 1, 0),),
            leases=(LeaseLine(HOSTILE, 1, 0, 0, 0),),
            catalog=(CatalogLine(HOSTILE, 1, HOSTILE),),
            catalog_fault=HOSTILE,
            expires_ms={HOSTILE: 5},
        ),
        30,
        "tokens",
    )
    assert "<script" not in html
    assert "\u202e" not in html
    assert "\x00" not in html
    assert html.count("&lt;script&gt;") >= 12


def test_the_page_brings_no_script_no_style_of_its_own_and_nothing_from_elsewhere():
    html = document(facts(), 30, "credits")
    assert not re.search(r"<script|\sstyle=|\son\w+=|https?://|<img|<iframe|@import", html)


def test_an_empty_registry_has_a_page():
    empty = facts(institutions=(), models=(), boxes=(), boxes_in_all=0, leases=(), catalog=())
    html = document(empty, 30, "requests")
    assert html.count("Nothing was reported") == 2
    assert "No box has enrolled" in html


def test_only_the_largest_have_a_color_and_nobody_is_lost():
    uses = [use(f"u{at}") for at in range(9)]
    series = series_of(uses, [[day] for day in DAYS], "requests")
    assert [one.name for one in series] == [*(f"u{at}" for at in range(6)), "all others"]
    assert sum(one.values[0] for one in series) == 27


def test_a_year_is_drawn_by_weeks_and_a_correction_below_zero_is_not_drawn():
    days = [f"{day:03}" for day in range(365)]
    svg = plot("Use", [Use("a", Amounts(), dict.fromkeys(days, Amounts(requests=1)))], days, "requests")
    assert svg.count("<rect") == 53
    assert "a week" in svg
    below = plot("Use", [Use("a", Amounts(), {DAYS[0]: Amounts(requests=-5)})], DAYS, "requests")
    assert "<rect" not in below


def test_bars_stay_within_the_frame():
    svg = plot("Use", [use("a", 123_456_789), use("b", 1)], DAYS, "credits")
    for y, height in re.findall(r'y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', svg):
        assert 22 <= float(y) <= float(y) + float(height) <= 176.3


@pytest.mark.parametrize(
    ("value", "top", "ticks"),
    [(0, 1, 4), (0.3, 0.3, 3), (1, 1, 4), (4.5, 5, 5), (5.1, 6, 3), (9, 10, 5), (1234, 2000, 4)],
)
def test_axes_end_at_round_numbers(value, top, ticks):
    assert nice_axis(value) == (pytest.approx(top), ticks)


def test_numbers_are_short():
    assert [short(one) for one in (0, 0.125, 12, 9999, 12_345, 3.2e9, -20_000)] == [
        "0", "0.125", "12", "9,999", "12.3 k", "3.2 G", "-20 k",
    ]  # fmt: skip
    assert [age(100_000, then) for then in (0, 100_000, 90_000, 200_000)] == ["never", "0 h", "2 h", "0 h"]
    assert age(10**6, 10**6 - 3 * 86_400) == "3 d"


class Clock:
    now_s = 100.0

    def monotonic_s(self):
        return self.now_s

    def now_ms(self):
        return 0


def test_facts_are_read_once_a_minute_for_each_span():
    clock, asked = Clock(), []

    def read(span):
        asked.append(span)
        return facts()

    recent = Recent(read, clock)
    for span in (30, 30, 90, 30):
        recent.facts(span)
    clock.now_s += 61
    recent.facts(30)
    assert asked == [30, 90, 30]


def pages(readers):
    return page_routes(Recent(lambda _span: facts(), Clock()), Hands(threads=1), readers, TOKEN)


async def test_readers_log_in_and_nobody_else_reads():
    async with web(page=pages("token")) as http:
        nobody = await http.get("/")
        assert nobody.status_code == 401
        assert nobody.headers["www-authenticate"].startswith("Basic ")
        assert "Uni A" not in nobody.text
        for wrong in (("reader", "wrong"), ("admin", TOKEN), ("reader", "")):
            assert (await http.get("/", auth=wrong)).status_code == 401
        for header in ("Basic !!!", f"Bearer {TOKEN}", "Basic"):
            assert (await http.get("/", headers={"authorization": header})).status_code == 401
        assert (await http.get(f"/?token={TOKEN}")).status_code == 401
        page = await http.get("/", auth=("reader", TOKEN))
    assert (page.status_code, "Uni A" in page.text) == (200, True)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"


async def test_an_open_page_is_read_by_anybody_and_none_by_nobody():
    async with web(page=pages("open")) as http:
        page = await http.get("/?days=365&of=tokens")
        style = await http.get("/style.css")
        other = await http.get("/?days=77&of=<script>")
    assert "Tokens a" in page.text
    assert style.headers["content-type"].startswith("text/css")
    assert other.status_code == 200
    assert "<script" not in other.text
    async with web(page=pages("off")) as http:
        assert (await http.get("/")).status_code == 404
