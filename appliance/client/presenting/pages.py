"""Text to read: answers, log lines, the handbook."""

import json
import sys
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from appliance.client.presenting.cells import cell
from appliance.domain.plain_text import many_lines, one_line
from appliance.domain.results import Answer, HandbookPage, LogLines


def answer(result: Answer) -> RenderableType:
    """The answer, then its counts on a dim line."""
    counts = f"{result.model}: {result.prompt_tokens} prompt and {result.completion_tokens} completion tokens"
    return Group(
        Text(many_lines(result.answer)), Text(one_line(f"{counts}, {result.request_id}"), style="dim")
    )


def log_lines(result: LogLines) -> RenderableType:
    """One line a record: time, level, event, then the rest as ``name=value``."""
    if not result.lines:
        return Text("Nothing like that was logged.")
    return Text("\n").join([cell(log_line(line)) for line in result.lines])


def handbook_page(result: HandbookPage) -> RenderableType:
    """The page, rendered on a terminal and as it is written elsewhere; or the list of pages."""
    if not result.text:
        names = [Text(f"  carrel help {one_line(topic)}") for topic in result.topics]
        return Group(Text("Pages of the handbook:"), *names)
    text = many_lines(result.text)
    # Its parser is a tenth of a second, which only readers of the handbook pay for.
    from rich.markdown import Markdown  # noqa: PLC0415

    return Markdown(text, hyperlinks=False) if sys.stdout.isatty() else Text(text)


def log_line(line: str) -> str:
    """A record in a line; what is no record as it is."""
    try:
        record = json.loads(line)
    except ValueError:
        return line
    if not isinstance(record, dict):
        return line
    head = [str(record.pop(name, "")) for name in ("ts", "level", "event")]
    return " ".join([*head, *(f"{name}={value}" for name, value in record.items())])


PRESENTERS: Final[dict[Any, Any]] = {Answer: answer, LogLines: log_lines, HandbookPage: handbook_page}
