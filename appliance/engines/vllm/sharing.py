"""Whose a pass was: vLLM tells what came out of it, not what went in. Pure."""

from collections.abc import Sequence


def fed(unread: Sequence[int], batch_tokens: int) -> list[int]:
    """Tokens that each of those who run is taken to have in the next pass, from what each has yet to read of
    its prompt (0: it decodes). As vLLM's scheduler does it: who decodes first, then prompts in the order in
    which they came.
    """
    room = max(0, batch_tokens - sum(not left for left in unread))
    shares = []
    for left in unread:
        share = min(left, room) if left else 1
        room -= share if left else 0
        shares.append(share)
    return shares
