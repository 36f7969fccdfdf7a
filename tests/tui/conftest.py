"""Tests of the terminal UI run on a loop that does not sit waiting for timers."""

from tests.tui.jumping import JumpingLoop


def pytest_asyncio_loop_factories(config, item):
    return {"jumping": JumpingLoop}
