"""Everybody who looks on: who may begin, at what, and the end of all of them when the box stops."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from appliance.domain.action import Action
from appliance.domain.actor import Actor
from appliance.domain.arguments import check_arguments
from appliance.domain.log import Log
from appliance.domain.watching import Event, Topic, is_watchable
from appliance.errors import BadRequest, NotReady, TryAgain
from appliance.services.watching.asking import Asking, Sleep

MOST_VIEWS: Final = 32
"""Of one login at once."""


class Actions(Protocol):
    """Carries out actions for whoever may."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """All there are."""
        ...

    async def run(self, name: str, arguments: Mapping[str, object], operator: Actor) -> msgspec.Struct:
        """The action's result. Raises any ``CarrelError``."""
        ...


class View:
    """What one viewer sees: ``events`` is read once, ``close`` is awaited at the end."""

    def __init__(
        self, news: asyncio.Event, asked: Sequence[Asking], closed: Callable[["View"], None]
    ) -> None:
        self._news: Final = news
        self._asked: Final = asked
        self._closed: Final = closed
        self._ended = False
        self._tasks: list[asyncio.Task[None]] = []

    async def events(self) -> AsyncGenerator[tuple[Event, ...], None]:
        """What changed, whenever something did, until ``end``. Nothing is asked before this is read."""
        self._tasks = [asyncio.create_task(one.run()) for one in self._asked]
        while not self._ended:
            found = tuple(event for one in self._asked if (event := one.take()) is not None)
            if found:
                yield found
            else:
                await self._news.wait()
                self._news.clear()

    def end(self) -> None:
        """Nothing more is told."""
        self._ended = True
        self._news.set()

    async def close(self) -> None:
        """Nobody reads on. Safe twice."""
        self._closed(self)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Watching:
    """Opens views. Whether its viewer may still see a topic is asked each time that the topic is."""

    def __init__(
        self, actions: Actions, log: Log, *, sleep: Sleep = asyncio.sleep, most_views: int = MOST_VIEWS
    ) -> None:
        self._actions: Final = actions
        self._log: Final = log
        self._sleep: Final = sleep
        self._most: Final = most_views
        self._views: Final[dict[View, str]] = {}
        self._stopped = False

    def view(self, topics: Sequence[Topic], operator: Callable[[], Actor]) -> View:
        """Begin to look on. ``operator`` says who looks, at any time; a topic that they may not see, or no
        longer, tells ``NotAllowed`` in its place.

        Raises ``BadRequest`` for what cannot be looked on at, ``TryAgain`` where one login looks on too
        often, ``NotReady`` in a box that stops, and what ``operator`` raises.
        """
        who = operator().name
        for topic in topics:
            self._check(topic)
        if self._stopped:
            raise NotReady("The box is stopping; look again when it is up.")
        if Counter(self._views.values())[who] >= self._most:
            raise TryAgain(f"You look on {self._most} times already; leave one of these screens first.")
        view = self._view(topics, operator)
        self._views[view] = who
        return view

    def close(self) -> None:
        """The box stops: end every view and begin none."""
        self._stopped = True
        for view in self._views:
            view.end()

    def _view(self, topics: Sequence[Topic], operator: Callable[[], Actor]) -> View:
        async def ask(topic: Topic) -> msgspec.Struct:
            return await self._actions.run(topic.action, dict(topic.arguments), operator())

        news = asyncio.Event()
        asked = [
            Asking(place, topic, ask, news=news, sleep=self._sleep, log=self._log)
            for place, topic in enumerate(topics)
        ]
        return View(news, asked, self._forget)

    def _forget(self, view: View) -> None:
        self._views.pop(view, None)

    def _check(self, topic: Topic) -> None:
        found = next((one for one in self._actions.actions if one.name == topic.action), None)
        if found is None:
            raise BadRequest(
                "A topic names no action of the gateway; `carrel --help` lists them.", param="topics"
            )
        if not is_watchable(found):
            name = topic.action.replace(".", " ")
            raise BadRequest(f"`{name}` cannot be looked on at: it does more than look.", param="topics")
        check_arguments(found, dict(topic.arguments))
