"""A viewer that notes what it was asked to do, and does nothing of it."""

from tests.tui.fake_box import Answer, FakeBox
from tests.tui.scenes.lab import HEAD, answers
from tui.app import CarrelApp
from tui.deeds import Deed
from tui.parts.lines import Lines
from tui.parts.rows import Rows


class NotingApp(CarrelApp):
    """``deeds`` are those that were begun, in order."""

    def __init__(self, box: FakeBox, **more: bool) -> None:
        super().__init__(box, **more)
        self.deeds: list[Deed] = []

    def act(self, deed: Deed) -> None:
        self.deeds.append(deed)

    def table(self, name: str) -> Rows:
        return self.present.query_one(f"#{name}", Rows)

    def said(self, name: str) -> str:
        return self.present.query_one(f"#{name}", Lines).plain

    def column(self, name: str, number: int) -> list[str]:
        return [row.cells[number].text for row in self.table(name).rows]


def app_with(*rows: tuple[str, dict[str, object], Answer], **more: bool) -> NotingApp:
    """On the made-up lab, where these answers replace its own."""
    return NotingApp(FakeBox(*answers(), *rows), **more)


def app_of_only(*rows: tuple[str, dict[str, object], Answer]) -> NotingApp:
    """On a box that answers nothing else but what the head needs."""
    return NotingApp(FakeBox(*HEAD, *rows))
