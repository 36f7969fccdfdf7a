"""One choice as it comes from a host: its text, its end, our count of it. Opens nothing."""

from collections.abc import Sequence
from typing import Final

from appliance.domain.generation import FinishReason
from appliance.engines.base import ToldToken
from appliance.engines.scheduler.text import TextRelease
from appliance.errors import UpstreamFailed
from appliance.upstreams.answer_shapes import CallDelta, ChunkChoice, Delta
from appliance.upstreams.counting import Counter, Meter
from appliance.upstreams.guessing import TokenCount
from appliance.upstreams.wording import Wording

_REASONS: Final = {
    "stop": FinishReason.STOP,
    "tool_calls": FinishReason.STOP,
    "function_call": FinishReason.STOP,
    "length": FinishReason.LENGTH,
}
_LIKELY_BYTES: Final = 4
"""Of a token, for progress; counts that are charged are made otherwise."""


class Choice:
    """``reason`` is None until it ends: by the host, at a stop text, or at the most tokens it may have."""

    def __init__(
        self,
        *,
        counter: Counter,
        most_tokens: int,
        stops: Sequence[str],
        thinking: tuple[str, str] | None,
    ) -> None:
        self._meter = Meter(counter, most_tokens)
        self._release = TextRelease(stops)
        self._stops = stops
        self._wording = Wording(thinking)
        self.reason: FinishReason | None = None
        self.stop = ""

    async def take(self, more: ChunkChoice) -> str:
        """The text that may be told now. Raises ``UpstreamFailed`` for an end that is none of ours."""
        if self.reason is not None:
            return ""
        text = ""
        if more.text:
            text += await self._said(more.text)
        if more.delta is not None:
            text += await self._turn(more.delta)
        if self.reason is None and more.finish_reason:
            text += self._finish(more)
        return text

    def progress(self, more: ChunkChoice, logprobs: Sequence[ToldToken]) -> int:
        """About how many tokens a piece has, while nobody knows exactly."""
        if logprobs:
            return len(logprobs)
        size = len("".join(_texts(more)).encode())
        return -(-size // _LIKELY_BYTES)

    @property
    def overran(self) -> bool:
        """Whether it was cut because it had more tokens than it may."""
        return self._meter.over

    def close(self) -> str:
        """What was held back, where nothing comes any more. A call that was cut stays open, as it is."""
        held = self._release.flush()
        text = self._wording.said(held) if held else ""
        return text + (self._wording.close() if self.reason is FinishReason.STOP else "")

    async def count(self) -> TokenCount:
        """All its tokens, by our count."""
        return await self._meter.total()

    async def _turn(self, delta: Delta) -> str:
        text = ""
        if thought := delta.reasoning_content or delta.reasoning:
            text += self._wording.thought(await self._meter.admit(thought))
        if said := delta.content or delta.refusal:
            text += await self._said(said)
        for call in delta.tool_calls or ():
            text += await self._called(call)
        self._end_if_over()
        return text

    async def _said(self, said: str) -> str:
        admitted = await self._meter.admit(said)
        shown = self._release.feed(admitted.encode())
        text = self._wording.said(shown) if shown else ""
        if self._release.stopped:
            self.reason, self.stop = FinishReason.STOP, self._release.stop
        self._end_if_over()
        return text

    async def _called(self, call: CallDelta) -> str:
        name = call.function.name if call.function else None
        arguments = (call.function.arguments if call.function else None) or ""
        wanted = (name or "") + arguments
        if self.reason is not None or await self._meter.admit(wanted) != wanted:
            return ""
        # What a stop text could have begun with was said before the call, so it is text.
        held = self._release.flush()
        before = self._wording.said(held) if held else ""
        return before + self._wording.called(call.index, name, arguments)

    def _end_if_over(self) -> None:
        if self._meter.over and self.reason is None:
            self.reason = FinishReason.LENGTH

    def _finish(self, more: ChunkChoice) -> str:
        reason = _REASONS.get(more.finish_reason or "")
        if reason is None:
            raise UpstreamFailed(
                "The host of this model ended the answer for a reason of its own, such as a content filter."
            )
        self.reason = reason
        if reason is FinishReason.STOP and more.stop_reason in self._stops:
            self.stop = str(more.stop_reason)
        return ""


def _texts(more: ChunkChoice) -> list[str]:
    delta = more.delta or Delta()
    functions = [call.function for call in delta.tool_calls or () if call.function]
    return [
        more.text or "",
        delta.content or "",
        delta.reasoning_content or delta.reasoning or "",
        *[(one.name or "") + (one.arguments or "") for one in functions],
    ]
