"""A host's refusals as errors of ours. What it writes is not passed on: it may quote a prompt or a key."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from appliance.errors import BadRequest, CarrelError, ContextLengthExceeded, UpstreamBusy, UpstreamFailed
from appliance.outbound.client import Reply
from appliance.upstreams.answer_shapes import Fault, Refusal

MOST_RETRY_S: Final = 3600
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_BAD_REQUESTS: Final = frozenset({400, 413, 422})
_TOO_LONG: Final = frozenset({"context_length_exceeded", "string_above_max_length"})
_SAYS: Final = {
    401: "refuses the key that this box has for it",
    402: "says that this box's account there is used up",
    403: "does not let this box use the model",
    404: "has no such model at that address",
}


def refusal(reply: Reply, host: str, now_ms: int) -> CarrelError:
    """The error that a client gets for an answer that is no stream of events."""
    retry_after_s = retry_after(reply.retry_after, now_ms)
    if reply.status == 429:
        return UpstreamBusy(
            f"{host}, which hosts this model, takes no more requests for now. Try again later.",
            retry_after_s=retry_after_s,
        )
    fault = _fault(reply.body)
    if reply.status in _BAD_REQUESTS:
        return _bad_request(fault, host)
    if reply.status in _SAYS:
        return UpstreamFailed(f"{host} {_SAYS[reply.status]}. Tell who runs this box.")
    return UpstreamFailed(
        f"{host}, which hosts this model, failed (status {reply.status}{_named(fault)}). Try again later.",
        retry_after_s=retry_after_s,
    )


def broken_off(fault: Fault, host: str) -> UpstreamFailed:
    """The error for a stream that ends with one."""
    return UpstreamFailed(
        f"{host} broke the answer off{_named(fault).replace(', ', ' with ')}. Send the request again."
    )


def retry_after(text: str, now_ms: int) -> int | None:
    """Seconds, from 1 to an hour; None where it says nothing that is understood (RFC 9110, 10.2.3)."""
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
    else:
        try:
            then = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = int(
            (
                then.replace(tzinfo=then.tzinfo or UTC) - datetime.fromtimestamp(now_ms / 1000, UTC)
            ).total_seconds()
        )
    return min(MOST_RETRY_S, max(1, seconds))


def _bad_request(fault: Fault, host: str) -> BadRequest:
    if fault.code in _TOO_LONG:
        return ContextLengthExceeded(
            f"The prompt and its answer are too long for {host}. Shorten the prompt or `max_tokens`."
        )
    return BadRequest(
        f"{host}, which hosts this model, refuses this request{_named(fault).replace(', ', ' as ')}. "
        "Leave out what it may not know, such as special parameters."
    )


def _named(fault: Fault) -> str:
    code = str(fault.code or fault.type or "")
    return f", {code}" if _CODE.match(code) else ""


def _fault(body: bytes) -> Fault:
    try:
        return msgspec.json.decode(body, type=Refusal).error or Fault()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Fault()
