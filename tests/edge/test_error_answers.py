"""What leaves an app as an exception reaches the client as one shape, and the log without its text."""

import httpx
import pytest

from appliance import errors
from appliance.edge.errors import error_answer
from appliance.edge.foreign_errors import meant_path
from tests.edge.tiny_apps import RecordingLog, listening, raises, reply

EVERY_ERROR = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.CarrelError)
]


@pytest.mark.parametrize("kind", EVERY_ERROR)
async def test_every_error_of_the_tree_has_its_status_and_all_keys(kind):
    error = kind("Do this next.", param="field")
    async with listening(raises(error)) as listener, httpx.AsyncClient() as http:
        response = await http.get(f"http://127.0.0.1:{listener.port}/")
    assert response.status_code == kind.status
    body = response.json()["error"]
    assert body == {
        "message": "Do this next.",
        "type": kind.type,
        "param": "field",
        "code": kind.code,
        "request_id": response.headers["x-request-id"],
        **error.details,
    }
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("error", "name", "value"),
    [
        (errors.QueueFull("x", retry_after_s=7), "retry-after", "7"),
        (errors.QueueFull("x", retry_after_s=0), "retry-after", "1"),
        (errors.ModelNotRunning("x"), "retry-after", "5"),
        (errors.ModelNotRunning("x", retry_after_s=90), "retry-after", "90"),
        (errors.NotAuthenticated("x"), "www-authenticate", "Bearer"),
        (errors.BudgetExhausted("x"), "x-should-retry", "false"),
        (errors.BadRequest("x"), "retry-after", None),
        (errors.BudgetExhausted("x"), "retry-after", None),
    ],
)
def test_headers_say_when_and_how_to_come_back(error, name, value):
    assert error_answer(error, "req_1").headers.get(name) == value


async def test_unknown_exception_is_a_500_that_tells_nothing(caplog):
    log = RecordingLog()
    app = raises(ValueError("SECRET prompt in /home/ada/x.py"))
    async with listening(app, log=log) as listener, httpx.AsyncClient() as http:
        response = await http.get(f"http://127.0.0.1:{listener.port}/")
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
    assert "ValueError" in log.lines[0]
    assert "tests.edge.tiny_apps:" in log.lines[0]
    assert response.headers["x-request-id"] in log.lines[0]
    for text in (response.text, str(log.lines), caplog.text):
        assert "SECRET" not in text
        assert "Traceback" not in text


async def test_exception_after_the_answer_began_cuts_it_off(caplog):
    async def begins_and_breaks(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("SECRET")

    log = RecordingLog()
    async with listening(begins_and_breaks, log=log) as listener, httpx.AsyncClient() as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(f"http://127.0.0.1:{listener.port}/")
    assert "ValueError" in log.lines[0]
    assert "SECRET" not in caplog.text + str(log.lines)


async def test_request_id_of_an_app_is_not_doubled():
    async def names_itself(scope, receive, send):
        async def renamed(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-request-id", b"req_own"))
            await send(message)

        await reply(renamed, b"ok")

    async with listening(names_itself) as listener, httpx.AsyncClient() as http:
        response = await http.get(f"http://127.0.0.1:{listener.port}/")
    assert response.headers.get_list("x-request-id") != ["req_own"]
    assert len(response.headers.get_list("x-request-id")) == 1


def test_refusals_by_the_client_are_not_logged_and_failures_of_the_box_are():
    from appliance.edge.errors import answer_and_log

    log = RecordingLog()
    scope = {"type": "http", "path": "/", "state": {"request_id": "req_1"}}
    answer_and_log(errors.BadRequest("x"), scope, log)
    assert not log.lines
    answer_and_log(errors.StorageUnavailable("x"), scope, log)
    assert "insufficient_storage" in log.lines[0]


@pytest.mark.parametrize(
    ("path", "meant"),
    [("/chat", "/v1/chat"), ("/v1/v1/chat", "/v1/chat"), ("/v1/chat", None), ("/v1", None), ("/", None),
     ("", None),
     ("/api/openai/v1/chat/", "/v1/chat"), ("/x/v1/chat", None), ("/v1/healthz", "/healthz")],
)  # fmt: skip
def test_address_that_was_meant_is_found(path, meant):
    assert meant_path(path, frozenset({"/v1/chat", "/healthz"})) == meant
