"""Whoever waits in the line gets a turn, whatever becomes of those before."""

import asyncio

import pytest

from appliance.services.downloads.line import Line
from tests.admin.fake_box import SilentLog


class Works:
    """Runs until the test says so."""

    def __init__(self):
        self.log = SilentLog()
        self.line = Line(self.run, self.log)
        self.begun = []
        self.ends = {}

    async def run(self, name):
        self.begun.append(name)
        error = await self.ends.setdefault(name, asyncio.get_running_loop().create_future())
        if error is not None:
            raise error

    async def turn(self, name):
        while name not in self.ends:
            await asyncio.sleep(0)
        return self.ends[name]


@pytest.fixture
async def works():
    works = Works()
    yield works
    await works.line.close()


async def test_a_defect_of_one_is_logged_and_the_next_one_goes(works):
    works.line.join("a")
    works.line.join("b")
    (await works.turn("a")).set_result(ValueError("a defect"))
    await works.turn("b")
    ((level, event, fields),) = works.log.records
    assert (level, event) == ("error", "download_ended_badly")
    assert isinstance(fields["exc_info"], ValueError)


async def test_whoever_joins_again_keeps_their_place(works):
    for name in ("a", "b", "c", "b", "a"):
        works.line.join(name)
    for name in ("a", "b", "c"):
        (await works.turn(name)).set_result(None)
    while len(works.begun) < 3:
        await asyncio.sleep(0)
    assert works.begun == ["a", "b", "c"]


async def test_nobody_begins_once_it_is_closed(works):
    works.line.join("a")
    works.line.join("b")
    await works.turn("a")
    await works.line.close()
    works.line.join("c")
    await asyncio.sleep(0)
    assert works.begun == ["a"]
    assert works.log.records == []


async def test_who_leaves_has_stopped_when_that_returns(works):
    works.line.join("a")
    end = await works.turn("a")
    await works.line.leave("a")
    assert end.cancelled()
    await works.line.leave("a")
