"""Whoever looks on is told what changed, only what they may see, and always the newest."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import msgspec
import pytest

from appliance.domain.action import Permission
from appliance.domain.actions import action
from appliance.domain.actor import Actor
from appliance.domain.results import ApplicationList, ModelList, Status
from appliance.domain.watching import Event, Failure, Topic
from appliance.errors import BadRequest, ModelNotRunning, NotAllowed, NotReady, TryAgain
from appliance.policy.operators import check_permission
from appliance.services.watching.watching import Watching
from tests.admin.fake_box import SilentLog, sample, status

ADMIN = Actor("uid 0", Permission.ADMIN)
STATUS, MODELS, QUEUE = Topic("status"), Topic("model.list"), Topic("access.queue")


class Actions:
    """Answers what it is told to, and knows who asked for what."""

    def __init__(self) -> None:
        names = ("status", "model.list", "access.queue", "model.run", "down", "doctor", "usage")
        self.actions = tuple(action(name) for name in names)
        self.answers = {
            "status": status(),
            "model.list": sample(ModelList),
            "access.queue": sample(ApplicationList),
        }
        self.asked: list[str] = []

    async def run(self, name, arguments, operator):
        self.asked.append(name)
        check_permission(operator, action(name))
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Hours:
    """The time between two questions passes when a test says so."""

    def __init__(self) -> None:
        self._sleeping: list[asyncio.Future[None]] = []
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        passed = asyncio.get_running_loop().create_future()
        self._sleeping.append(passed)
        await passed

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def pass_by(self) -> None:
        """Everybody who sleeps asks once more."""
        await self.settle()
        sleeping, self._sleeping = self._sleeping, []
        for one in sleeping:
            if not one.done():
                one.set_result(None)
        await self.settle()


class Bench:
    """A box to look on at."""

    def __init__(self, **more) -> None:
        self.actions, self.hours, self.log = Actions(), Hours(), SilentLog()
        self.who = ADMIN
        self.watching = Watching(self.actions, self.log, sleep=self.hours.sleep, **more)

    def view(self, *topics: Topic):
        return self.watching.view(topics, lambda: self.who)

    @asynccontextmanager
    async def seeing(self, *topics: Topic):
        """A viewer who reads; everything told so far is read."""
        view = self.view(*topics)
        told: list[Event] = []

        async def read() -> None:
            async with aclosing(view.events()) as batches:
                async for batch in batches:
                    told.extend(batch)

        reader = asyncio.create_task(read())
        await self.hours.settle()
        yield told
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        await view.close()


def changed(**fields: object) -> Status:
    return msgspec.structs.replace(status(), **fields)


async def test_the_first_event_has_all_and_the_next_what_changed():
    box = Bench()
    async with box.seeing(STATUS) as told:
        assert [one.topic for one in told] == [0]
        assert msgspec.convert(told[0].set, Status) == status()
        box.actions.answers["status"] = changed(state="stopping")
        await box.hours.pass_by()
        assert told[1:] == [Event(topic=0, set={"state": "stopping"})]


async def test_nothing_is_told_while_nothing_changed():
    box = Bench()
    async with box.seeing(STATUS) as told:
        for _ in range(5):
            await box.hours.pass_by()
        assert len(box.actions.asked) == 6
        assert len(told) == 1


async def test_each_topic_is_asked_at_its_own_pace():
    box = Bench()
    async with box.seeing(Topic("status", every_ms=200), Topic("model.list", every_ms=60_000)):
        assert sorted(box.hours.slept) == [0.2, 60.0]


async def test_a_slow_reader_is_told_what_holds_now_and_no_backlog():
    box = Bench()
    view = box.view(STATUS)
    async with aclosing(view.events()) as batches:
        await anext(batches)
        box.actions.answers["status"] = changed(state="unread")
        await box.hours.pass_by()
        asked = len(box.actions.asked)
        for turn in range(100):
            box.actions.answers["status"] = changed(state=f"turn {turn}")
            await box.hours.pass_by()
        assert len(box.actions.asked) == asked
        assert (await anext(batches))[0].set == {"state": "unread"}
        assert (await anext(batches))[0].set == {"state": "turn 99"}
    await view.close()


async def test_an_error_is_told_once_and_then_the_answer_again():
    box = Bench()
    async with box.seeing(STATUS, MODELS) as told:
        told.clear()
        box.actions.answers["status"] = ModelNotRunning("Run it first.")
        await box.hours.pass_by()
        await box.hours.pass_by()
        assert told == [Event(topic=0, error=Failure(code="model_not_running", message="Run it first."))]
        box.actions.answers["status"] = status()
        await box.hours.pass_by()
        assert told[1:] == [Event(topic=0)]


async def test_a_broken_topic_is_logged_once_and_ends_no_other():
    box = Bench()
    box.actions.answers["status"] = ZeroDivisionError("at /srv/secret")
    async with box.seeing(STATUS, MODELS) as told:
        await box.hours.pass_by()
        assert [event for _, event, _ in box.log.records] == ["watching_broke"]
        broken = next(one for one in told if one.topic == 0)
        assert broken.error.code == "internal_error"
        assert "/srv" not in broken.error.message
        assert any(one.topic == 1 and one.set for one in told)


async def test_rights_are_looked_at_each_time():
    box = Bench()
    box.who = Actor("uid 1000", Permission.REVIEW, person="ada")
    async with box.seeing(STATUS, QUEUE) as told:
        assert all(one.error is None for one in told)
        told.clear()
        box.who = Actor("uid 1000", Permission.READ)
        box.actions.answers["access.queue"] = ApplicationList(applications=())
        box.actions.answers["status"] = changed(state="stopping")
        await box.hours.pass_by()
        assert {one.topic: one.error and one.error.code for one in told} == {0: None, 1: NotAllowed.code}


@pytest.mark.parametrize("name", ["model.run", "down", "doctor", "nothing.such"])
def test_what_does_more_than_look_is_no_topic(name):
    box = Bench()
    with pytest.raises(BadRequest):
        box.view(STATUS, Topic(name))
    assert box.actions.asked == []


def test_arguments_are_checked_before_anything_is_asked():
    with pytest.raises(BadRequest, match="usage"):
        Bench().view(Topic("usage", (("nonsense", 1),)))


async def test_one_login_does_not_look_on_without_bound_and_another_still_may():
    box = Bench(most_views=2)
    views = [box.view(STATUS), box.view(STATUS)]
    with pytest.raises(TryAgain, match="2 times"):
        box.view(STATUS)
    box.who = Actor("uid 1000", Permission.READ)
    views.append(box.view(STATUS))
    box.who = ADMIN
    await views.pop(0).close()
    views.append(box.view(STATUS))
    for view in views:
        await view.close()


async def test_a_box_that_stops_ends_every_view_and_begins_none():
    box = Bench()
    view = box.view(STATUS)
    async with aclosing(view.events()) as batches:
        await anext(batches)
        waiting = asyncio.ensure_future(anext(batches, None))
        await box.hours.settle()
        box.watching.close()
        assert await waiting is None
    await view.close()
    with pytest.raises(NotReady):
        box.view(STATUS)


async def test_nobody_is_asked_after_the_viewer_left():
    box = Bench()
    async with box.seeing(STATUS):
        pass
    asked = len(box.actions.asked)
    await box.hours.pass_by()
    assert len(box.actions.asked) == asked
