"""Work beside the requests is ended with the box, and its failure does not pass in silence."""

import asyncio

import pytest

from appliance.wiring.background import in_background


class Listening:
    """A log that remembers its errors."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, dict]] = []
        self.heard = asyncio.Event()

    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...

    def error(self, event: str, **fields: object) -> None:
        self.errors.append((event, fields))
        self.heard.set()


async def test_a_failure_is_logged_when_it_happens_and_raised_at_the_end():
    log = Listening()

    async def breaks() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with in_background(breaks(), log), asyncio.timeout(5):
            await log.heard.wait()
    ((event, fields),) = log.errors
    assert event == "background_work_failed"
    assert isinstance(fields["exc_info"], ZeroDivisionError)


async def test_work_that_goes_on_is_cancelled_without_a_word():
    log, ended = Listening(), asyncio.Event()

    async def goes_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with in_background(goes_on(), log):
        await asyncio.sleep(0)
    assert ended.is_set()
    assert log.errors == []
