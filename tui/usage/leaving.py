"""What the registry will receive: every message that leaves, letter by letter, before it leaves."""

from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from appliance.domain.results import FedPreview
from appliance.domain.results.usage_reports import FedPreviewed
from tui.parts.cells import Cell, cell, size
from tui.parts.dialogs import Dialog
from tui.parts.facts import Fact, Facts
from tui.parts.lines import Line, Lines
from tui.parts.rows import Row, Rows
from tui.parts.widths import Column
from tui.usage.exact import Exact, exactly

COLUMNS: Final = (
    Column("KIND", width=19),
    Column("SIZE", width=9, right=True),
    Column("WHEN", width=14),
    Column("WHAT", share=1),
    Column("SHA-256", width=18, from_width=100),
)
STAYS: Final = (
    "Stays on this box: prompts, answers, names, logins, addresses, ids of persons and keys, names of "
    "projects and files. A project is a pseudonym that changes every half year."
)
_SAYS: Final = {
    "usage-batch+jws": "sums of use by model, project and purpose; what fewer than ten people did is folded",
    "lease-request+jws": "asks for leases, with the acceptances that a license asks for",
    "application+jws": "an application, as its applicant saw it and agreed to send it",
    "check-answer+jws": "rows of a report that an operator agreed to show, or why not",
    "letter+jws": "a letter to another lab, sealed to its reader where it holds a secret",
    "listing+jws": "the signed list of models that this lab shares",
    "deletion+jws": "says that files of a model were deleted, as its license asks",
    "received+jws": "says which statements are here",
    "head-request+jws": "asks which report of this box arrived last",
    "rotate+jws": "the new key of this box",
}
_EACH_TIME: Final = "Each sync asks besides what is new: the box, an id, the time, the version of Carrel."


class Leaving(Vertical):
    """The messages, and below them the one under the cursor."""

    DEFAULT_CSS = """
    Leaving > #words-leaves { height: auto; max-height: 4; padding: 0 1; }
    Leaving > #leaves { height: 35%; min-height: 4; }
    Leaving > #about { height: auto; max-height: 3; padding: 0 1; background: $surface; }
    Leaving > #payload { height: 1fr; padding: 0 1; }
    """

    def compose(self) -> ComposeResult:
        """Words, table, which message, its letters."""
        yield Lines(id="words-leaves")
        yield Rows(COLUMNS, id="leaves", empty="asking the box …")
        yield Lines(id="about")
        yield Exact(id="payload")

    def on_mount(self) -> None:
        """What never leaves is said first."""
        self.query_one("#words-leaves", Lines).show([[Cell(STAYS, "ok")]])
        # enter opens it whole; here it only goes along with the cursor.
        self.query_one("#payload").can_focus = False

    def show(self, preview: FedPreview) -> None:
        """Draw it."""
        more = f" {preview.left_out} more wait behind these." if preview.left_out else ""
        self.query_one("#words-leaves", Lines).show([[Cell(STAYS, "ok"), Cell(f" {_EACH_TIME}{more}")]])
        rows = self.query_one("#leaves", Rows)
        rows.say_when_empty("Nothing waits to leave; t shows what a report of today would be.")
        rows.show(rows_of(preview))
        self.follow()

    def refuse(self, words: str) -> None:
        """It cannot be told; say why."""
        rows = self.query_one("#leaves", Rows)
        rows.say_when_empty(words)
        rows.show(())
        self.follow()

    def follow(self) -> None:
        """Show the message under the cursor."""
        one = self.chosen
        self.query_one("#about", Lines).show([about(one)] if one else [])
        self.query_one("#payload", Exact).show(one.payload if one else "")

    @property
    def chosen(self) -> FedPreviewed | None:
        """The message under the cursor."""
        row = self.query_one("#leaves", Rows).chosen
        return row.data if row and isinstance(row.data, FedPreviewed) else None


class Payload(Dialog[None]):
    """One message, as large as there is room."""

    DEFAULT_CSS = """
    Payload > #frame > #facts { height: auto; max-height: 8; }
    Payload > #frame > #bytes { height: 1fr; min-height: 4; margin: 1 0 0 0; }
    """

    def __init__(self, message: FedPreviewed) -> None:
        super().__init__(f"What leaves: {message.kind}", full=True)
        self._message = message

    def contents(self) -> ComposeResult:
        """About it, then its letters."""
        yield Facts(id="facts")
        yield Exact(id="bytes")

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one("#frame").can_focus = False
        self.query_one("#facts", Facts).state(facts_of(self._message))
        exact = self.query_one("#bytes", Exact)
        exact.show(self._message.payload)
        exact.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Where there is little room, the letters have it."""
        self.query_one("#facts").display = event.size.height >= 18


def rows_of(preview: FedPreview) -> list[Row]:
    """In the order in which they are sent."""
    return [
        Row(
            one.id,
            (
                cell(one.kind),
                cell(size(one.size_bytes), "quiet"),
                cell("next sync" if one.waits else "not yet", "warn" if one.waits else "quiet"),
                cell(one.summary),
                cell(one.sha256, "quiet"),
            ),
            one,
        )
        for one in preview.messages
    ]


def about(one: FedPreviewed) -> Line:
    """One message in a line."""
    _, hidden = exactly(one.payload)
    codes = f" {hidden} characters that cannot be seen are written as codes." if hidden else ""
    return [
        Cell(one.kind, "strong"),
        cell(f": {_SAYS.get(one.kind, one.summary)}; {len(one.payload.encode()):,} bytes are signed:"),
        Cell(codes, "warn"),
    ]


def facts_of(one: FedPreviewed) -> list[Fact]:
    """All about one message."""
    _, hidden = exactly(one.payload)
    when = "with the next sync" if one.waits else "not by itself: this is what it would be now"
    return [
        ("kind", one.kind),
        ("what", f"{one.summary}; {_SAYS.get(one.kind, 'see `carrel help federation`')}"),
        ("leaves", Cell(when, "warn" if one.waits else "")),
        ("size", f"{one.size_bytes:,} bytes with the signature; {len(one.payload.encode()):,} bytes below"),
        ("SHA-256", f"{one.sha256} of the whole message"),
        *([("codes", Cell(f"{hidden} characters that cannot be seen", "warn"))] if hidden else []),
    ]
