"""Sends a request to the replica that was sent its prefix before. What is best is decided in
``policy.routing``; this remembers what was sent where.
"""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import count
from typing import Final
from weakref import WeakKeyDictionary

from appliance.engines.base import Work
from appliance.policy.routing import Candidate, pick, prefix_chain
from appliance.services.generation.ports import TokenSource

REMEMBERED_BLOCKS: Final = 16_384
"""Of one source; far more tokens than most KV caches hold."""


class Router:
    """One of the box. All methods run on the event loop."""

    def __init__(self, remembered_blocks: int = REMEMBERED_BLOCKS) -> None:
        self._remembered_blocks = remembered_blocks
        self._sent: WeakKeyDictionary[TokenSource, _Sent] = WeakKeyDictionary()
        self._numbers = count()

    def choose(self, work: Work, sources: Sequence[TokenSource]) -> TokenSource | None:
        """The source that the work is sent to now; None while none has room for it."""
        with_room = [source for source in sources if _has_room(source, work)]
        chain = prefix_chain(work.owner, work.prompt)
        index = pick([self._candidate(source, chain) for source in with_room])
        if index is None:
            return None
        self._sent_to(with_room[index]).remember(chain, next(self._numbers))
        return with_room[index]

    def _candidate(self, source: TokenSource, chain: Sequence[int]) -> Candidate:
        free = source.free
        held, sent = self._sent_to(source).holds(chain)
        return Candidate(free.sequences, free.kv_tokens, held, sent)

    def _sent_to(self, source: TokenSource) -> "_Sent":
        sent = self._sent.get(source)
        if sent is None or sent.incarnation != source.incarnation:
            sent = self._sent[source] = _Sent(source.incarnation, self._remembered_blocks)
        return sent


class _Sent:
    """Blocks that were sent to one life of one source, with the number of the latest request they were in."""

    def __init__(self, incarnation: int, most: int) -> None:
        self.incarnation = incarnation
        self._most = most
        self._blocks: OrderedDict[int, int] = OrderedDict()

    def holds(self, chain: Sequence[int]) -> tuple[int, int]:
        """How many of the first blocks, and when they were sent last; ``(0, -1)`` for none."""
        held, sent = 0, -1
        for held, block in enumerate(chain, 1):
            number = self._blocks.get(block)
            if number is None:
                return held - 1, sent
            sent = number
        return held, sent

    def remember(self, chain: Sequence[int], number: int) -> None:
        """Longer prefixes are forgotten before the shorter ones they begin with."""
        for block in reversed(chain):
            self._blocks[block] = number
            self._blocks.move_to_end(block)
        while len(self._blocks) > self._most:
            self._blocks.popitem(last=False)


def _has_room(source: TokenSource, work: Work) -> bool:
    free = source.free
    return free.sequences >= work.n and free.kv_tokens >= work.kv_tokens
