"""The document as a page that needs no script and nothing from elsewhere."""

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from appliance.api.documentation.markup import code, link, prose, shell_quoted, table
from appliance.api.documentation.words import name_of, words_for

Json = Mapping[str, Any]

_HEAD: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<title>{title}</title><link rel="stylesheet" href="/docs/page.css"></head><body>'
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def html_page(document: Json) -> str:
    """The whole page."""
    return "".join(_Page(document).parts())


class _Page:
    def __init__(self, document: Json) -> None:
        self._document = document
        self._shapes: Json = document["components"]["schemas"]

    def parts(self) -> Iterator[str]:
        info = self._document["info"]
        title = f"{info['title']} {info['version']}: the API"
        yield _HEAD.format(title=escape(title))
        yield f"<header><h1>{escape(title)}</h1><p>{prose(info['description'])}</p>"
        yield '<p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p></header>'
        yield from self._contents()
        yield "<main>"
        for tag in self._document["tags"]:
            yield f"<h2>{escape(tag['name'])}</h2>"
            for path, method, operation in self._operations(tag["name"]):
                yield from self._endpoint(path, method, operation)
        yield from self._all_shapes()
        yield "</main></body></html>"

    def _operations(self, tag: str) -> Iterator[tuple[str, str, Json]]:
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                if tag in operation["tags"]:
                    yield path, method.upper(), operation

    def _contents(self) -> Iterator[str]:
        yield "<nav><ul>"
        for tag in self._document["tags"]:
            for path, method, operation in self._operations(tag["name"]):
                yield f"<li>{link(operation['operationId'], _address(method, path))}</li>"
        yield '<li><a href="#shapes">Shapes</a></li></ul></nav>'

    def _endpoint(self, path: str, method: str, operation: Json) -> Iterator[str]:
        yield f'<section id="{escape(operation["operationId"])}"><h3>{_address(method, path)}</h3>'
        yield f"<p>{prose(operation['summary'])} {prose(operation.get('description', ''))}</p>"
        if operation.get("security") == []:
            yield "<p>No key is needed.</p>"
        yield table(
            ("in the address", "value", "meaning"),
            [
                (code(one["name"]), self._words(one["schema"]), prose(one["description"]))
                for one in operation.get("parameters", ())
            ],
        )
        if "requestBody" in operation:
            yield from self._body(operation["requestBody"], path)
        yield "<h4>Answers</h4>"
        answers = operation["responses"].items()
        yield table(("status", "meaning", "shape"), [self._answer(*answer) for answer in answers])
        yield "</section>"

    def _body(self, body: Json, path: str) -> Iterator[str]:
        for media, content in body["content"].items():
            schema = content["schema"]
            yield f"<h4>Body <small>{escape(media)}</small></h4>"
            yield self._fields(self._shapes.get(name_of(schema.get("$ref", "")), schema))
            if "example" in content:
                yield f"<pre>{escape(_curl(path, media, content['example']))}</pre>"

    def _answer(self, status: str, answer: Json) -> tuple[str, str, str]:
        schema = answer["content"].get("application/json", {}).get("schema", {})
        shape = self._words(schema) if "$ref" in schema else ""
        return code(status), prose(answer["description"]), shape

    def _fields(self, schema: Json) -> str:
        required = set(schema.get("required", ()))
        fields = sorted(schema.get("properties", {}).items(), key=lambda field: field[0] not in required)
        return table(
            ("field", "value", ""),
            [(code(name), self._words(one), _if_absent(one, name in required)) for name, one in fields],
        )

    def _all_shapes(self) -> Iterator[str]:
        yield '<h2 id="shapes">Shapes</h2>'
        for name, schema in self._shapes.items():
            yield f'<section id="{escape(_place(name))}"><h3>{code(name)}</h3>'
            yield f"<p>{prose(schema.get('description', ''))} {self._values(schema)}</p>"
            yield f"{self._fields(schema)}</section>"

    def _values(self, schema: Json) -> str:
        return self._words(schema) if "enum" in schema else ""

    def _words(self, schema: Json) -> str:
        """With a link at each name of a shape."""

        def linked(found: re.Match[str]) -> str:
            name = found[0]
            return link(_place(name), escape(name)) if name in self._shapes else name

        return _NAME.sub(linked, escape(words_for(schema), quote=False))


def _address(method: str, path: str) -> str:
    return f'<b class="{method.lower()}">{method}</b> {code(path)}'


def _place(shape: str) -> str:
    return f"shape-{shape}"


def _if_absent(schema: Json, required: bool) -> str:
    if required:
        return "required"
    default = schema.get("default")
    return "" if default is None else f"{code(json.dumps(default))} if absent"


def _curl(path: str, media: str, example: Json) -> str:
    body = shell_quoted(json.dumps(example, ensure_ascii=False))
    return f'curl $BOX{path} -H "Authorization: Bearer $KEY" \\\n  -H "Content-Type: {media}" \\\n  -d {body}'
