"""A real box's pages beside its API, through one socket."""

import re

import httpx
import pytest

from appliance.edge.sessions import COOKIE, csrf_token
from tests.system.box import RealBox

pytestmark = pytest.mark.slow


@pytest.fixture
def http(box: RealBox):
    with httpx.Client(base_url=f"http://127.0.0.1:{box.port}", timeout=60) as client:
        yield client


@pytest.fixture
def signed_in(http, box):
    box.carrel("person", "new", "ada")
    box.carrel("member", "add", "ada", "--project", "default")
    key = box.new_key("laptop", "--person", "ada")
    answer = http.post("/login", data={"key": key, "to": "me"}, headers={"origin": str(http.base_url)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert key not in answer.text
    return key


def test_a_key_becomes_a_session_for_pages_and_api(http, signed_in, box):
    own = http.get("/me")
    assert own.status_code == 200
    assert "laptop" in own.text
    assert signed_in not in own.text
    told = http.get("/v1/me")
    assert told.json()["person"] == "ada"
    question = {"model": "handbook-tiny", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}
    assert http.post("/v1/chat/completions", json=question).status_code == 403
    token = {"x-carrel-csrf": csrf_token(http.cookies[COOKIE])}
    assert http.post("/v1/chat/completions", json=question, headers=token).status_code == 200
    days = re.findall(r'<td data-value="(\d+)">', http.get("/me").text)
    assert days[-2] == "1"
    for path in ("/", "/compare", "/access", "/start", "/access/apply", "/handbook/pages", "/me/export.json"):
        assert http.get(path).status_code == 200, path
    form = {"name": "second", "csrf": csrf_token(http.cookies[COOKIE])}
    made = http.post("/me/keys", data=form, headers={"origin": str(http.base_url)})
    assert made.status_code == 200
    (secret,) = set(re.findall(r"crl_[A-Za-z0-9]{33}", made.text))
    assert http.get("/v1/me", headers={"authorization": f"Bearer {secret}"}).json()["key"]["name"] == "second"


def test_pages_and_api_keep_their_own_ways_of_telling_errors(http, box):
    assert http.get("/v1/nothing").headers["content-type"] == "application/json"
    lost = http.get("/me/nothing")
    assert lost.status_code == 404
    assert lost.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in lost.headers["content-security-policy"]
    assert http.get("/me").headers["location"] == "/login?to=me"
    assert http.head("/login").status_code == 200
    wrong = http.get("/login", headers={"host": "evil.test"})
    assert wrong.status_code == 400
    assert http.get("/me", headers={"cookie": f"{COOKIE}=x"}).status_code == 303
