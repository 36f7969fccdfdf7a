"""`carrel ask` goes the way of a student: over HTTP, with a key."""

import pytest

from appliance import errors

pytestmark = pytest.mark.slow


def test_the_question_and_the_answer_go_over_http(carrel, api):
    answer = carrel("ask", "Which port?", "--json").document
    assert answer == {
        "model": "handbook-tiny",
        "answer": "Port 7411.",
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "request_id": "req_1",
    }
    assert api.requests[-1][2] == {
        "model": "handbook-tiny",
        "messages": [{"role": "user", "content": "Which port?"}],
    }


def test_a_key_is_made_for_the_question_and_revoked_after_it(carrel, box, api):
    assert carrel("ask", "Which port?").code == 0
    (made, asked), (ended, of) = [one for one in box.handlers.calls if one[0].startswith("key.")]
    assert (made, asked["name"], asked["project"]) == ("key.new", "carrel ask", "default")
    assert (asked["expires_days"], asked["person"]) == (1, None)
    assert (ended, of["id"]) == ("key.revoke", "text")
    assert {header for _, header, _ in api.requests} == {"Bearer text"}


def test_the_key_is_revoked_when_the_question_fails_too(carrel, box, api):
    api.models = []
    done = carrel("ask", "Which port?")
    assert done.code == errors.NotReady.exit_code
    name, given = box.handlers.calls[-1]
    assert (name, given["id"]) == ("key.revoke", "text")


@pytest.mark.parametrize("name", ["CARREL_API_KEY", "OPENAI_API_KEY"])
def test_a_key_of_the_user_is_used_as_it_is(carrel, box, api, name):
    carrel.environ[name] = "crl_mine"
    assert carrel("ask", "Which port?").code == 0
    assert {header for _, header, _ in api.requests} == {"Bearer crl_mine"}
    assert "key.new" not in dict(box.handlers.calls)


def test_another_box_needs_a_key_of_that_box(carrel, api):
    carrel.environ["OPENAI_API_KEY"] = "sk-of-another-service"
    done = carrel("ask", "Which port?", "--url", api.url)
    assert done.code == errors.NotAuthenticated.exit_code
    assert api.requests == []


def test_another_box_is_asked_without_this_one(carrel, box, api):
    carrel.environ["CARREL_API_KEY"] = "crl_mine"
    assert carrel("ask", "Which port?", "--url", api.url).code == 0
    assert box.handlers.calls == []


def test_one_of_several_models_has_to_be_chosen(carrel, api):
    api.models = ["a", "b"]
    done = carrel("ask", "Which port?")
    assert done.code == 2
    assert "--model: a, b" in done.err
    assert carrel("ask", "Which port?", "--model", "b", "--max-tokens", "9").code == 0
    assert api.requests[-1][2]["model"] == "b"
    assert api.requests[-1][2]["max_tokens"] == 9


def test_aliases_and_models_that_make_vectors_leave_no_choice_to_make(carrel, api):
    api.models = ["class-model", "handbook-tiny", "vectors"]
    api.particulars = {
        "class-model": {"alias_of": "handbook-tiny", "embeds": False},
        "handbook-tiny": {"alias_of": None, "embeds": False, "title": "Handbook Tiny"},
        "vectors": {"alias_of": None, "embeds": True},
    }
    assert carrel("ask", "Which port?").code == 0
    assert api.requests[-1][2]["model"] == "handbook-tiny"


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://127.0.0.1:1/v1", 5), ("nonsense", 2), ("http://box:port/v1", 2), ("ftp://x/v1", 2)],
)
def test_an_address_where_nothing_answers_is_a_sentence(carrel, url, code):
    carrel.environ["CARREL_API_KEY"] = "crl_mine"
    done = carrel("ask", "Which port?", "--url", url)
    assert done.code == code
    assert done.err.startswith("carrel: ")


def test_something_that_is_no_api_is_told_apart(carrel, api):
    carrel.environ["CARREL_API_KEY"] = "crl_mine"
    done = carrel("ask", "Which port?", "--url", api.url.removesuffix("/v1"))
    assert done.code == 1
    assert "OpenAI" in done.err


def test_proxies_of_the_environment_are_not_asked(carrel, api, monkeypatch):
    for name in ("ALL_PROXY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert carrel("ask", "Which port?").code == 0
