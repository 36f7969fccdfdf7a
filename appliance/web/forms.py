"""Reading a form into a closed struct. There is no other way to read one, and this one checks its token."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final, TypeVar, get_args
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.types import HTTPScope
from multipart import MultipartError, MultipartParser, parse_options_header

from appliance.edge.bodies import BodyLimits, read_body
from appliance.edge.sessions import CSRF_HEADER, check_csrf, check_origin
from appliance.edge.validation_messages import as_bad_request
from appliance.errors import BadRequest
from appliance.web.paths import place_of
from appliance.web.visitors import SignInFirst, visitor_of

AnyRequest = Request[Any, Any, Any]
Shape = TypeVar("Shape", bound=msgspec.Struct)
_Values = dict[str, list[str | bytes]]

TOKEN: Final = "csrf"  # noqa: S105 - a name
"""The hidden field of every form."""
FORM_BYTES: Final = 128 * 1024
UPLOAD_BYTES: Final = 4 * 2**20
"""Of a form with files: a class list in UTF-16 is the largest."""
_MOST_FIELDS: Final = 600


class Empty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A form that is only a button."""


async def read_form(request: AnyRequest, shape: type[Shape], *, signed_in: bool = True) -> Shape:
    """The form of a request that changes something. What is empty was not given; a field of type ``tuple``
    or ``list`` takes all values of its name, one of type ``bytes`` a file.

    With ``signed_in`` it has to come from a page of the visitor's session. Without, which is for forms that
    begin a session, it is enough that no page of another place sent it.

    Raises ``SignInFirst``, ``NotAllowed``, ``BadRequest``, ``BodyTooLarge``, ``RequestTimeout``.
    """
    scope: Any = request.scope
    many, files = _kinds(shape)
    limits = BodyLimits(UPLOAD_BYTES if files else FORM_BYTES)
    check_origin(scope)
    if signed_in and visitor_of(scope) is None:
        raise SignInFirst(place_of(scope["path"]))
    body = await read_body(scope, request.receive, limits)
    values = _values(scope, body)
    token = values.pop(TOKEN, [""])[0]
    if signed_in:
        _check_token(request, token if isinstance(token, str) else "")
    return _converted(values, shape, many, files)


def _check_token(request: AnyRequest, token: str) -> None:
    visitor = visitor_of(request.scope)
    if visitor is None:
        raise SignInFirst(place_of(request.scope["path"]))
    header = request.headers.get(CSRF_HEADER)
    check_csrf(request.scope, header or token or None, visitor.cookie)


def _kinds(shape: type[msgspec.Struct]) -> tuple[frozenset[str], frozenset[str]]:
    """Names of fields that take several values, and of those that are files."""
    fields = msgspec.structs.fields(shape)
    many = {one.encode_name for one in fields if _mentions(one.type, (tuple, list))}
    files = {one.encode_name for one in fields if _mentions(one.type, (bytes,))}
    return frozenset(many), frozenset(files)


def _mentions(annotation: object, kinds: tuple[type, ...]) -> bool:
    origin = getattr(annotation, "__origin__", annotation)
    return origin in kinds or any(_mentions(one, kinds) for one in get_args(annotation))


def _values(scope: HTTPScope, body: bytes) -> _Values:
    kind, options = _content_type(scope)
    found: _Values = {}
    if kind == "multipart/form-data":
        pairs = _parts(body, options.get("boundary", ""))
    elif kind == "application/x-www-form-urlencoded" or not body:
        pairs = _fields(body)
    else:
        raise BadRequest("A form of this page was expected; open the page and send its form.")
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _content_type(scope: HTTPScope) -> tuple[str, Mapping[str, str]]:
    given = [value for name, value in scope["headers"] if name == b"content-type"]
    if len(given) > 1:
        raise BadRequest("A form has one content type.")
    return parse_options_header(given[0].decode("latin-1")) if given else ("", {})


def _fields(body: bytes) -> Iterator[tuple[str, str | bytes]]:
    try:
        yield from parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise BadRequest("The form could not be read; reload the page and send it again.") from None


def _parts(body: bytes, boundary: str) -> Iterator[tuple[str, str | bytes]]:
    if not 0 < len(boundary) <= 200:
        raise BadRequest("The form could not be read; reload the page and send it again.")
    try:
        parser = MultipartParser(
            BytesIO(body),
            boundary,
            len(body),
            strict=True,
            part_limit=_MOST_FIELDS,
            spool_limit=UPLOAD_BYTES,
            memory_limit=2 * UPLOAD_BYTES,
        )
        for part in parser:
            yield part.name, part.raw if part.filename is not None else part.value
    except (MultipartError, UnicodeDecodeError):
        raise BadRequest("The form could not be read; reload the page and send it again.") from None


def _converted(values: _Values, shape: type[Shape], many: frozenset[str], files: frozenset[str]) -> Shape:
    given: dict[str, object] = {}
    for name, every in values.items():
        kept = [_of_kind(name, one, files) for one in every if one]
        if name in many:
            given[name] = kept
        elif len(every) > 1:
            raise BadRequest(f"The form has `{name[:40]}` more than once; reload the page and send it again.")
        elif kept:
            given[name] = kept[0]
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as wrong:
        raise as_bad_request(str(wrong)) from None


def _of_kind(name: str, value: str | bytes, files: frozenset[str]) -> str | bytes:
    if name in files:
        return value.encode() if isinstance(value, str) else value
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if "\0" in text:
        raise BadRequest("The form holds a NUL character; leave it out.")
    # A form's line ends are CR LF (HTML, "constructing the entry list").
    return text.replace("\r\n", "\n").strip()
