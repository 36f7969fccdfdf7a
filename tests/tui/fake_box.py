"""A box for tests of the terminal UI: keeps the port ``Box`` with answers that a test gives it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

import msgspec

from appliance.client.operator import Seen
from appliance.domain.actions import action as action_of
from appliance.domain.arguments import check_arguments
from appliance.domain.watching import Topic
from appliance.errors import CarrelError, NotFound

NOW_MS = 1_795_344_120_000
"""2026-11-22 10:42 UTC: every picture is of this moment."""

Answer = msgspec.Struct | CarrelError | Callable[[Mapping[str, object]], msgspec.Struct]
Given = frozenset[tuple[str, object]]


class FakeBox:
    """Answers by action and arguments, those with the most arguments that fit first. Arguments are checked as
    the gateway checks them. ``runs`` are the actions that were carried out, in order, with what was given.
    """

    def __init__(
        self, *answers: tuple[str, Mapping[str, object], Answer], name: str = "lab-01", readonly: bool = False
    ):
        self.name = name
        self.readonly = readonly
        self.runs: list[tuple[str, dict[str, object]]] = []
        self.watched: list[tuple[Topic, ...]] = []
        self.closed = False
        self.gone: CarrelError | None = None
        self._answers: dict[tuple[str, Given], Answer] = {}
        self._changed = asyncio.Event()
        self._version = 0
        for action, arguments, answer in answers:
            self.put(action, answer, **arguments)

    def put(self, action: str, answer: Answer, **arguments: object) -> None:
        """From now on this is what the action answers, to these arguments; viewers see it at once."""
        self._answers[action, frozenset(arguments.items())] = answer
        self._version += 1
        self._changed.set()

    def lose(self, error: CarrelError | None) -> None:
        """The box cannot be reached any more, or again."""
        self.gone = error
        self._version += 1
        self._changed.set()

    def now_ms(self) -> int:
        return NOW_MS

    async def run(self, action: str, arguments: Mapping[str, object]) -> msgspec.Struct:
        if self.gone is not None:
            raise self.gone
        check_arguments(action_of(action), arguments)
        self.runs.append((action, dict(arguments)))
        return self._answered(action, arguments)

    def _answered(self, action: str, arguments: Mapping[str, object]) -> msgspec.Struct:
        given = {(name, value) for name, value in arguments.items() if value is not None}
        fitting = [
            (len(key[1]), answer)
            for key, answer in self._answers.items()
            if key[0] == action and key[1] <= given
        ]
        if not fitting:
            raise NotFound(f"The fake box has no answer to {action} {dict(arguments)}.")
        answer = max(fitting, key=lambda one: one[0])[1]
        if isinstance(answer, CarrelError):
            raise answer
        return answer if isinstance(answer, msgspec.Struct) else answer(arguments)

    async def watch(self, topics: Sequence[Topic]) -> AsyncGenerator[Seen, None]:
        self.watched.append(tuple(topics))
        told: dict[Topic, object] = {}
        while True:
            if self.gone is not None:
                raise self.gone
            version = self._version
            for topic in topics:
                seen = self._seen(topic)
                if told.get(topic) != seen:
                    told[topic] = seen
                    yield seen
            if version == self._version:
                self._changed.clear()
                await self._changed.wait()

    def _seen(self, topic: Topic) -> Seen:
        try:
            return Seen(topic, self._answered(topic.action, dict(topic.arguments)), None)
        except CarrelError as error:
            return Seen(topic, None, error)

    async def close(self) -> None:
        self.closed = True
