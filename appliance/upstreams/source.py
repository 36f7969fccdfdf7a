"""One model elsewhere as the box's own models are seen: started, stopped, with room for so many answers.

It has no process. When it is started its host is asked whether it is there; where it cannot be reached it is
asked again until it can.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from appliance.domain.model import ModelState
from appliance.engines.base import EngineFacts, EngineSpec, Free, Work
from appliance.errors import (
    CarrelError,
    ModelNotRunning,
    Offline,
    OutboundFailed,
    ReplicaFailed,
    UpstreamFailed,
)
from appliance.outbound.failures import REDIRECT
from appliance.upstreams.line import Line
from appliance.upstreams.stream import RemoteStream
from appliance.upstreams.work import Remote

ASK_AGAIN_S: Final = 15.0
_REFUSING: Final = {401: "refuses the key of this box", 403: "does not let this box in"}
_AUTHORIZED: Final = "authorization"


class Source:
    """Keeps the port of a replica. ``open_line`` reads the key and makes a client; it raises
    ``ConfigInvalid`` without a key. ``on_change`` is called whenever ``state`` or ``free`` may have changed.
    ``objection`` is why nothing may be sent at this moment, if anything is.
    """

    pid: int | None = None
    pids: frozenset[int] = frozenset()
    restarts = 0
    incarnation = 0
    memory_bytes = 0
    peak_bytes = 0
    confinement: tuple[str, ...] = ()

    def __init__(
        self,
        spec: EngineSpec,
        open_line: Callable[[], Line],
        *,
        on_change: Callable[[], None],
        objection: Callable[[], CarrelError | None] = lambda: None,
        ask_again_s: float = ASK_AGAIN_S,
    ) -> None:
        self._spec = spec
        self._open_line = open_line
        self._changed = on_change
        self._objection = objection
        self._ask_again_s = ask_again_s
        self._line: Line | None = None
        self._streams: set[RemoteStream] = set()
        self._asking: asyncio.Task[None] | None = None
        self.state = ModelState.LOADING
        self.reason: str | None = None

    @property
    def running(self) -> int:
        """Requests that are at the host."""
        return len(self._streams)

    @property
    def loading_part(self) -> float:
        """Nothing is loaded."""
        return 0.0 if self.state is ModelState.LOADING else 1.0

    @property
    def facts(self) -> EngineFacts:
        """What is agreed, as engines tell what they found. Raises ``ModelNotRunning`` before the start."""
        if self._line is None:
            raise ModelNotRunning("The host of this model was not asked yet. Try again in a few seconds.")
        spec = self._spec
        return EngineFacts(
            self._line.upstream.build, spec.context_tokens, spec.kv_tokens, spec.max_sequences, 1, 0
        )

    @property
    def free(self) -> Free:
        """So many answers at once were agreed."""
        if self.state is not ModelState.READY:
            return Free(0, 0)
        taken = sum(stream.work.n for stream in self._streams)
        tokens = sum(stream.work.kv_tokens for stream in self._streams)
        return Free(max(0, self._spec.kv_tokens - tokens), max(0, self._spec.max_sequences - taken))

    async def start(self) -> None:
        """Return once the host has been asked. Raises ``ConfigInvalid``, ``UpstreamFailed`` where asking
        again would not help; one that cannot be reached is asked again, and the state says so.
        """
        try:
            self._line = self._open_line()
            await self._ask(self._line)
        except CarrelError as error:
            self.state, self.reason = ModelState.FAILED, error.message
            raise
        if self.state is not ModelState.READY:
            self._asking = asyncio.create_task(self._ask_again(self._line))

    async def stop(self) -> None:
        """Leave the host. Requests that are there fail."""
        self.state = ModelState.STOPPING
        if self._asking is not None:
            self._asking.cancel()
            with suppress(asyncio.CancelledError):
                await self._asking
        streams = tuple(self._streams)
        for stream in streams:
            stream.fail(ReplicaFailed("The model was stopped. Send the request again."))
        await asyncio.gather(*(stream.ended() for stream in streams))
        if self._line is not None:
            await self._line.client.aclose()

    def open(self, work: Work) -> RemoteStream:
        """Send it. ``work.id`` is unique in this gateway. Trouble of any kind comes as ``Failed``."""
        if not isinstance(work, Remote) or self._line is None:
            raise TypeError("an upstream is given remote work, once it was started")
        stream = RemoteStream(work, self._line, self._end)
        self._streams.add(stream)
        if self.state is not ModelState.READY:
            stream.fail(ReplicaFailed("The model is not ready at this moment. Send the request again."))
        elif (objection := self._objection()) is not None:
            stream.fail(objection)
        return stream

    def _end(self, stream: RemoteStream) -> None:
        self._streams.discard(stream)
        self._changed()

    async def _ask(self, line: Line) -> None:
        """Whether the host is there and lets us in. What it answers beside that does not matter."""
        try:
            reply = await line.client.get("models", line.headers)
        except OutboundFailed as error:
            if error.trouble == REDIRECT:
                raise UpstreamFailed(error.message) from error
            self.state, self.reason = ModelState.RESTARTING, error.message
            return
        except Offline as error:
            self.state, self.reason = ModelState.RESTARTING, error.message
            return
        if reply.status in _REFUSING:
            raise UpstreamFailed(
                f"{line.client.host} {_REFUSING[reply.status]}. Store another with "
                f"`carrel upstream key {line.upstream.key or line.upstream.name}`, then run the model again."
            )
        self.state, self.reason = ModelState.READY, None

    async def _ask_again(self, line: Line) -> None:
        while self.state is ModelState.RESTARTING:
            await asyncio.sleep(self._ask_again_s)
            try:
                await self._ask(line)
            except CarrelError as error:
                self.state, self.reason = ModelState.FAILED, error.message
            self._changed()


def authorized(secret: str) -> dict[str, str]:
    """The header that carries a key; none without one."""
    return {_AUTHORIZED: f"Bearer {secret}"} if secret else {}
