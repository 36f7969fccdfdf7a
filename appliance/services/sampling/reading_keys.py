"""The keys that content is sealed to now, in memory; kept by the store."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.clock import Clock
from appliance.domain.samples import ReviewerKey
from appliance.errors import Conflict, NotFound
from appliance.services.sampling.ports import SealedContent
from appliance.trust.sealing import SealingKey

MOST_KEYS: Final = 8
"""Content is sealed once for each."""


class ReadingKeys:
    """Who could read what people agreed to show. Call ``load`` first."""

    def __init__(self, table: SealedContent, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._known: dict[str, ReviewerKey] = {}
        self._open: dict[str, SealingKey] = {}

    async def load(self) -> None:
        """What was kept before. Raises ``StorageUnavailable``."""
        self._known = {one.id: one for one in await self._table.keys()}
        self._open = {
            one.id: SealingKey.parse(one.public) for one in self._known.values() if not one.ended_ms
        }

    @property
    def all(self) -> Sequence[ReviewerKey]:
        """Those that have ended too, oldest first."""
        return sorted(self._known.values(), key=lambda one: (one.added_ms, one.id))

    @property
    def count(self) -> int:
        """Of those that count."""
        return len(self._open)

    def seal(self, content: bytes) -> tuple[tuple[str, str], ...]:
        """For each key that counts: its id, and what only its private half opens."""
        return tuple((key_id, key.seal(content)) for key_id, key in self._open.items())

    async def add(self, file: str, label: str, by: str) -> ReviewerKey:
        """From the text of a file with the public half. Raises ``BadRequest``, ``Conflict``."""
        key = SealingKey.read(file)
        if key.id not in self._open and self.count >= MOST_KEYS:
            raise Conflict(
                f"Content is sealed to {MOST_KEYS} keys already; end one: `carrel sample key-end ID`."
            )
        added = ReviewerKey(key.id, label, key.text, by, self._clock.now_ms())
        await self._table.add_key(added)
        self._known[added.id], self._open[added.id] = added, key
        return added

    async def end(self, id: str) -> None:
        """Nothing more is sealed to it. Raises ``NotFound``."""
        if id not in self._known:
            raise NotFound("There is no such key; see `carrel sample keys`.", param="id")
        self._open.pop(id, None)
        await self._table.end_key(id, self._clock.now_ms())
        self._known |= {one.id: one for one in await self._table.keys()}
