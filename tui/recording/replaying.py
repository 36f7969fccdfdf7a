"""A box that was recorded, shown as it was."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from appliance.client.operator import Seen
from appliance.domain.action import Blast, Permission
from appliance.domain.actions import action as action_of
from appliance.domain.arguments import check_arguments
from appliance.domain.command_line import command_of
from appliance.domain.watching import Topic
from appliance.errors import CarrelError, NotAllowed, NotFound
from tui.recording.player import Player
from tui.recording.reading import Answers, Recording
from tui.recording.standard import is_kept


class ReplayBox:
    """Keeps the port ``Box``. ``player`` says which moment is shown; nothing can be changed."""

    def __init__(self, recording: Recording, now_s: Callable[[], float] = time.monotonic) -> None:
        self._recording = recording
        self.player = Player(recording.length_ms, now_s)

    @classmethod
    def open(cls, path: Path) -> "ReplayBox":
        """Raises ``BadRequest`` for a file that is no recording."""
        return cls(Recording.read(path))

    @property
    def name(self) -> str:
        """See ``Box``: with the moment that is shown, in UTC."""
        return f"REPLAY {self.clock} {self._recording.box}"

    @property
    def clock(self) -> str:
        """The time of day that is shown, in UTC."""
        try:
            return datetime.fromtimestamp(self.now_ms() // 1000, UTC).strftime("%H:%M:%S")
        except (OverflowError, ValueError, OSError):
            return "--:--:--"

    def now_ms(self) -> int:
        """See ``Box``: at the moment that is shown."""
        return self._recording.began_ms + self.player.position_ms

    @property
    def lost(self) -> str:
        """Why the box could not be reached at that moment; empty where it could."""
        return self._recording.lost(self.player.position_ms)

    @property
    def readonly(self) -> bool:
        """See ``Box``."""
        return True

    async def run(self, action: str, arguments: Mapping[str, object]) -> msgspec.Struct:
        """See ``Box``: what was answered last by the moment that is shown. Raises ``NotAllowed`` for whatever
        would change something, ``NotFound`` for what was not recorded.
        """
        known = action_of(action)
        check_arguments(known, arguments)
        looks = is_kept(known) or (known.permission is Permission.READ and known.blast is Blast.NONE)
        if not looks:
            raise NotAllowed("This is a recording: nothing can be done in it. Press c to copy the command.")
        answers = self._recording.find(action, arguments)
        if answers is None:
            raise _not_recorded(f"`{command_of(known, arguments)}`")
        return self._answer(answers)

    async def watch(self, topics: Sequence[Topic]) -> AsyncGenerator[Seen, None]:
        """See ``Box``: as it was at the moment that is shown, and on from there. It never breaks."""
        found = [(one, self._recording.find(one.action, dict(one.arguments))) for one in topics]
        told: dict[Topic, int] = {}
        while True:
            moved, at = self.player.moved, self.player.position_ms
            for topic, answers in found:
                number = answers.index(at) if answers else -1
                if told.get(topic) != number:
                    told[topic] = number
                    yield self._seen(topic, answers)
            nexts = [one.after(at) for _topic, one in found if one is not None]
            await self.player.moves(moved, min((one for one in nexts if one is not None), default=None))

    def _seen(self, topic: Topic, answers: Answers | None) -> Seen:
        try:
            if answers is None:
                raise _not_recorded(f"`{topic.action}`")
            return Seen(topic, self._answer(answers), None)
        except CarrelError as error:
            return Seen(topic, None, error)

    def _answer(self, answers: Answers) -> msgspec.Struct:
        number = answers.index(self.player.position_ms)
        if number < 0:
            raise NotFound(f"Until here the recording has nothing of `{answers.action}`; go on with `.`.")
        return answers.answer(number)

    async def close(self) -> None:
        """See ``Box``: there is nothing to let go of."""


def _not_recorded(what: str) -> NotFound:
    return NotFound(f"The recording has no answer to {what}: nobody looked at it then.")
