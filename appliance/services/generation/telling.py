"""From an engine's words for a token, or for its end, to those of the box."""

from appliance.domain.generation import Alternative, TokenLogprob
from appliance.engines.base import Failed, ToldToken
from appliance.errors import CarrelError, error_for_code


def told(token: ToldToken) -> TokenLogprob:
    """The same token, beyond the engine."""
    top = tuple([Alternative(one.token, one.piece, one.logprob) for one in token.top])
    return TokenLogprob(token.token, token.piece, token.logprob, top)


def error_of(failed: Failed) -> CarrelError:
    """The error that ended the work."""
    return error_for_code(failed.code)(failed.message, retry_after_s=failed.retry_after_s or None)
