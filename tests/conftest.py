"""How all tests are collected."""

import gc


def pytest_collection() -> None:
    """What is loaded and collected stays until the end: nothing looks through it for garbage meanwhile."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From now on only what tests make is looked through, which is little."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """As if nothing had been."""
    gc.unfreeze()
