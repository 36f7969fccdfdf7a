"""The document tells of every route there is and of no other, and the page needs nothing but itself."""

import re
from html.parser import HTMLParser

import openapi_spec_validator
import pytest

from appliance.api.documentation.document import openapi_document, operation_id
from appliance.api.documentation.routes import PATHS
from appliance.api.endpoints import endpoints
from appliance.edge.access import PageAccess
from tests.api.test_access import app_for_routes, route_paths

TABLE = endpoints(PageAccess())
DOCUMENT = openapi_document(TABLE, version="1.2.3")


def routed() -> set[tuple[str, str]]:
    return {
        (method, path)
        for path, methods in route_paths(app_for_routes())
        for method in methods
        if method != "OPTIONS" and path not in PATHS
    }


def documented() -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}


def test_every_route_is_documented_and_every_documented_address_is_a_route():
    assert documented() == routed()


def test_every_name_is_there_once():
    assert len({operation_id(one) for one in TABLE}) == len(TABLE)


def test_every_part_of_an_address_is_explained():
    for one in TABLE:
        assert set(re.findall(r"\{(\w+)\}", one.path)) == {
            given.name for given in one.parameters if given.where == "path"
        }, one.path


def test_every_body_has_an_example_that_it_would_take():
    for one in TABLE:
        if one.body is not None:
            assert one.example is not None, one.path
            assert one.example.get("model", "handbook-tiny") in {
                "handbook-tiny",
                "your-embedding-model",
                "your-licensed-model",
            }


def test_every_reference_leads_to_a_shape():
    known = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set(re.findall(r"#/components/schemas/[A-Za-z0-9._-]+", str(DOCUMENT))) <= known


def test_every_refusal_is_told_with_its_code():
    chat = DOCUMENT["paths"]["/v1/chat/completions"]["post"]["responses"]
    assert "`rate_limit_exceeded`" in chat["429"]["description"]
    assert "`queue_full`" in chat["429"]["description"]
    assert "`invalid_api_key`" in chat["401"]["description"]
    assert DOCUMENT["paths"]["/healthz"]["get"]["security"] == []


@pytest.mark.slow
def test_the_document_is_valid_openapi():
    openapi_spec_validator.validate(DOCUMENT)


async def test_the_document_and_the_page_are_served_without_a_key(served):
    del served.http.headers["authorization"]
    document = await served.http.get("/openapi.json")
    assert document.status_code == 200
    assert document.json()["info"]["version"] == "1.2.3"
    page = await served.http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    style = await served.http.get("/docs/page.css")
    assert style.headers["content-type"].startswith("text/css")


class Needed(HTMLParser):
    """What a page loads, and where it could run something."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in {"href", "src", "action"}]
        self.ids |= {value for name, value in attrs if name == "id"}


async def test_the_page_needs_no_script_and_nothing_from_elsewhere(served):
    response = await served.http.get("/docs")
    page = Needed()
    page.feed(response.text)
    assert {link for link in page.links if not link.startswith("#")} == {"/docs/page.css", "/openapi.json"}
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
    assert not page.tags & {"script", "iframe", "img", "style", "form", "object"}
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy


async def test_the_page_tells_of_every_endpoint_field_and_refusal(served):
    text = (await served.http.get("/docs")).text
    for one in TABLE:
        assert f"<code>{one.path}</code>" in text
    for word in ("temperature", "max_tokens", "rate_limit_exceeded", "curl $BOX/v1/chat/completions"):
        assert word in text


def test_what_stands_in_a_document_is_escaped_on_the_page():
    from appliance.api.documentation.endpoint import Endpoint
    from appliance.api.documentation.page import html_page

    row = Endpoint("GET", "/x", "<b>", "<script>alert(1)</script> `<i>`", "\"'><img>")
    page = html_page(openapi_document([row], version="<1>"))
    assert "<script" not in page
    assert "<img" not in page
    assert "<code>&lt;i&gt;</code>" in page
