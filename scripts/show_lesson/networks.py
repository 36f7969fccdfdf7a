"""Two networks without a route to anywhere: the box's machine, and the class's side of one cable."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BOX_ADDRESS = "10.99.0.1"
CLASS_ADDRESS = "10.99.0.2"
_INSIDE = "CARREL_LESSON_INSIDE"


def reason_it_cannot() -> str:
    """Empty where this machine lets us make network namespaces."""
    if os.geteuid() != 0:
        return "only root makes two network namespaces and a cable between them"
    missing = [name for name in ("unshare", "nsenter", "ip") if shutil.which(name) is None]
    return f"missing: {' '.join(missing)}" if missing else ""


def enter() -> None:
    """Go on in a network namespace of our own: the class's side. Returns there."""
    if os.environ.get(_INSIDE) != "1":
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", "-n", "-m", sys.executable, *sys.argv])
    _run("ip", "link", "set", "lo", "up")


@contextmanager
def the_box_machine() -> Iterator[tuple[str, ...]]:
    """Another namespace, joined to ours by one cable. Gives the words to put before a command there."""
    waits = ("unshare", "-n", "sh", "-c", "echo up; exec sleep infinity")
    holder = subprocess.Popen(waits, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        there = ("nsenter", "--target", str(holder.pid), "--net", "--")
        _run("ip", "link", "add", "class0", "type", "veth", "peer", "name", "box0", "netns", str(holder.pid))
        _run("ip", "addr", "add", f"{CLASS_ADDRESS}/24", "dev", "class0")
        _run("ip", "link", "set", "class0", "up")
        _run(*there, "ip", "link", "set", "lo", "up")
        _run(*there, "ip", "addr", "add", f"{BOX_ADDRESS}/24", "dev", "box0")
        _run(*there, "ip", "link", "set", "box0", "up")
        yield there
    finally:
        holder.kill()
        holder.wait()


def routes_of(there: tuple[str, ...]) -> str:
    """The routing table, to be shown: it has no way out."""
    return subprocess.run([*there, "ip", "route"], capture_output=True, text=True, check=True).stdout.strip()


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
