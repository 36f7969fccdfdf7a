"""What the clients of the admin socket share: where an action is asked for, and what its answer means."""

import msgspec

from appliance.domain.action import Action
from appliance.errors import CarrelError, GatewayNotRunning, RequestTimeout


def path_of(known: Action) -> str:
    """Where it is asked for."""
    return f"/admin/v1/{known.name.replace('.', '/')}"


def result_of(known: Action, body: bytes) -> msgspec.Struct:
    """The action's result. Raises ``CarrelError`` for the answer of another version."""
    try:
        return msgspec.json.decode(body, type=known.result)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise other_version() from error


def other_version() -> CarrelError:
    """What was answered has another shape."""
    return CarrelError(
        "The gateway answers in another version's words; restart it: `carrel down`, then `carrel up`."
    )


def did_not_answer() -> RequestTimeout:
    """It was waited for long enough."""
    return RequestTimeout("The gateway did not answer in time; see `carrel logs`.")


def ended() -> GatewayNotRunning:
    """The connection broke."""
    return GatewayNotRunning("The gateway ended before it answered; see `carrel logs`.")
