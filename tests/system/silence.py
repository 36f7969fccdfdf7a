"""Whom a process tree speaks to, as strace saw it: every call that opens a way to somebody or names one."""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CALLS = "connect,sendto,sendmsg,sendmmsg,openat,open"
_OUTSIDE = re.compile(r"sa_family=AF_INET6?\b")
_NAMES = re.compile(r'sun_path="[^"]*resolve[^"]*"|"/etc/resolv.conf"')
"""Whoever looks a name up reads who can be asked for names, or has a program of this machine look."""


def watching(log: Path) -> tuple[str, ...]:
    """The command to put before a program."""
    return ("strace", "-f", "-qq", "-s", "64", "-e", f"trace={CALLS}", "-o", str(log))


def tried(log: Path) -> list[str]:
    """Every call that meant anybody but a socket file of this machine, the loopback too."""
    lines = log.read_text(errors="replace").splitlines()
    return [one for one in lines if _OUTSIDE.search(one) or _NAMES.search(one)]


class Hook:
    """An address that alerts are told to."""

    def __init__(self):
        self.came, self.arrived = [], threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hook.came.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()
                hook.arrived.set()

            def log_message(self, *words):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self):
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    @contextmanager
    def serving(self):
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
