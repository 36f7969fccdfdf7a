"""Asks for ranges over one connection that is kept while it is good."""

import socket
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPException, HTTPResponse
from typing import Final

from appliance import __version__
from appliance.outbound.ranged.answers import Answer, Bytes, Redirect, read_answer
from appliance.outbound.ranged.connecting import Dialer
from appliance.outbound.ranged.target import HOPS, Follow, RedirectRefused, Target, followed

_LOST_BODY_BYTES: Final = 65_536
"""So much of a body that nobody wants is read to keep its connection."""


class Broken(Exception):
    """The connection ended, fell silent or spoke no HTTP; what came until then is good."""


class Asking:
    """For one file of one source. Not for several threads."""

    def __init__(self, dialer: Dialer, follow: Follow) -> None:
        self._dialer = dialer
        self._follow: Follow = follow
        self._sock: socket.socket | None = None
        self._origin: tuple[str, str, int] | None = None
        self._response: HTTPResponse | None = None
        self._left: int | None = 0
        self._onward: Target | None = None
        """Where the source had sent us on to: asked at once the next time, until it fails."""
        self.host = ""
        """Who answered last, as people are told it."""
        self.redirected = False
        """Whether the last answer came from where the source had sent us on to."""

    def ask(self, source: Target, asked: tuple[int, int], size: int) -> Answer:
        """Send and read the head; ``source`` is the source's own address of the file. Redirects are followed.

        Of ``Bytes`` the body follows by ``read``, and has to be read to its end or ``close`` called. Raises
        ``Broken``, ``RedirectRefused``, ``OSError`` where nobody can be reached.
        """
        target, self._onward = self._onward or source, None
        for _ in range(HOPS + 1):
            self.redirected = target.path != source.path or target.origin != source.origin
            answer = self._ask_one(target, source, asked, size)
            if not isinstance(answer, Redirect):
                if isinstance(answer, Bytes) and self.redirected:
                    self._onward = target
                return answer
            target = followed(target, answer.location, self._follow)
        raise RedirectRefused("one address after another")

    def read(self, view: memoryview) -> int:
        """Fill a part of ``view`` with what comes next; 0 at the end of the body. Raises ``Broken``."""
        response = self._response
        if response is None or self._left == 0:
            return 0
        wanted = view if self._left is None else view[: self._left]
        try:
            # Chunks are taken apart by the library; else what is there is taken, without waiting for more.
            count = response.readinto(wanted) if response.chunked else response.fp.readinto1(wanted)
        except (OSError, HTTPException, ValueError) as error:
            self.close()
            raise Broken from error
        if self._left is not None:
            self._left -= count
            if not count:
                self.close()
                raise Broken
        return count

    def close(self) -> None:
        """End the connection; the next question opens another one."""
        sock, self._sock = self._sock, None
        response, self._response = self._response, None
        self._left = 0
        if response is not None:
            response.close()
        if sock is not None:
            sock.close()

    def interrupt(self) -> None:
        """From another thread: whoever reads or asks finds the connection broken."""
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _ask_one(self, target: Target, source: Target, asked: tuple[int, int], size: int) -> Answer:
        self._connect(target, source)
        self.host = target.shown
        response = self._send(target, asked)
        answer = read_answer(response.status, response.getheader, asked, size, datetime.now(UTC))
        if isinstance(answer, Bytes):
            self._response = response
            self._left = None if answer.open_end else answer.end - answer.begin
            if response.will_close or response.chunked or self._left is None:
                self._origin = None
        else:
            self._drop_body(response)
        return answer

    def _connect(self, target: Target, source: Target) -> None:
        if self._sock is not None and self._origin == target.origin and not self._left:
            return
        self.close()
        self._sock = self._dialer.dial(target, source=source)
        self._origin = target.origin

    def _send(self, target: Target, asked: tuple[int, int]) -> HTTPResponse:
        sock = self._sock
        if sock is None:
            raise Broken
        headers = {
            "Host": target.host_header,
            "User-Agent": f"carrel/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Range": f"bytes={asked[0]}-{asked[1] - 1}",
            **target.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        response = HTTPResponse(sock, method="GET")
        try:
            sock.sendall(f"GET {target.path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1"))
            response.begin()
        except (OSError, HTTPException) as error:
            self.close()
            raise Broken from error
        return response

    def _drop_body(self, response: HTTPResponse) -> None:
        length = response.length
        if response.will_close or response.chunked or length is None or length > _LOST_BODY_BYTES:
            self.close()
            return
        try:
            response.read()
        except (OSError, HTTPException):
            self.close()
