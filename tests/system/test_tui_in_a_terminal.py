"""The terminal UI in a real terminal, on a real box: sizes, detaching, sudden ends; the box never notices."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.required import require_program
from tests.system.box import RealBox
from tests.tui.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
TUI = (sys.executable, "-P", "-m", "appliance", "tui")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBox]:
    require_program("tmux")
    running = RealBox(tmp_path_factory.mktemp("tui")).start()
    yield running
    running.stop()


@pytest.fixture
def terminal(box: RealBox) -> Iterator[Terminal]:
    with Terminal(TUI, box.environment, (200, 50)) as opened:
        yield opened


def test_it_is_drawn_anew_at_every_size(box: RealBox, terminal: Terminal):
    terminal.see("[1 NOW]", "ONLINE", "? help")
    for size in ((80, 24), (60, 15), (120, 36)):
        terminal.resize(*size)
        screen = terminal.see("[1 NOW]", "? help")
        assert max(len(line) for line in screen.splitlines()) <= size[0]
    for number, title in enumerate(("NOW", "MODELS", "JOBS", "GPUS", "PEOPLE", "CLASS", "USAGE", "LOGS"), 1):
        terminal.press(str(number))
        terminal.see(f"[{number} {title}]")
    assert box.carrel("status")["state"] == "ready"


def test_leaving_it_leaves_the_box_alone(box: RealBox, terminal: Terminal):
    terminal.see("[1 NOW]", "ONLINE")
    terminal.press("q")
    terminal.see("the box goes on", "ended-0")
    assert box.carrel("status")["state"] == "ready"


def test_a_viewer_that_is_killed_takes_nothing_with_it(box: RealBox, terminal: Terminal):
    terminal.see("[1 NOW]", "ONLINE")
    terminal.kill("appliance")
    terminal.see("ended-137")
    assert box.carrel("status")["state"] == "ready"
    terminal.run(("reset",))
    terminal.run(TUI)
    terminal.see("[1 NOW]", "ONLINE")


def test_it_goes_on_while_nobody_is_attached(box: RealBox, terminal: Terminal):
    terminal.see("[1 NOW]", "ONLINE")
    with terminal.attached():
        terminal.press("5")
        terminal.see("[5 PEOPLE]")
    terminal.press("2")
    terminal.see("[2 MODELS]")
    with terminal.attached():
        terminal.see("[2 MODELS]", "ONLINE")
    assert box.carrel("status")["state"] == "ready"


def test_a_line_that_is_cut_ends_the_viewer_and_nothing_else(box: RealBox, terminal: Terminal):
    terminal.see("[1 NOW]", "ONLINE")
    terminal.kill("appliance", signal.SIGHUP)
    terminal.see("ended-")
    assert box.carrel("status")["state"] == "ready"


def test_a_box_that_stops_is_said_and_found_again(tmp_path: Path):
    require_program("tmux")
    box = RealBox(tmp_path).start()
    try:
        with Terminal(TUI, box.environment, (100, 30)) as terminal:
            terminal.see("[1 NOW]", "ONLINE")
            box.stop()
            terminal.see("LOST")
            box.start()
            terminal.see("ONLINE")
    finally:
        box.stop()


def test_without_a_terminal_it_says_how_the_box_is_and_ends_with_2(box: RealBox):
    done = subprocess.run(
        TUI,
        env=box.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "carrel status --json" in done.stdout
    assert box.url in done.stdout
    assert "\x1b" not in done.stdout
