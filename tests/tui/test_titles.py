"""The line above a part of a screen fills its width, and follows size and theme."""

from tests.tui.noting import app_with
from tui.parts.titles import Title
from tui.themes import LIGHT


def drawn(title: Title) -> str:
    return str(title.render())


async def test_a_title_fills_its_line_whatever_its_size():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        title = app.present.query_one("#inbox-title", Title)
        assert title.plain == "Needs you (6)"
        assert len(drawn(title)) == title.size.width
        await pilot.resize_terminal(60, 15)
        await pilot.pause(0.3)
        assert len(drawn(title)) == title.size.width


async def test_a_title_is_drawn_in_the_tones_of_another_theme():
    app = app_with()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        app.theme = LIGHT
        await pilot.pause(0.3)
        spans = app.present.query_one("#running-title", Title).render().spans
        assert "rgb(11,74,143)" in [str(one.style) for one in spans]


async def test_a_title_that_is_too_long_is_cut_at_its_line():
    app = app_with()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause(0.3)
        title = app.present.query_one("#inbox-title", Title)
        title.show("x" * 300)
        await pilot.pause(0.3)
        assert title.size.height == 1
