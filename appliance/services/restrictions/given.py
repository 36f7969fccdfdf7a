"""Limits as a command gives them: one option each, joined with what held before."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from appliance.domain.restriction import Limits
from appliance.errors import BadRequest

FIELDS: Final = Limits.__struct_fields__
_RIGHTS: Final = frozenset({"tools", "fine_tune", "activations", "steering"})
_LISTS: Final = frozenset({"hours", "networks", "endpoints"})
_ALTERNATIVES: Final = frozenset({"logprobs", "prompt_logprobs"})


def changed(before: Limits, given: Mapping[str, Any], lift: str | None) -> Limits:
    """``before`` with every option that was given, and without the fields that ``lift`` names. Raises
    ``BadRequest``.
    """
    said: dict[str, Any] = {name: getattr(before, name) for name in FIELDS}
    standing = Limits()
    for name in _names(lift):
        said[name] = getattr(standing, name)
    for name, value in given.items():
        if value is not None:
            said[name] = _value(name, value)
    try:
        return msgspec.convert(said, Limits, strict=True)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The restriction does not fit: {error}.") from error


def patterns_in(text: str) -> tuple[str, ...]:
    """One a line; blank lines and those that begin with ``#`` say nothing."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - of whatever type the option has
    if name in _RIGHTS:
        return value == "yes"
    if name in _LISTS:
        return tuple(part.strip() for part in value.split("," if name != "hours" else ";") if part.strip())
    if name in _ALTERNATIVES:
        return value if value == "off" else _whole(name, value)
    if name == "temperature":
        return _decimal(value)
    if name == "denied":
        return patterns_in(value)
    return value.strip() if name == "system_prompt" else value


def _names(lift: str | None) -> Sequence[str]:
    names = (
        [] if lift is None else [part.strip().replace("-", "_") for part in lift.split(",") if part.strip()]
    )
    for name in names:
        if name not in FIELDS:
            raise BadRequest(f"There is no limit `{name}`; there are {', '.join(FIELDS)}.", param="lift")
    return names


def _whole(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise BadRequest(f"`{name}` must be a whole number of alternatives, or off.", param=name)
    return int(value[:6])


def _decimal(value: str) -> float:
    if value == "none":
        raise BadRequest("`temperature` must be a number; --lift temperature takes its limit away.")
    return float(value)
