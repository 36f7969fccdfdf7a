"""What a caller is told beside an answer: in one header of ASCII, wherever something is computed."""

import pytest

from appliance.api.notices import MOST_CHARACTERS, notice_header
from appliance.domain.generation import Accepted
from tests.api.fakes import IDENTITY


def accepted(*notices: str) -> Accepted:
    return Accepted(IDENTITY, 1, 1, 0, notices=notices)


def test_without_a_notice_there_is_no_header():
    assert notice_header(accepted()) == {}


def test_sentences_are_one_line_of_ascii_and_bounded():
    header = notice_header(accepted("One\r\nx-evil: 1", "zwö\x00lf"))["x-carrel-notice"]
    assert header == "One x-evil: 1 zw?lf".replace("lf", "?lf")
    assert len(notice_header(accepted("a" * 5000))["x-carrel-notice"]) == MOST_CHARACTERS


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}], "stream": True}),
        ("/v1/completions", {"prompt": "Hi"}),
        ("/v1/responses", {"input": "Hi"}),
        ("/v1/messages", {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}),
    ],
)
async def test_answers_carry_it(served, path, fields):
    served.box.notices = ("Your use looks odd.",)
    response = await served.http.post(path, json={"model": "tiny", **fields})
    assert response.status_code == 200
    assert response.headers["x-carrel-notice"] == "Your use looks odd."


async def test_the_account_tells_it_too(served):
    assert (await served.http.get("/v1/me")).json()["notices"] == []
