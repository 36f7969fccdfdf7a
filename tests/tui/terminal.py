"""A terminal for tests: tmux on a server of its own, in which a command runs; its screen can be read."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

WAIT_S = 60.0


class Terminal:
    """``environment`` is the command's own. Nothing of the user's tmux is touched."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="carrel-tmux-")
        self._server = str(Path(self._folder.name) / "server")
        self._environment = {**environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        columns, rows = size
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows), "sh"
        )
        self._tmux("set-option", "-g", "window-size", "manual")
        self.run(words)

    def run(self, words: Sequence[str]) -> None:
        """Have the shell in it replace itself by nothing: it runs the command and stays when that ends."""
        line = subprocess.list2cmdline(list(words))
        self._tmux("send-keys", "-t", "t", "-l", f"{line}; echo ended-$?")
        # Also ends a line where a program that was killed left the terminal in raw mode.
        self.press("C-j")

    def press(self, *keys: str) -> None:
        """By tmux's names of keys."""
        self._tmux("send-keys", "-t", "t", *keys)

    def write(self, text: str) -> None:
        self._tmux("send-keys", "-t", "t", "-l", text)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "t")

    def see(self, *texts: str, wait_s: float = WAIT_S) -> str:
        """Wait until all of these are on the screen; the screen."""
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            screen = self.screen
            if all(text in screen for text in texts):
                return screen
            time.sleep(0.05)  # another program's screen has no event to wait for
        raise AssertionError(f"{texts} did not all come; the screen is:\n{self.screen}")

    def pid_of(self, word: str) -> int:
        """The process in it whose command line has this word."""
        shell = int(self._tmux("list-panes", "-t", "t", "-F", "#{pane_pid}").strip())
        children = subprocess.run(
            ["ps", "--ppid", str(shell), "-o", "pid=,args="], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        return next(int(line.split()[0]) for line in children if word in line)

    def kill(self, word: str, number: signal.Signals = signal.SIGKILL) -> None:
        os.kill(self.pid_of(word), number)

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Somebody looks on from a terminal of their own, and detaches."""
        own, theirs = os.openpty()
        client = subprocess.Popen(
            ["tmux", "-S", self._server, "attach-session", "-t", "t"],
            env=self._environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        try:
            os.read(own, 1)
            yield
            self._tmux("detach-client", "-s", "t")
        finally:
            os.close(own)
            client.terminate()
            client.wait(10)

    def close(self) -> None:
        self._tmux("kill-server", check=False)
        self._folder.cleanup()

    def _tmux(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._server, *words],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        if check and done.returncode:
            raise AssertionError(f"tmux {' '.join(words)}: {done.stderr}")
        return done.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
