"""Small pieces of HTML. Everything that comes in is text and goes out escaped."""

from collections.abc import Iterable, Sequence
from html import escape


def prose(text: str) -> str:
    """With `code` in backquotes, and line breaks kept."""
    parts = escape(text.replace("``", "`")).split("`")
    pieces = [f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)]
    return "".join(pieces).replace("\n", "<br>")


def code(text: str) -> str:
    """As it is written."""
    return f"<code>{escape(text)}</code>"


def link(target: str, html: str) -> str:
    """To a place of the same page; ``html`` is shown."""
    return f'<a href="#{escape(target)}">{html}</a>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """``rows`` hold cells that are HTML already; nothing where there are none."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return ""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def shell_quoted(text: str) -> str:
    """One word for a shell."""
    return "'" + text.replace("'", "'\\''") + "'"
