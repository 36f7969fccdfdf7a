"""The report of a class, on the page and as a file."""

from appliance.domain.results import FrozenModelLine
from tests.web.class_box import class_box
from tests.web.lesson_results import report


async def test_the_report_is_a_table_and_a_file():
    box = class_box()
    async with box.browser("crl_lead") as browser:
        page = await browser.page("/teach/monday/report")
        cells = [one.words for one in page.one("tbody").one("tr").children]
        file = await browser.get("/teach/monday/report.csv")
    assert cells[:2] == ["s1", "Ada Oakley"]
    assert cells[3:] == ["3", "1,000", "200", "1"]
    assert file.text == report().csv
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["content-disposition"] == 'attachment; filename="class-monday.csv"'
    assert file.headers["cache-control"] == "no-store"


async def test_an_exam_names_its_seed_and_the_frozen_models():
    box = class_box()
    box.operations.answers["class.report"] = report(
        mode="exam", seed=42, frozen=(FrozenModelLine(model="tiny", revision="3", files="ab" * 32),)
    )
    async with box.browser("crl_lead") as browser:
        words = (await browser.page("/teach/monday/report")).one("dl").words
    assert "42" in words
    assert "revision 3" in words
    assert "ab" * 32 in words
