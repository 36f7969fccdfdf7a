"""Room on the models' disk: asked seldom, and nobody waits for a disk that does not answer."""

import asyncio
import gc

import pytest

from appliance.errors import StorageUnavailable
from appliance.services.pulse.disk import EVERY_S, DiskRoom
from appliance.services.pulse.ports import Room
from tests.generation.fakes import FakeClock


class Disk:
    """Has one byte less at each look. ``answers`` keeps it from answering."""

    def __init__(self) -> None:
        self.looks = 0
        self.broken = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def look(self) -> Room:
        self.looks += 1
        await self.answers.wait()
        if self.broken:
            raise StorageUnavailable("The models' folder cannot be looked at.")
        return Room(100 - self.looks, 1000, 0)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def disk():
    return Disk()


async def test_several_who_ask_within_seconds_share_one_look(disk, clock):
    room = DiskRoom(disk.look, clock)
    told = await asyncio.gather(room.now(), room.now())
    assert told == [Room(99, 1000, 0)] * 2
    clock.at_s += EVERY_S - 1
    assert (await room.now()).free == 99
    clock.at_s += 1
    assert (await room.now()).free == 98
    assert disk.looks == 2


async def test_a_disk_that_does_not_answer_is_asked_once_and_its_last_word_counts(disk, clock):
    room = DiskRoom(disk.look, clock, patience_s=0.01)
    await room.now()
    disk.answers.clear()
    clock.at_s += EVERY_S
    assert [(await room.now()).free for _ in range(3)] == [99, 99, 99]
    clock.at_s += EVERY_S
    assert (await room.now()).free == 99
    assert disk.looks == 2
    disk.answers.set()
    assert (await room.now()).free == 98


async def test_a_disk_that_cannot_be_looked_at_is_told_as_it_was(disk, clock):
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, about: complaints.append(about))
    disk.broken = True
    room = DiskRoom(disk.look, clock)
    assert await room.now() == Room(0, 0, 0)
    clock.at_s += EVERY_S
    disk.broken = False
    assert (await room.now()).total == 1000
    gc.collect()
    assert complaints == []
