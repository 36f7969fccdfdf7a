"""From an engine's words for a token to those of the box."""

from appliance.domain.generation import Alternative, TokenLogprob
from appliance.engines.base import ToldToken


def told(token: ToldToken) -> TokenLogprob:
    """The same token, beyond the engine."""
    top = tuple([Alternative(one.token, one.piece, one.logprob) for one in token.top])
    return TokenLogprob(token.token, token.piece, token.logprob, top)
