"""Tests of the terminal UI run on a loop that does not sit waiting for timers.

A screen is told what the box says five times a second at most: ``pilot.pause(0.3)`` is until it was, and
costs nothing. ``pilot.pause()`` is only until all keys have done what they do.
"""

from tests.tui.jumping import JumpingLoop


def pytest_asyncio_loop_factories(config, item):
    return {"jumping": JumpingLoop}
