"""What an answer over HTTPS means: statements, a registry's no, or something that no registry says. Pure."""

from typing import Final, NoReturn, get_args

import msgspec

from appliance.federation.exchange.troubles import BROKEN, BUSY, STATUS, UNKNOWN_ANSWER, trouble_with
from appliance.federation.protocol.plain_text import plain
from appliance.federation.protocol.replies import URN, Problem, ProblemName, Refused, Reply
from appliance.outbound.client import Reply as Answer
from appliance.outbound.failures import CAPTIVE, PROXY_PASSWORD, failed

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
_GOOD: Final = frozenset({200, 201})
_LATER: Final = frozenset({408, 425, 429})
_PROXY_PASSWORD: Final = 407
_LOG_IN: Final = 511
_SERVER: Final = 500
_LONGEST_WAIT_S: Final = 86_400
_TITLE: Final = 200
_NAMES: Final[dict[str, ProblemName]] = {name: name for name in get_args(ProblemName)}


def reply_in(answer: Answer, host: str) -> Reply:
    """The statements. Raises ``Refused`` for the registry's no, ``OutboundFailed`` for everything else."""
    if answer.status in _GOOD:
        if answer.content_type != JSON:
            raise failed(host, CAPTIVE)
        try:
            return msgspec.json.decode(answer.body, type=Reply)
        except (msgspec.DecodeError, RecursionError) as error:
            raise trouble_with(host, UNKNOWN_ANSWER) from error
    return _refused(answer, host)


def waits_s(retry_after: str) -> int | None:
    """``Retry-After`` in s; None where there is none, or a date: a registry's clock is not ours."""
    text = retry_after.strip()
    return min(int(text), _LONGEST_WAIT_S) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _refused(answer: Answer, host: str) -> NoReturn:
    if answer.content_type == PROBLEM:
        refused = refused_by(_problem(answer, host), waits_s(answer.retry_after))
        if refused is not None:
            raise refused
    _other(answer, host)


def _problem(answer: Answer, host: str) -> Problem:
    try:
        return msgspec.json.decode(answer.body, type=Problem)
    except (msgspec.DecodeError, RecursionError) as error:
        raise trouble_with(host, UNKNOWN_ANSWER) from error


def refused_by(problem: Problem, after_s: int | None = None) -> Refused | None:
    """The registry's no; None for one that the protocol does not have. ``after_s`` is ``Retry-After``."""
    if not problem.type.startswith(URN) or problem.name not in _NAMES:
        return None
    members: dict[str, int | str] = {
        name: value
        for name in ("expected", "epoch", "seq", "head")
        if (value := getattr(problem, name)) is not None
    }
    wait_s = problem.retry_after_s if after_s is None else after_s
    if wait_s is not None:
        members["retry_after_s"] = wait_s
    return Refused(_NAMES[problem.name], plain(problem.title, _TITLE), **members)


def _other(answer: Answer, host: str) -> NoReturn:
    if answer.status == _PROXY_PASSWORD:
        raise failed(host, PROXY_PASSWORD)
    if answer.status == _LOG_IN:
        raise failed(host, CAPTIVE)
    after_s = waits_s(answer.retry_after)
    if answer.status in _LATER:
        raise trouble_with(host, BUSY, retry_after_s=after_s)
    if answer.status >= _SERVER:
        raise trouble_with(host, BROKEN, retry_after_s=after_s)
    raise trouble_with(host, STATUS)
