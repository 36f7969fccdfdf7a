"""The viewer's one subscription."""

import asyncio
from collections.abc import Sequence

from appliance.client.operator import Seen
from appliance.domain.results import OfflineState
from appliance.domain.watching import Topic
from appliance.errors import CarrelError, GatewayNotRunning
from tests.tui.fake_box import FakeBox
from tui.feed import Feed

OFFLINE = Topic("offline.show")
INBOX = Topic("inbox")


class Listening:
    """What a feed told, and a way to wait for it."""

    def __init__(self, box: FakeBox) -> None:
        self.told: list[Sequence[Seen]] = []
        self.lost: list[CarrelError | None] = []
        self._something = asyncio.Event()
        self.feed = Feed(box, self._hear, self._lose)

    def _hear(self, news: Sequence[Seen]) -> None:
        self.told.append(news)
        self._something.set()

    def _lose(self, error: CarrelError | None) -> None:
        self.lost.append(error)
        self._something.set()

    async def something(self) -> None:
        await asyncio.wait_for(self._something.wait(), 5)
        self._something.clear()

    async def until(self, count: int) -> None:
        while len(self.told) < count:
            await self.something()


def offline(reason: str) -> OfflineState:
    because = (reason,) if reason else ()
    return OfflineState(offline=bool(reason), since_ms=None, because=because, waits=())


async def test_it_tells_what_a_topic_answers_and_keeps_the_newest():
    box = FakeBox(("offline.show", {}, offline("")))
    listening = Listening(box)
    listening.feed.follow([OFFLINE])
    await listening.until(1)
    box.put("offline.show", offline("exam"))
    await listening.until(2)
    known = listening.feed.known(OFFLINE)
    assert known is not None
    assert known.result == offline("exam")
    await listening.feed.close()


async def test_many_changes_are_told_together_as_the_newest_one():
    box = FakeBox(("offline.show", {}, offline("")))
    listening = Listening(box)
    listening.feed.follow([OFFLINE])
    await listening.until(1)
    for number in range(200):
        box.put("offline.show", offline(str(number)))
        await asyncio.sleep(0)
    while listening.told[-1][0].result != offline("199"):
        await listening.something()
    assert len(listening.told) <= 4
    await listening.feed.close()


async def test_what_is_known_is_told_when_it_is_followed_again():
    box = FakeBox(("offline.show", {}, offline("")))
    listening = Listening(box)
    listening.feed.follow([OFFLINE])
    await listening.until(1)
    listening.feed.follow([INBOX])
    listening.feed.follow([OFFLINE])
    while listening.told[-1][0].result != offline(""):
        await listening.something()
    await listening.feed.close()


async def test_whoever_is_told_may_follow_the_same_again_without_an_end():
    box = FakeBox(("offline.show", {}, offline("")))
    told: list[Sequence[Seen]] = []
    enough = asyncio.Event()

    def hear(news: Sequence[Seen]) -> None:
        told.append(news)
        feed.follow([OFFLINE])
        enough.set()

    feed = Feed(box, hear, lambda _error: None)
    feed.follow([OFFLINE])
    await asyncio.wait_for(enough.wait(), 5)
    await asyncio.sleep(0)
    assert len(told) == 1
    await feed.close()


async def test_a_screen_that_comes_back_is_told_all_that_is_known():
    box = FakeBox(("offline.show", {}, offline("")))
    listening = Listening(box)
    listening.feed.follow([OFFLINE])
    await listening.until(1)
    listening.feed.follow([OFFLINE], again=True)
    await listening.until(2)
    await listening.feed.close()


async def test_the_same_topics_are_not_subscribed_to_twice():
    box = FakeBox(("offline.show", {}, offline("")))
    listening = Listening(box)
    listening.feed.follow([OFFLINE])
    await listening.until(1)
    listening.feed.follow([OFFLINE])
    await listening.feed.close()
    assert box.watched == [(OFFLINE,)]


async def test_a_box_that_is_gone_is_told_and_found_again():
    box = FakeBox(("offline.show", {}, offline("")))
    listening = Listening(box)
    listening.feed.follow([OFFLINE])
    await listening.until(1)
    box.lose(GatewayNotRunning("The gateway is not running; start it with `carrel up`."))
    while not any(isinstance(one, GatewayNotRunning) for one in listening.lost):
        await listening.something()
    box.lose(None)
    while listening.lost[-1] is not None:
        await listening.something()
    await listening.feed.close()


async def test_an_answer_that_is_an_error_is_told_as_one():
    box = FakeBox()
    listening = Listening(box)
    listening.feed.follow([INBOX])
    await listening.until(1)
    assert listening.told[0][0].error is not None
    await listening.feed.close()
