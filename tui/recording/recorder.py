"""A box that is recorded while somebody looks at it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from appliance.client.operator import Seen
from appliance.domain.actions import action as action_of
from appliance.domain.watching import MOST_TOPICS, Topic
from appliance.errors import CarrelError, StorageUnavailable
from tui.box import Box
from tui.recording.standard import STANDARD, further, is_kept
from tui.recording.tape import Tape, key_of

_FLUSH_S: Final = 1.0
_BEAT_S: Final = 10.0
_AGAIN_S: Final = 1.0
_LEAST_EVERY_MS: Final = 1000
_PEOPLE: Final = "person.list"
_MOST_HELD: Final = 500

Held = tuple[str, Mapping[str, object], msgspec.Struct | CarrelError]


class Recorder:
    """Keeps the port ``Box`` around ``box``: what that answers goes on to whoever asked, and into a new file,
    without names and secrets. From the first look on it follows ``topics`` by itself. Nothing is written
    before the box was asked who its people are.

    Raises ``BadRequest`` where the file cannot be made. Where it cannot be written any more the box is looked
    at as before, and its name says so.
    """

    def __init__(
        self,
        box: Box,
        path: Path,
        topics: Sequence[Topic] = STANDARD,
        version: str = "",
    ) -> None:
        self._box = box
        self._topics = tuple(topics)
        self._tape = Tape(path, box.name, box.now_ms(), version)
        self._trouble = self._lost = ""
        self._held: list[Held] | None = []
        self._tasks: list[asyncio.Task[None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._more: tuple[Topic, ...] = ()
        self._more_task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """See ``Box``; with a word that it is recorded, or no more."""
        return f"{self._box.name} [{self._trouble or 'REC'}]"

    @property
    def readonly(self) -> bool:
        """See ``Box``."""
        return self._box.readonly

    def now_ms(self) -> int:
        """See ``Box``."""
        return self._box.now_ms()

    async def run(self, action: str, arguments: Mapping[str, object]) -> msgspec.Struct:
        """See ``Box``. Kept where it only looks."""
        self._begin()
        result = await self._box.run(action, arguments)
        if is_kept(action_of(action)):
            self._note(action, dict(arguments), result)
        return result

    async def watch(self, topics: Sequence[Topic]) -> AsyncGenerator[Seen, None]:
        """See ``Box``."""
        self._begin()
        self._follow_too(topics)
        async for seen in self._box.watch(topics):
            self._note_seen(seen)
            yield seen

    async def close(self) -> None:
        """End the file, and let go of the box."""
        tasks = [*self._tasks, *([self._more_task] if self._more_task else ())]
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._trouble:
            with suppress(StorageUnavailable):
                self._tape.beat(self.now_ms(), self._lost)
            self._tape.close()
        await self._box.close()

    # ---- following ----

    def _begin(self) -> None:
        if self._tasks:
            return
        parts = [
            self._topics[start : start + MOST_TOPICS] for start in range(0, len(self._topics), MOST_TOPICS)
        ]
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._follow(part, first=number == 0), name="recording")
            for number, part in enumerate(parts or [()])
        ]
        self._tasks.append(loop.create_task(self._beat(), name="recording"))

    async def _follow(self, topics: Sequence[Topic], *, first: bool) -> None:
        while True:
            try:
                if first and self._held is not None:
                    await self._meet()
                if not topics:
                    return
                async for seen in self._box.watch(topics):
                    self._note_seen(seen)
            except CarrelError as error:
                self._stands(error.message)
            await asyncio.sleep(_AGAIN_S)

    def _follow_too(self, topics: Iterable[Topic]) -> None:
        """These as well from now on, as many as one stream can have: who leaves a screen may come back."""
        known = {key_of(one.action, dict(one.arguments)) for one in (*self._topics, *self._more)}
        new = (one for one in topics if key_of(one.action, dict(one.arguments)) not in known)
        slower = (replace(one, every_ms=max(one.every_ms, _LEAST_EVERY_MS)) for one in new)
        more = (*self._more, *slower)[:MOST_TOPICS]
        if more == self._more:
            return
        self._more = more
        if self._more_task is not None:
            self._more_task.cancel()
        follows = self._follow(more, first=False)
        self._more_task = asyncio.get_running_loop().create_task(follows, name="recording")

    async def _meet(self) -> None:
        """Ask who there is. Who may not ask goes on with the names that are seen."""
        try:
            people = await self._box.run(_PEOPLE, {})
        except CarrelError as error:
            if error.code == "gateway_not_running":
                raise
        else:
            self._tape.learn(people)
        held, self._held = self._held or [], None
        for action, arguments, answer in held:
            self._note(action, arguments, answer)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_S)
            self._stands(self._lost)

    # ---- writing ----

    def _stands(self, lost: str) -> None:
        """It goes on, with the box or without."""
        self._lost = lost
        self._write(lambda: self._tape.beat(self.now_ms(), lost))

    def _note_seen(self, seen: Seen) -> None:
        if self._lost:
            self._stands("")
        if seen.result is not None:
            self._follow_too(further(seen.result))
        answer = seen.result if seen.result is not None else seen.error
        if answer is not None:
            self._note(seen.topic.action, dict(seen.topic.arguments), answer)

    def _note(
        self, action: str, arguments: Mapping[str, object], answer: msgspec.Struct | CarrelError
    ) -> None:
        if self._held is not None:
            self._held = [*self._held, (action, arguments, answer)][-_MOST_HELD:]
        elif isinstance(answer, CarrelError):
            error = answer
            self._write(lambda: self._tape.refuse(action, arguments, error, self.now_ms()))
        else:
            result = answer
            self._write(lambda: self._tape.tell(action, arguments, result, self.now_ms()))

    def _write(self, work: Callable[[], None]) -> None:
        if self._trouble:
            return
        try:
            work()
        except StorageUnavailable as error:
            self._give_up(error)
            return
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_S, self._flush)

    def _flush(self) -> None:
        self._timer = None
        try:
            self._tape.flush()
        except StorageUnavailable as error:
            self._give_up(error)

    def _give_up(self, error: CarrelError) -> None:
        self._trouble = f"NOT RECORDED: {error.message}"
        self._tape.close()
