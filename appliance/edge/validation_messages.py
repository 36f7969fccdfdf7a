"""msgspec's messages, reworded for the person who sent the request.

Only texts known to hold no value of the request are used; anything else becomes "is not valid".
"""

import re
from typing import Final

from appliance.errors import BadRequest

_AT: Final = re.compile(r" - at (?:`key` in )?`\$\.?(?P<path>[A-Za-z0-9_.\[\]-]{0,200})`\Z")
_MISSING: Final = re.compile(r"Object missing required field `(?P<name>[A-Za-z0-9_.-]{1,64})`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>[A-Za-z0-9_.-]{1,64})`")
_WRONG_TYPE: Final = re.compile(r"Expected `(?P<wanted>[a-z |]+)`, got `(?P<got>[a-z]+)`")
_LENGTH: Final = re.compile(r"Expected `(?P<kind>str|array|object)` of length (?P<how>>=|<=) (?P<bound>\d+)")
_RANGE: Final = re.compile(r"Expected `(?:int|float)` (?P<how>>=|<=|>|<) (?P<bound>-?[\d.e+]+)")
_MALFORMED: Final = re.compile(r"JSON is malformed: .*\(byte (?P<byte>\d+)\)")

_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}
_UNITS: Final = {"str": "characters", "array": "entries", "object": "fields"}
_HOW: Final = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def as_bad_request(message: str) -> BadRequest:
    """The error for one message of msgspec's decoder, with ``param`` as a dotted path."""
    at = _AT.search(message)
    path = at["path"] if at else ""
    if malformed := _MALFORMED.search(message):
        return BadRequest(f"The body is not valid JSON: look at byte {malformed['byte']}.")
    if message.startswith("Input data was truncated"):
        return BadRequest("The body is not valid JSON: it ends too early, or a text in it is broken.")
    if missing := _MISSING.match(message):
        name = _joined(path, missing["name"])
        return BadRequest(f"`{name}` is missing.", param=name)
    if unknown := _UNKNOWN.match(message):
        name = _joined(path, unknown["name"])
        return BadRequest(f"There is no field `{name}`.", param=name)
    return BadRequest(f"{f'`{path}`' if path else 'The body'} {_complaint(message)}.", param=path or None)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _complaint(message: str) -> str:
    if wrong := _WRONG_TYPE.match(message):
        wanted = " or ".join(_KINDS.get(kind, kind) for kind in wrong["wanted"].split(" | "))
        return f"must be {wanted}, not {_KINDS.get(wrong['got'], wrong['got'])}"
    if length := _LENGTH.match(message):
        return f"must have {_HOW[length['how']]} {length['bound']} {_UNITS[length['kind']]}"
    if bound := _RANGE.match(message):
        return f"must be {_HOW[bound['how']]} {float(bound['bound']):.15g}"
    if message.startswith("Invalid enum value"):
        return "has a value that is not one of those allowed"
    if "out of range" in message:
        return "is out of range"
    return "is not valid"
