"""The one subscription of the viewer: what the box says, kept by topic, told to whoever is on the screen.

However fast the box speaks, a screen hears of it five times a second at most, and of the newest state only.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Final

from appliance.client.operator import Seen
from appliance.domain.watching import Topic
from appliance.errors import CarrelError
from tui.box import Box

_TELL_EVERY_S: Final = 0.2
_AGAIN_S: Final = (0.5, 1.0, 2.0, 5.0)
"""Between tries to reach a box that is gone."""

Listener = Callable[[Sequence[Seen]], None]
"""Told of the topics that changed, each with its newest state."""


class Feed:
    """``lost`` is told why the box cannot be reached, and None once it can."""

    def __init__(self, box: Box, listener: Listener, lost: Callable[[CarrelError | None], None]) -> None:
        self._box = box
        self._listener = listener
        self._lost = lost
        self._topics: tuple[Topic, ...] = ()
        self._latest: dict[Topic, Seen] = {}
        self._fresh: dict[Topic, Seen] = {}
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._told_s = 0.0

    def follow(self, topics: Sequence[Topic], *, again: bool = False) -> None:
        """Have these followed from now on, in place of those before. What is known of those that are new is
        told soon, with ``again`` of all. Whoever is told may follow others.
        """
        wanted = tuple(dict.fromkeys(topics))
        before = frozenset[Topic]() if again else frozenset(self._topics)
        known = [self._latest[one] for one in wanted if one in self._latest and one not in before]
        if set(wanted) != set(self._topics) or self._task is None or self._task.done():
            self._topics = wanted
            self._stop()
            self._task = asyncio.get_running_loop().create_task(self._run(wanted), name="feed")
        if known:
            asyncio.get_running_loop().call_soon(self._listener, known)

    def known(self, topic: Topic) -> Seen | None:
        """The newest state of a topic that is or was followed."""
        return self._latest.get(topic)

    async def close(self) -> None:
        """Follow nothing any more."""
        task = self._task
        self._stop()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._fresh.clear()

    async def _run(self, topics: tuple[Topic, ...]) -> None:
        tries = 0
        while True:
            try:
                # Closed at once when others are followed, not when somebody collects it.
                async with aclosing(self._box.watch(topics)) as news:
                    async for seen in news:
                        if tries or not self._latest:
                            self._lost(None)
                        tries = 0
                        self._take(seen)
            except CarrelError as error:
                self._lost(error)
                tries += 1
            else:
                tries += 1
            await asyncio.sleep(_AGAIN_S[min(tries, len(_AGAIN_S)) - 1])

    def _take(self, seen: Seen) -> None:
        self._latest[seen.topic] = seen
        self._fresh[seen.topic] = seen
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._told_s + _TELL_EVERY_S), self._tell)

    def _tell(self) -> None:
        self._timer = None
        self._told_s = asyncio.get_running_loop().time()
        fresh, self._fresh = list(self._fresh.values()), {}
        self._listener(fresh)
