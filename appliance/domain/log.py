"""The port for the log. Nothing that goes in may hold a prompt, an answer, a key or the text of a foreign
exception.
"""

from typing import Protocol


class Log(Protocol):
    """Events with fields: the part of a structlog logger that Carrel writes to."""

    def info(self, event: str, **fields: object) -> object:
        """Something went as it should."""
        ...

    def warning(self, event: str, **fields: object) -> object:
        """Something went wrong that was expected to at times, or is being mended."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Something went wrong that nobody planned for, or is broken until an operator acts."""
        ...
