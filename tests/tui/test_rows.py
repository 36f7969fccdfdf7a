"""The table: what is drawn, where the cursor is, what it tells."""

from textual.app import App, ComposeResult

from tests.tui.hostile import HOSTILE
from tui.parts.cells import Cell
from tui.parts.rows import Row, Rows
from tui.parts.widths import Column
from tui.themes import DARK, themes


class Table(App[None]):
    def __init__(self, *rows: Row) -> None:
        super().__init__()
        self.first = rows
        self.opened: list[str] = []
        for one in themes():
            self.register_theme(one)
        self.theme = DARK

    def compose(self) -> ComposeResult:
        yield Rows((Column("NAME"), Column("N", 4, right=True)), id="table", empty="No models yet.")

    def on_mount(self) -> None:
        self.table.show(self.first)
        self.table.focus()

    @property
    def table(self) -> Rows:
        return self.query_one(Rows)

    def on_rows_opened(self, event: Rows.Opened) -> None:
        self.opened.append(event.row.key)

    def line(self, number: int) -> str:
        return self.table.render_line(number).text


def row(key: str, number: int = 0) -> Row:
    return Row(key, (Cell(key), Cell(str(number))))


async def test_a_row_is_drawn_under_its_titles():
    app = Table(row("alpha", 7))
    async with app.run_test(size=(30, 6)):
        assert app.line(0).split() == ["NAME", "N"]
        assert app.line(1).startswith("alpha ")
        assert app.line(1).rstrip().endswith("7")


async def test_an_empty_table_says_so():
    app = Table()
    async with app.run_test(size=(30, 6)):
        assert app.line(1).strip() == "No models yet."
        assert app.table.chosen is None


async def test_the_cursor_stays_on_its_row_when_rows_come_before_it():
    app = Table(row("b"), row("c"))
    async with app.run_test(size=(30, 6)) as pilot:
        await pilot.press("down")
        app.table.show([row("a"), row("b"), row("c"), row("d")])
        assert app.table.chosen == row("c")


async def test_the_cursor_stays_at_its_place_when_its_row_goes():
    app = Table(row("a"), row("b"), row("c"))
    async with app.run_test(size=(30, 6)) as pilot:
        await pilot.press("down")
        app.table.show([row("a"), row("c")])
        assert app.table.chosen == row("c")


async def test_enter_opens_the_row_under_the_cursor():
    app = Table(row("a"), row("b"))
    async with app.run_test(size=(30, 6)) as pilot:
        await pilot.press("end", "enter")
        assert app.opened == ["b"]


async def test_the_cursor_is_in_view_wherever_it_goes():
    app = Table(*(row(f"r{number:03}") for number in range(200)))
    async with app.run_test(size=(30, 10)) as pilot:
        await pilot.press("end")
        await pilot.pause(0.3)
        assert any("r199" in app.line(number) for number in range(1, 10))
        await pilot.press("home")
        await pilot.pause(0.3)
        assert app.line(1).startswith("r000")


async def test_a_filter_takes_words_and_words_that_must_be_missing():
    app = Table(row("demo tiny"), row("demo large"), row("other"))
    async with app.run_test(size=(30, 6)):
        app.table.filter_by("demo !large")
        assert [one.key for one in app.table.rows] == ["demo tiny"]
        app.table.filter_by("nothing")
        assert app.line(1).strip() == "Nothing fits the filter."


async def test_hostile_text_is_drawn_as_text_within_the_width():
    app = Table(*(Row(str(number), (Cell(text), Cell(text))) for number, text in enumerate(HOSTILE)))
    async with app.run_test(size=(40, 24)):
        for number in range(1, len(HOSTILE) + 1):
            strip = app.table.render_line(number)
            assert strip.cell_length == app.table.scrollable_content_region.width
            assert "\x1b" not in strip.text


async def test_a_click_chooses_and_a_second_one_opens():
    app = Table(row("a"), row("b"))
    async with app.run_test(size=(30, 6)) as pilot:
        await pilot.click(Rows, offset=(2, 2))
        assert app.table.chosen == row("b")
        await pilot.click(Rows, offset=(2, 2), times=2)
        assert app.opened == ["b"]
