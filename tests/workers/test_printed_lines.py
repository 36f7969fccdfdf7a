"""What a child prints goes to the log in bounded lines and bounded number."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.workers.printed import MAX_LINE_CHARACTERS, MAX_LINES, PrintedLines


class KeptLines:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.warnings: list[str] = []

    def info(self, event: str, **fields: object) -> None:
        self.lines.append(str(fields["line"]))

    def warning(self, event: str, **fields: object) -> None:
        self.warnings.append(event)

    error = warning


def _printed(*chunks: bytes) -> KeptLines:
    log = KeptLines()
    lines = PrintedLines(log, pid=1)
    for chunk in chunks:
        lines.feed(chunk)
    lines.close()
    return log


def test_lines_are_put_together_from_what_was_read():
    assert _printed(b"one\ntw", b"o\n\nthree").lines == ["one", "two", "three"]


def test_a_line_without_end_is_cut():
    log = _printed(*[b"x" * 100_000] * 20, b"\nnext")
    assert log.lines == ["x" * MAX_LINE_CHARACTERS, "next"]


def test_control_characters_and_broken_text_do_no_harm():
    assert _printed(b"\x1b[31mred\x07 \xff\n").lines == ["[31mred  �"]


def test_after_very_many_lines_a_child_is_silenced_and_that_is_said():
    log = _printed(b"spam\n" * (MAX_LINES * 3))
    assert len(log.lines) == MAX_LINES
    assert log.warnings == ["child_silenced"]


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_any_bytes_become_short_printable_lines(chunks):
    for line in _printed(*chunks).lines:
        assert line.isprintable()
        assert len(line) <= MAX_LINE_CHARACTERS
