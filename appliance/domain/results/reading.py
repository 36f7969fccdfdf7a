"""What is read: answers of models, the log, the handbook."""

from appliance.domain.results.base import Result


class Answer(Result, frozen=True):
    """A model's answer with its counts."""

    model: str
    answer: str
    prompt_tokens: int
    completion_tokens: int
    request_id: str


class LogLines(Result, frozen=True):
    """Log records, oldest first, each a JSON text."""

    lines: tuple[str, ...]


class HandbookPage(Result, frozen=True):
    """A page of the handbook in Markdown, or the list of pages with ``text`` empty."""

    topic: str
    text: str
    topics: tuple[str, ...]
