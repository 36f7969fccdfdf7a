"""One request at a host, as the events of an engine.

A task reads what the host sends and puts events into a short queue, so that a slow reader slows the host
down. The stream ends with the counts of every choice, or with one ``Failed``, whatever happens.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec

from appliance.domain.generation import FinishReason
from appliance.engines.base import Event, Failed, Finished, Tokens
from appliance.errors import CarrelError, OutboundFailed, UpstreamFailed
from appliance.outbound.client import Reply
from appliance.outbound.failures import BROKEN, TIMEOUT
from appliance.upstreams.answer_shapes import DONE, Chunk, ChunkChoice, Usage
from appliance.upstreams.asking import body_of, path_of
from appliance.upstreams.charging import charged
from appliance.upstreams.guessing import TokenCount
from appliance.upstreams.line import Line
from appliance.upstreams.logprobs import told
from appliance.upstreams.refusals import broken_off, refusal
from appliance.upstreams.work import Remote

_UNREAD: Final = 256
_NO_NUMBER: Final = 0
"""In the place of a token's number: a host names none."""
_MAY_BE_BILLED: Final = frozenset({BROKEN, TIMEOUT})
"""Trouble after which nobody knows what the host has read."""


class RemoteStream:
    """``EventStream`` of one work. ``on_end`` is called once, when the host is asked for nothing more."""

    def __init__(self, work: Remote, line: Line, on_end: Callable[["RemoteStream"], None]) -> None:
        self.work = work
        self._line = line
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(_UNREAD)
        self._choices = [line.choice(work) for _ in range(work.n)]
        self._usage: Usage | None = None
        self._begun = False
        self._cut = False
        self._ending: CarrelError | None = None
        self._reader = asyncio.create_task(self._read(), name=f"upstream work {work.id}")
        self._reader.add_done_callback(lambda _: on_end(self))
        self._teller = asyncio.create_task(self._tell_all())

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self._events.get()) is not None:
            yield event

    def cancel(self) -> None:
        """Leave the host; its choices still finish. Safe to call twice."""
        self._reader.cancel()

    def fail(self, error: CarrelError) -> None:
        """Leave the host, and end with this error."""
        self._ending = error
        self._reader.cancel()

    async def ended(self) -> None:
        """Wait until the host is asked for nothing more."""
        await asyncio.wait([self._reader])

    async def _tell_all(self) -> None:
        """The end, whatever became of the reader. It is a task of its own so that nothing cancels it."""
        await asyncio.wait([self._reader])
        try:
            error = self._ending or (None if self._reader.cancelled() else self._reader.exception())
            if error is None:
                await self._finish()
            else:
                await self._fail(error)
        finally:
            await self._events.put(None)

    async def _read(self) -> None:
        line, work = self._line, self.work
        body = body_of(work, line.upstream)
        async with line.client.events(path_of(work), line.headers, body) as answer:
            if isinstance(answer, Reply):
                raise refusal(answer, line.client.host, line.clock.now_ms())
            self._begun = True
            async for data in answer:
                if data == DONE or await self._take(data):
                    break
        if any(choice.reason is None for choice in self._choices):
            raise UpstreamFailed(f"{line.client.host} ended the answer before it was complete.")

    async def _take(self, data: bytes) -> bool:
        """One event; True once no more is wanted."""
        try:
            chunk = msgspec.json.decode(data, type=Chunk)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._malformed() from None
        if chunk.error is not None:
            raise broken_off(chunk.error, self._line.client.host)
        self._usage = chunk.usage or self._usage
        for more in chunk.choices:
            await self._tell(more)
        # A host that was cut off is not waited for; one that ended by itself may still report its counts.
        ended = all(choice.reason is not None for choice in self._choices)
        return ended and (self._cut or self._usage is not None)

    async def _tell(self, more: ChunkChoice) -> None:
        if more.index >= len(self._choices):
            raise self._malformed()
        choice = self._choices[more.index]
        if choice.reason is not None:
            return
        logprobs = told(more.logprobs)
        text = await choice.take(more)
        progress = choice.progress(more, logprobs)
        if text or progress:
            wanted = logprobs if self.work.logprobs is not None else ()
            ids = (_NO_NUMBER,) * progress
            await self._events.put(Tokens(self.work.id, more.index, ids, text, wanted))
        self._cut = self._cut or (choice.reason is not None and not more.finish_reason)

    async def _finish(self) -> None:
        counts = [await choice.count() for choice in self._choices]
        self._compare(counts)
        work = self.work
        used = charged(work.counted, counts, self._usage, most_tokens=work.n * work.max_tokens)
        for index, choice in enumerate(self._choices):
            event = Finished(
                work.id,
                index,
                choice.reason or FinishReason.CANCELLED,
                choice.close(),
                used.prompt_tokens,
                used.cached_tokens,
                used.completion_tokens[index],
                0.0,
                choice.stop,
            )
            await self._events.put(event)

    def _compare(self, counts: list[TokenCount]) -> None:
        """Only what the host ended by itself: of an answer that was cut it reports nothing."""
        if any(choice.overran for choice in self._choices):
            self._line.alarms.overran(self._line.model, self.work.max_tokens)
        elif not (self._cut or self._reader.cancelled()):
            self._line.alarms.compare(self._line.model, self.work.counted, counts, self._usage)

    async def _fail(self, error: BaseException) -> None:
        counts = [await choice.count() for choice in self._choices]
        shown = self._shown(error)
        billed = isinstance(error, OutboundFailed) and error.trouble in _MAY_BE_BILLED
        event = Failed(
            self.work.id,
            shown.code,
            shown.message,
            sum(one.tokens for one in counts),
            retry_after_s=shown.retry_after_s or 0,
            nothing_used=not (self._begun or billed),
        )
        await self._events.put(event)
        if not isinstance(error, CarrelError):
            raise error

    def _shown(self, error: BaseException) -> CarrelError:
        if isinstance(error, OutboundFailed):
            return UpstreamFailed(error.message)
        return error if isinstance(error, CarrelError) else self._malformed()

    def _malformed(self) -> UpstreamFailed:
        return UpstreamFailed(f"{self._line.client.host} does not speak the OpenAI API as it should.")
