"""Turns an error body of the box back into the error it was made from."""

import json

import httpx

from appliance.errors import CarrelError, error_for_code


def refusal(response: httpx.Response) -> CarrelError:
    """The error that a response from status 400 on carries; the base class where it is none of ours."""
    error = _error_of(response.content)
    message = error.get("message")
    if not isinstance(message, str):
        return CarrelError(f"The server answered {response.status_code} without saying why.")
    param = error.get("param")
    return error_for_code(str(error.get("code")))(
        message, param=param if isinstance(param, str) else None, retry_after_s=_retry_after_s(response)
    )


def _error_of(body: bytes) -> dict[str, object]:
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    error = decoded.get("error") if isinstance(decoded, dict) else None
    return error if isinstance(error, dict) else {}


def _retry_after_s(response: httpx.Response) -> int | None:
    value = response.headers.get("retry-after", "")
    return int(value) if value.isascii() and value.isdigit() else None
