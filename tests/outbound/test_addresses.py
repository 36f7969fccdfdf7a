"""Only fixed addresses without secrets, and in the clear only nearby."""

import pytest

from appliance.errors import ConfigInvalid
from appliance.outbound.address import Address


@pytest.mark.parametrize(
    "text", ["https://api.example.org/v1", "https://api.example.org:8443/a/b", "https://[2001:db8::1]/v1"]
)
def test_encrypted_addresses_are_taken(text):
    assert Address.parse(text).url("models") == f"{text}/models"


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:7411/v1", "http://localhost:7411/v1", "http://10.1.2.3/v1", "http://[::1]:7411/v1"],
)
def test_plain_addresses_are_taken_nearby_and_only_where_they_are_allowed(text):
    assert Address.parse(text, plain_http=True).nearby
    with pytest.raises(ConfigInvalid):
        Address.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://api.example.org/v1",
        "http://8.8.8.8/v1",
        "http://0.0.0.0/v1",
        "https://user:secret@api.example.org/v1",
        "https://api.example.org/v1?key=secret",
        "https://api.example.org/v1#x",
        "https://api.example.org/../v1",
        "https://api.example.org/%2e%2e/v1",
        "https://api.example.org:99999/v1",
        "https:///v1",
        "ftp://api.example.org",
        "file:///etc/passwd",
        "api.example.org",
        "https://ex\u00e4mple.org/v1",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigInvalid):
        Address.parse(text, plain_http=True)
