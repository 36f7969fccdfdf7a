"""What operators have the box do that takes long, and how far each of it is, in words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Tasks:
    """A line each."""

    def __init__(self) -> None:
        self._lines: dict[object, str] = {}

    @contextmanager
    def begin(self) -> Iterator[Callable[[str], None]]:
        """Scope of one task, with what it tells of itself; it may tell from any thread."""
        mark = object()

        def tell(line: str) -> None:
            if mark in self._lines:
                self._lines[mark] = line

        self._lines[mark] = ""
        try:
            yield tell
        finally:
            del self._lines[mark]

    @property
    def lines(self) -> tuple[str, ...]:
        """Of all that run now, the oldest first."""
        return tuple(line for line in list(self._lines.values()) if line)
