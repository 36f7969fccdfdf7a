"""A box that runs, behind its admin socket."""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

import msgspec

from appliance.client.operator import OperatorClient, Seen
from appliance.domain.watching import Topic


class LiveBox:
    """Keeps the port ``Box``. ``name`` is what the header calls it."""

    def __init__(self, socket: Path, name: str, *, readonly: bool = False) -> None:
        self._client = OperatorClient(socket)
        self._name = name
        self._readonly = readonly

    @property
    def name(self) -> str:
        """See ``Box``."""
        return self._name

    @property
    def readonly(self) -> bool:
        """See ``Box``."""
        return self._readonly

    def now_ms(self) -> int:
        """See ``Box``."""
        return time.time_ns() // 1_000_000

    async def run(self, action: str, arguments: Mapping[str, object]) -> msgspec.Struct:
        """See ``Box``."""
        return await self._client.run(action, arguments)

    def watch(self, topics: Sequence[Topic]) -> AsyncGenerator[Seen, None]:
        """See ``Box``."""
        return self._client.watch(topics)

    async def close(self) -> None:
        """See ``Box``."""
        await self._client.close()
