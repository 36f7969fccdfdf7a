"""What the terminal UI needs of a box, wherever that is: live behind its admin socket, or a recording of
one.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Protocol

import msgspec

from appliance.client.operator import Seen
from appliance.domain.watching import Topic


class Box(Protocol):
    """One box. All methods are for one event loop."""

    @property
    def name(self) -> str:
        """What the header calls it: the machine's name, or the recording's."""
        ...

    @property
    def readonly(self) -> bool:
        """Whether nothing may be changed through this viewer."""
        ...

    def now_ms(self) -> int:
        """What time it is there, in ms since 1970 UTC: for a recording the time that it shows."""
        ...

    async def run(self, action: str, arguments: Mapping[str, object]) -> msgspec.Struct:
        """The action's result. Raises the gateway's error, ``GatewayNotRunning``, ``NotAllowed``."""
        ...

    def watch(self, topics: Sequence[Topic]) -> AsyncGenerator[Seen, None]:
        """What the topics answer, each time that it changed; the first time at once. Ends by raising
        ``GatewayNotRunning`` when the box cannot be reached any more.
        """
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...
