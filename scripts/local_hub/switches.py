"""How a hub misbehaves, to be changed while it runs, and what it has seen."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Switches:
    """Paths are those of requests: ``/owner/name/resolve/<commit>/model.gguf``, ``/mirror/<sha256>``.
    Repositories are ``owner/name``.
    """

    gated: dict[str, set[str]] = field(default_factory=dict)
    """Repositories whose files only these tokens get; their listing is public, as on the real hub."""
    private: dict[str, set[str]] = field(default_factory=dict)
    """The same, and nobody else learns that they exist."""
    disabled: set[str] = field(default_factory=set)
    missing_revisions: set[str] = field(default_factory=set)
    """Commits that are not there any more."""
    cuts: list[int] = field(default_factory=list)
    """A connection is cut where all bodies together reach so many bytes; ascending."""
    reset: bool = False
    """Cut by RST, which takes with it what was sent and has not arrived; else by an early end."""
    instead: dict[str, Path] = field(default_factory=dict)
    """Other bytes at a path: this file's."""
    bytes_s: int = 0
    """Of all connections together; 0: no limit."""
    connection_bytes_s: int = 0
    """Of each connection."""
    redirect_to: str = ""
    """Address that answers for files in place of the hub: ``http://127.0.0.1:PORT``; ``cdn``: another port of
    this hub. Empty: the hub sends them itself."""
    ranges: bool = True
    captive: bool = False
    """Every answer is a page that asks to log in."""
    wrong_total: bool = False
    """Content-Range names another size."""
    too_much: bool = False
    """Bodies go on after their announced end (no Content-Length)."""
    too_little: bool = False
    """Content-Length is honest, and smaller than the range that was asked for."""
    encoded: bool = False
    """Answers claim to be gzip."""
    busy: int = 0
    """So many of the next file requests get 429."""
    retry_after: str = "0"
    stall_after: int = -1
    """From this byte of a body on nothing comes, and the connection stays open."""
    down: bool = False
    """Connections are closed as soon as they are made."""


@dataclass(frozen=True)
class Seen:
    """One request. ``port`` tells the hub from its CDN."""

    method: str
    path: str
    query: str
    range: str
    authorization: str
    port: int


class Pace:
    """A common limit of bytes a second. ``take`` waits until so many may be sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at = 0.0

    def take(self, count: int, bytes_s: int) -> None:
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now - 0.02) + count / bytes_s
            wait = self._free_at - now
        if wait > 0:
            time.sleep(wait)


class Cutter:
    """Counts the bytes of all bodies and says when a connection is to be cut."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._lock = threading.Lock()
        self.sent = 0
        self.done = 0

    def allowed(self, count: int) -> int:
        """So many of ``count`` bytes may be sent before the next cut; 0: cut now."""
        with self._lock:
            cuts = self._switches.cuts
            if not cuts:
                return count
            left = cuts[0] - self.sent
            if left <= 0:
                cuts.pop(0)
                self.done += 1
                return 0
            return min(count, left)

    def note(self, count: int) -> None:
        with self._lock:
            self.sent += count
