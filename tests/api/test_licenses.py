"""Licenses that every user accepts for themselves, on the wire."""

import pytest

from tests.api.fakes import TEXT_SHA256

PATH = "/v1/me/licenses"
GOOD = {"model": "tiny", "text_sha256": TEXT_SHA256[:12], "purpose": "Course"}


async def test_a_license_is_read_accepted_and_taken_back(served):
    listed = await served.http.get(PATH)
    assert listed.headers["cache-control"] == "no-store"
    assert listed.json() == {
        "object": "list",
        "data": [
            {
                "model": "tiny",
                "object": "carrel.license",
                "title": "Tiny license",
                "license": "LicenseRef-tiny",
                "state": "not_accepted",
                "uses_allowed": [],
                "uses_denied": ["Harm."],
                "redistribution": "no",
                "derivatives": "yes",
                "attribution": "",
                "output_terms": "",
                "text_sha256": TEXT_SHA256,
                "text": "Do no harm.",
            }
        ],
    }
    accepted = await served.http.post(PATH, json=GOOD)
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    assert (await served.http.get(PATH)).json()["data"][0]["state"] == "accepted"
    taken = await served.http.delete(f"{PATH}/tiny")
    assert taken.json() == {"model": "tiny", "object": "carrel.license", "withdrawn": True}
    assert (await served.http.get(PATH)).json()["data"][0]["state"] == "not_accepted"
    assert (await served.http.delete(f"{PATH}/tiny")).status_code == 404


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": ""}, "model"),
        ({"model": "x" * 201}, "model"),
        ({"text_sha256": TEXT_SHA256[:11]}, "text_sha256"),
        ({"text_sha256": TEXT_SHA256 + "a"}, "text_sha256"),
        ({"text_sha256": "f" * 12}, "text_sha256"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "x" * 501}, "purpose"),
        ({"purpose": None}, "purpose"),
        ({"person": "bob"}, None),
    ],
)
async def test_a_value_outside_its_bound_is_a_400_naming_the_field(served, error_of, change, param):
    response = await served.http.post(PATH, json=GOOD | change)
    assert response.status_code == 400
    assert error_of(response)["param"] in {param, *change}


@pytest.mark.parametrize(
    "change", [{"text_sha256": TEXT_SHA256[:12]}, {"text_sha256": TEXT_SHA256}, {"purpose": "x" * 500}]
)
async def test_a_value_at_its_bound_is_taken(served, change):
    assert (await served.http.post(PATH, json=GOOD | change)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b'{"model": "\\u0000"}',
        b"[" * 1000,
        b"{" * 100_000,
        b'{"model": NaN}',
    ],
)
async def test_a_damaged_body_is_a_400(served, body):
    assert (await served.post_raw(body, PATH)).status_code == 400


async def test_a_body_over_the_limit_is_not_read(served):
    assert (await served.post_raw(b" " * 2**21, PATH)).status_code == 413
