"""What others may write into names, labels, purposes and messages to harm whoever looks at them."""

from typing import Final

HOSTILE: Final = (
    "[/foo]",
    "\\[/foo]",
    "[@click=app.quit]x",
    "[bold red]loud[/]",
    "\x1b[2J\x1b]0;owned\x07",
    "\x1b]52;c;ZXZpbA==\x07",
    "\u202etxt.exe\u202c",
    "a\u2066b\u2069c",
    "line one\nline two\r\nthree\ttab",
    "x" * 300,
    "漢字" * 40,
    "e\u0301" * 50,
    "{variable} %s $HOME `ls`",
    "\x00\x08\x7f",
    "=cmd|' /C calc'!A0",
)
