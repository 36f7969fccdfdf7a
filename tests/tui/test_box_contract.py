"""What every box keeps to, wherever it is: live, recorded meanwhile, a recording, or made up for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from appliance.domain.results import Status
from appliance.domain.watching import Topic
from appliance.errors import BadRequest, CarrelError
from tests.admin.fake_box import FakeBox as SocketBox
from tests.admin.fake_box import sample, status
from tests.tui.fake_box import NOW_MS, FakeBox
from tui.box import Box
from tui.live import LiveBox
from tui.recording.recorder import Recorder
from tui.recording.replaying import ReplayBox
from tui.recording.tape import Tape

STATUS = Topic("status", (), 200)
PROJECTS = Topic("project.list", (), 200)


def _fake() -> FakeBox:
    from appliance.domain.actions import action

    return FakeBox(
        ("status", {}, status()),
        ("project.list", {}, sample(action("project.list").result)),
        ("person.list", {}, sample(action("person.list").result)),
    )


def _replay(tmp_path: Path) -> ReplayBox:
    from appliance.domain.actions import action

    tape = Tape(tmp_path / "r.gz", "lab-01", NOW_MS)
    tape.tell("status", {}, status(), NOW_MS)
    tape.tell("project.list", {}, sample(action("project.list").result), NOW_MS)
    tape.close()
    return ReplayBox.open(tmp_path / "r.gz")


@pytest.fixture(params=["fake", "live", "recorder", "replay"])
async def box(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Box]:
    if request.param == "live":
        with SocketBox(tmp_path / "s") as served:
            made: Box = LiveBox(served.path, "lab-01")
            yield made
            await made.close()
        return
    made = {
        "fake": _fake,
        "recorder": lambda: Recorder(_fake(), tmp_path / "new.gz", [STATUS]),
        "replay": lambda: _replay(tmp_path),
    }[request.param]()
    yield made
    await made.close()


async def test_it_has_a_name_and_a_time(box: Box) -> None:
    assert "lab-01" in box.name
    assert box.readonly in {True, False}
    assert box.now_ms() > 10**12


async def test_an_action_that_looks_is_answered_with_its_type(box: Box) -> None:
    assert isinstance(await box.run("status", {}), Status)


async def test_arguments_are_checked(box: Box) -> None:
    with pytest.raises(BadRequest):
        await box.run("status", {"odd": 1})


async def test_each_topic_is_answered_at_once(box: Box) -> None:
    seen: dict[Topic, msgspec.Struct | None] = {}
    async with asyncio.timeout(20), aclosing(box.watch([STATUS, PROJECTS])) as news:
        async for one in news:
            seen[one.topic] = one.result
            if len(seen) == 2:
                break
    assert isinstance(seen[STATUS], Status)
    assert seen[PROJECTS] is not None


async def test_two_can_look_on_at_once(box: Box) -> None:
    async def first() -> object:
        async with aclosing(box.watch([STATUS])) as news:
            return (await anext(news)).result

    both = await asyncio.wait_for(asyncio.gather(first(), first()), 20)
    assert all(isinstance(one, Status) for one in both)


async def test_what_ends_looking_on_leaves_nothing_behind(box: Box) -> None:
    task = asyncio.create_task(_forever(box))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance(await box.run("status", {}), Status)


async def _forever(box: Box) -> None:
    async for _ in box.watch([STATUS]):
        pass


async def test_it_can_be_let_go_of_twice(box: Box) -> None:
    await box.close()
    await box.close()


async def test_an_error_is_of_the_one_tree(box: Box) -> None:
    with pytest.raises(CarrelError):
        await box.run("model.show", {"model": "x" * 500})
