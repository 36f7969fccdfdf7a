"""One connection of a hub: reads requests, sends headers, and bodies by ``sendfile``."""

import os
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scripts.local_hub.switches import Cutter, Pace, Switches

_AT_ONCE = 8 << 20
_SLOWLY = 1 << 18
_REASONS = {200: "OK", 206: "Partial Content", 302: "Found", 401: "Unauthorized", 403: "Forbidden",
            404: "Not Found", 416: "Range Not Satisfiable", 429: "Too Many Requests"}  # fmt: skip


class Cut(Exception):
    """The connection ends here."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def range(self) -> str:
        return self.headers.get("range", "")

    def span(self, size: int) -> tuple[int, int] | None:
        """First byte and the one after the last; None where it cannot be had."""
        first, _, last = self.range.removeprefix("bytes=").partition("-")
        begin = int(first)
        end = min(int(last) + 1 if last else size, size)
        return (begin, end) if begin < end else None


class Connection:
    def __init__(self, sock: socket.socket, switches: Switches, pace: Pace, cutter: Cutter) -> None:
        self._sock = sock
        self._switches = switches
        self._pace = pace
        self._own_pace = Pace()
        self._cutter = cutter
        self._rest = b""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self) -> Request | None:
        while b"\r\n\r\n" not in self._rest:
            got = self._sock.recv(65536)
            if not got:
                return None
            self._rest += got
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        parts = urlsplit(target)
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        return Request(method, unquote(parts.path), parts.query, headers)

    def send(self, request: Request, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self._head(status, {"content-length": str(len(body)), **headers})
        if request.method != "HEAD":
            self._sock.sendall(body)

    def send_file(self, request: Request, place: Path, headers: Mapping[str, str]) -> None:
        size = place.stat().st_size
        switches = self._switches
        ranged = bool(request.range) and switches.ranges
        span = request.span(size) if ranged else (0, size)
        if span is None:
            self.send(request, 416, {"content-range": f"bytes */{size}"})
            return
        begin, end = span
        told = dict(headers)
        if switches.ranges:
            told["accept-ranges"] = "bytes"
        if ranged:
            total = size + 1 if switches.wrong_total else size
            told["content-range"] = f"bytes {begin}-{end - 1}/{total}"
        if switches.encoded:
            told["content-encoding"] = "gzip"
        if switches.too_little:
            end -= (end - begin) // 2
        if switches.too_much:
            told["connection"] = "close"
        else:
            told["content-length"] = str(end - begin)
        self._head(206 if ranged else 200, told)
        if request.method == "HEAD":
            return
        self._body(place, begin, end)
        if switches.too_much:
            self._sock.sendall(b"more" * 4096)
            raise Cut

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Other')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def _body(self, place: Path, begin: int, end: int) -> None:
        with place.open("rb") as opened:
            while begin < end:
                begin += self._some(opened.fileno(), begin, end - begin)

    def _some(self, descriptor: int, begin: int, count: int) -> int:
        switches = self._switches
        slowly = switches.bytes_s or switches.connection_bytes_s
        count = min(count, _SLOWLY if slowly else _AT_ONCE)
        if switches.stall_after >= 0:
            count = min(count, switches.stall_after - begin)
            if count <= 0:
                self._wait_for_the_end()
        count = self._cutter.allowed(count)
        if not count:
            if switches.reset:
                self.reset()
            raise Cut
        if switches.bytes_s:
            self._pace.take(count, switches.bytes_s)
        if switches.connection_bytes_s:
            self._own_pace.take(count, switches.connection_bytes_s)
        sent = os.sendfile(self._sock.fileno(), descriptor, begin, count)
        if not sent:
            raise Cut
        self._cutter.note(sent)
        return sent

    def _wait_for_the_end(self) -> None:
        with suppress(OSError):
            while self._sock.recv(65536):
                pass
        raise Cut

    def reset(self) -> None:
        with suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
