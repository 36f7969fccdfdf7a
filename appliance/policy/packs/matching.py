"""Looks for the patterns of all packs at once, and tells which packs a prompt counts for."""

import zlib
from collections.abc import Collection, Sequence
from typing import Final

from appliance.domain.generation import AnyRequest, GenerationRequest
from appliance.domain.prompts import ChatPrompt, TextPrompt
from appliance.policy.packs.pack import Pack
from appliance.policy.patterns import PatternSet
from appliance.policy.tripwires.seen import PackHit, generates

MOST_CHARACTERS: Final = 8000
"""That are looked at of one turn: half from its beginning, half from its end."""
MOST_TURNS: Final = 8
"""The last ones."""


class PackSet:
    """Packs, ready to be looked for. Each is a set of its own, so that one takes no room from another."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        """Raises ``BadRequest`` for a pattern that cannot be compiled, or too much of them."""
        self._ready: Final = [
            (pack, PatternSet.compile(one.pattern for one in pack.patterns)) for pack in packs
        ]

    def hits(self, request: AnyRequest, wanted: Collection[str]) -> tuple[PackHit, ...]:
        """Of the packs with these ids. Tokens are no text, and vectors and scores write none.

        What a pack needs may be said over several turns, but the last turn has to say some of it.
        """
        if not generates(request):
            return ()
        turns = [_bounded(turn) for turn in turns_of(request)]
        if not turns:
            return ()
        weights = [
            (pack.id, _weight(pack, patterns, turns)) for pack, patterns in self._ready if pack.id in wanted
        ]
        if not any(weight for _, weight in weights):
            return ()
        text = zlib.crc32(turns[-1].encode("utf-8", "replace"))
        return tuple(PackHit(name, weight * request.n, text) for name, weight in weights if weight)


def _weight(pack: Pack, patterns: PatternSet, turns: Sequence[str]) -> int:
    """What these turns count for a pack; 0 where it needs more than they say."""
    last = patterns.found(turns[-1])
    if not last:
        return 0
    found = [pack.patterns[place] for place in {*last, *patterns.found_in(turns[:-1])}]
    if not set(pack.needs.groups) <= {one.group for one in found}:
        return 0
    return max(one.weight for one in found)


def turns_of(request: GenerationRequest) -> list[str]:
    """What people said, not what a model answered: the last one is what is asked now."""
    if isinstance(request.prompt, TextPrompt):
        return [request.prompt.text]
    if isinstance(request.prompt, ChatPrompt):
        said = [one.content for one in request.prompt.messages if one.role != "assistant" and one.content]
        return said[-MOST_TURNS:]
    return []


def _bounded(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[: MOST_CHARACTERS // 2]}\n{text[-MOST_CHARACTERS // 2 :]}"
