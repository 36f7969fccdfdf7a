"""Picks a file: folders first, with sizes, never one that is larger than what it is for."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.acting.folders import Entry, Folder, folder_at, parent_of, short
from tui.acting.frames import Framed, keys_line
from tui.parts.cells import Cell, size
from tui.parts.lines import Lines
from tui.parts.rows import Row, Rows
from tui.parts.widths import Column


class FilePicker(Framed[str]):
    """Dismissed with the path. ``most`` is how large the file may be."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,backspace", "up", "folder above", show=False),
        Binding("right", "into", "into it", show=False),
    ]

    def __init__(self, start: str, most: int, what: str) -> None:
        super().__init__(f"A file for {what}")
        self._at = start
        self._most = most

    def contents(self) -> ComposeResult:
        """The entries of one folder."""
        yield Rows(
            [Column("NAME"), Column("SIZE", width=12, right=True)], id="entries", empty="Nothing is in here."
        )

    def below(self) -> Sequence[Widget]:
        """Where it is, and the keys."""
        return (Lines(id="at"), Lines(id="keys"))

    def on_mount(self) -> None:
        """Look into the first folder."""
        self.fit(20)
        self.query_one("#keys", Lines).show(
            [keys_line(("enter", "takes it"), ("left", "folder above"), ("esc", "cancels"))]
        )
        self.query_one("#entries", Rows).focus()
        self._go(self._at)

    def _go(self, path: str) -> None:
        self._at = path
        self.run_worker(self._look(path), group="loading", exclusive=True)

    async def _look(self, path: str) -> None:
        folder = await asyncio.to_thread(folder_at, path)
        if self.is_mounted and path == self._at:
            self._show(folder)

    def _show(self, folder: Folder) -> None:
        above = Row("..", (Cell("../", "strong"), Cell("")), Entry("..", parent_of(folder.path), None))
        rows = self.query_one("#entries", Rows)
        rows.show([above, *(self._row(one) for one in folder.entries)])
        rows.action_edge(last=False)
        more = ", and more than are shown" if folder.more else ""
        said = f"It cannot be read: {folder.trouble}." if folder.trouble else f"{short(folder.path)}{more}"
        self.query_one("#at", Lines).show([[Cell(said, "bad" if folder.trouble else "quiet")]])

    def _row(self, entry: Entry) -> Row:
        if entry.size_bytes is None:
            return Row(entry.path, (Cell(f"{entry.name}/", "strong"), Cell("")), entry)
        large = entry.size_bytes > self._most
        return Row(
            entry.path,
            (
                Cell(entry.name, "quiet" if large else ""),
                Cell("too large" if large else size(entry.size_bytes)),
            ),
            entry,
        )

    def on_rows_opened(self, event: Rows.Opened) -> None:
        """Into a folder, or out with a file."""
        event.stop()
        self._take(event.row)

    def action_up(self) -> None:
        """To the folder above."""
        self._go(parent_of(self._at))

    def action_into(self) -> None:
        """Into the folder under the cursor."""
        row = self.query_one("#entries", Rows).chosen
        if row is not None and isinstance(row.data, Entry) and row.data.size_bytes is None:
            self._take(row)

    def _take(self, row: Row) -> None:
        entry = row.data
        if not isinstance(entry, Entry):
            return
        if entry.size_bytes is None:
            self._go(entry.path)
        elif entry.size_bytes > self._most:
            words = f"It is larger than {self._most} bytes, which is the most."
            self.query_one("#at", Lines).show([[Cell(words, "bad")]])
        else:
            self.dismiss(entry.path)
