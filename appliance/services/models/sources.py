"""The replicas of one model as sources of tokens, as they are at the moment of looking.

A request holds on to them from its acceptance to its turn. When the model ends in between, they turn into one
source that refuses at once, so that nobody waits for what will never answer.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Final, overload

from appliance.engines.base import Event, Failed, Free, Work
from appliance.errors import ModelNotRunning
from appliance.services.generation.ports import TokenSource

_ALL: Final = Free(kv_tokens=2**39, sequences=2**20)


class Sources(Sequence[TokenSource]):
    """A live view: ``look`` is asked each time."""

    def __init__(self, look: Callable[[], Sequence[TokenSource]]) -> None:
        self._look = look

    @overload
    def __getitem__(self, index: int) -> TokenSource: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[TokenSource]: ...
    def __getitem__(self, index: int | slice) -> TokenSource | Sequence[TokenSource]:
        return self._look()[index]

    def __iter__(self) -> Iterator[TokenSource]:
        return iter(self._look())

    def __len__(self) -> int:
        return len(self._look())


class Ended:
    """In place of the replicas of a model that is over: has room for everything and fails it."""

    incarnation = 0
    free = _ALL

    def __init__(self, message: str) -> None:
        self._message = message

    def open(self, work: Work) -> "EndedStream":
        """One event: ``Failed``."""
        return EndedStream(Failed(work.id, ModelNotRunning.code, self._message, nothing_used=True))


class EndedStream:
    """The stream of work that was never begun."""

    def __init__(self, event: Event) -> None:
        self._event = event

    async def __aiter__(self) -> AsyncIterator[Event]:
        yield self._event

    def cancel(self) -> None:
        """It ends by itself."""
