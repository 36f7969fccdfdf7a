"""Holding an HTTP connection for the length of a ``with`` block."""

from types import TracebackType
from typing import Self

import httpx


class Connected:
    """Base of the clients; ``_http`` is set by the client."""

    _http: httpx.Client

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
