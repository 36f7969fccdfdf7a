"""The OpenAPI 3.1 document, from the rows of endpoints and the structs of their bodies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from appliance.api.documentation.endpoint import Endpoint, Parameter
from appliance.errors import CarrelError, HeadersTooLarge, NotAuthenticated

Json = dict[str, Any]

_ROOM: Final = re.compile(rb"\bappliance\.(?:api|edge)\.")
_REF: Final = "#/components/schemas/{name}"
_INTRODUCTION: Final = (
    "Send the key that you were given as `Authorization: Bearer crl_...` or as `x-api-key`. Every answer has "
    "an `x-request-id`. Fields that the box does not know are ignored and named in `x-carrel-ignored`; those "
    "that would reach past the box are refused. Prompts stay on the box, but for models whose `leaves_box` "
    "in `/v1/models` names a host: each of their answers has it in `x-carrel-leaves-box`."
)
_RATE_HEADERS: Final = {
    f"x-ratelimit-{name}-{what}": says
    for what in ("requests", "tokens")
    for name, says in (
        ("limit", f"How many {what} you may have per minute."),
        ("remaining", f"How many {what} are left now."),
        ("reset", f"In what time all {what} are left again, such as 6m0s."),
    )
}


def openapi_document(endpoints: Sequence[Endpoint], *, version: str) -> Json:
    """The whole document, as JSON values."""
    shapes: list[type] = []
    for endpoint in endpoints:
        given = (endpoint.body, endpoint.answer_shape, endpoint.error_shape)
        shapes += [shape for shape in given if shape is not None]
    schemas, components = msgspec.json.schema_components(dict.fromkeys(shapes), ref_template=_REF)
    known = dict(zip(dict.fromkeys(shapes), schemas, strict=True))
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, known)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Carrel", "version": version, "description": _INTRODUCTION},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"x-api-key": []}],
        "tags": [{"name": name} for name in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }
    # Defaults of structs are values of Python, such as an empty tuple; shapes of one name have long ones.
    plain: Json = msgspec.json.decode(_ROOM.sub(b"", msgspec.json.encode(document)))
    return plain


def _operation(endpoint: Endpoint, known: Mapping[type, Json]) -> Json:
    operation: Json = {
        "operationId": operation_id(endpoint),
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "responses": _responses(endpoint, known),
    }
    if endpoint.detail:
        operation["description"] = endpoint.detail
    if not endpoint.needs_key:
        operation["security"] = []
    if endpoint.parameters:
        operation["parameters"] = [_parameter(one) for one in endpoint.parameters]
    schema = known[endpoint.body] if endpoint.body is not None else endpoint.body_schema
    if schema is not None:
        content: Json = {"schema": dict(schema)}
        if endpoint.example is not None:
            content["example"] = dict(endpoint.example)
        operation["requestBody"] = {"required": True, "content": {endpoint.body_media: content}}
    return operation


def operation_id(endpoint: Endpoint) -> str:
    """A name for generated clients: ``post_v1_chat_completions``."""
    words = "".join(char if char.isalnum() else " " for char in endpoint.path).split()
    return "_".join([endpoint.method.lower(), *words])


def _parameter(one: Parameter) -> Json:
    return {
        "name": one.name,
        "in": one.where,
        "required": one.where == "path",
        "description": one.says,
        "schema": dict(one.schema),
        "example": one.example,
    }


def _responses(endpoint: Endpoint, known: Mapping[type, Json]) -> Json:
    shape = known[endpoint.answer_shape] if endpoint.answer_shape is not None else {}
    content = {
        media: {"schema": shape if media == "application/json" else {}} for media in endpoint.answer_media
    }
    good: Json = {"description": endpoint.answer, "headers": _headers(endpoint), "content": content}
    always = (NotAuthenticated, HeadersTooLarge) if endpoint.needs_key else (HeadersTooLarge,)
    return {str(endpoint.status): good, **_refusals([*endpoint.errors, *always], known[endpoint.error_shape])}


def _headers(endpoint: Endpoint) -> Json:
    headers = {"x-request-id": "The name of this request."}
    if endpoint.computes:
        headers |= {"x-carrel-leaves-box": "The host that the prompt was sent to, where it left the box."}
        headers |= _RATE_HEADERS
    return {name: {"description": says, "schema": {"type": "string"}} for name, says in headers.items()}


def _refusals(errors: Iterable[type[CarrelError]], shape: Json) -> Json:
    by_status = sorted(set(errors), key=lambda error: (error.status, error.code))
    return {
        str(status): {
            "description": "\n".join(f"`{error.code}`: {_first_line(error)}" for error in group),
            "content": {"application/json": {"schema": shape}},
        }
        for status, group in groupby(by_status, key=lambda error: error.status)
    }


def _first_line(error: type[CarrelError]) -> str:
    return (error.__doc__ or "").strip().partition("\n")[0]
