"""The official Anthropic client works unchanged against the public app; errors all have its shape."""

import anthropic
import httpx
import pydantic
import pytest

from appliance.domain.generation import ChoiceFinished, FinishReason, Settled, TextDelta
from appliance.domain.prompts import ChatPrompt, Message, ToolCall, ToolChoice
from appliance.errors import BudgetExhausted, ModelNotFound, NotAllowed, NotReady, ReplicaFailed
from tests.api.event_streams import events_in
from tests.api.fakes import KEY, USAGE, answers, fails_after

HI = [{"role": "user", "content": "Hi"}]
LOOK = {
    "name": "look",
    "description": "Looks somewhere.",
    "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
}
CALL = '<tool_call>{"name": "look", "arguments": {"at": "sky"}}</tool_call>'


@pytest.fixture
async def client(served):
    async with anthropic.AsyncAnthropic(
        api_key=KEY, base_url=f"http://127.0.0.1:{served.port}", max_retries=0
    ) as one:
        yield one


async def send(served, path="/v1/messages", **fields) -> httpx.Response:
    body = {"model": "tiny", "max_tokens": 16, "messages": HI, **fields}
    return await served.http.post(path, json=body)


def prompt_of(served) -> ChatPrompt:
    prompt = served.box.requests[-1].prompt
    assert isinstance(prompt, ChatPrompt)
    return prompt


def error_in(response: httpx.Response) -> dict:
    body = response.json()
    assert set(body) == {"type", "error", "request_id"}
    assert body["type"] == "error"
    assert set(body["error"]) == {"type", "message"}
    assert body["request_id"] == response.headers["x-request-id"]
    return body["error"]


async def test_client_reads_a_whole_message(client, served):
    message = await client.messages.create(
        model="tiny",
        max_tokens=16,
        system="Be brief.",
        messages=HI,
        extra_body={"temperature": 0.5, "top_k": 5, "seed": 7},
    )
    assert message.content[0].text == "Hello there"
    assert (message.stop_reason, message.stop_sequence) == ("end_turn", None)
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (5, 2)
    assert message.usage.output_tokens == 3
    assert message.id.startswith("msg_")
    assert message._request_id.startswith("req_")
    assert prompt_of(served).messages == (Message("system", "Be brief."), Message("user", "Hi"))
    asked = served.box.requests[-1]
    assert asked.max_tokens == 16
    assert (asked.sampling.top_k, asked.sampling.temperature, asked.sampling.seed) == (5, 0.5, 7)


async def test_client_reads_a_stream(client):
    async with client.messages.stream(model="tiny", max_tokens=16, messages=HI) as stream:
        texts = [text async for text in stream.text_stream]
        message = await stream.get_final_message()
    assert texts == ["Hello", " there"]
    assert message.content[0].text == "Hello there"
    assert message.stop_reason == "end_turn"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (5, 3)


async def test_client_gets_a_tool_call_and_sends_its_result(client, served):
    served.box.script = answers("I look.", CALL)
    first = await client.messages.create(model="tiny", max_tokens=16, messages=HI, tools=[LOOK])
    assert first.stop_reason == "tool_use"
    call = first.content[1]
    assert (call.type, call.name, call.input) == ("tool_use", "look", {"at": "sky"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "Clouds."}]}
    history = [
        *HI,
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result, {"type": "text", "text": "And now?"}]},
    ]
    await client.messages.create(model="tiny", max_tokens=16, messages=history, tools=[LOOK])
    assert prompt_of(served).messages == (
        Message("user", "Hi"),
        Message("assistant", "I look.", tool_calls=(ToolCall(call.id, "look", '{"at":"sky"}'),)),
        Message("tool", "Clouds.", tool_call_id=call.id, name="look"),
        Message("user", "And now?"),
    )


async def test_client_reads_a_streamed_tool_call(client, served):
    served.box.script = answers("I look.", *CALL)
    async with client.messages.stream(model="tiny", max_tokens=16, messages=HI, tools=[LOOK]) as stream:
        message = await stream.get_final_message()
    assert message.content[1].input == {"at": "sky"}
    assert message.stop_reason == "tool_use"


async def test_client_reads_thoughts_that_it_asked_for(client, served):
    served.box.thinking = ("<think>", "</think>")
    served.box.script = answers("<think>Hm.</think>", "Yes.")
    message = await client.messages.create(
        model="tiny",
        max_tokens=2048,
        messages=HI,
        thinking={"type": "enabled", "budget_tokens": 1024},
    )
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert (message.content[0].thinking, message.content[0].signature) == ("Hm.", "")
    assert prompt_of(served).thinking is True


@pytest.mark.parametrize(
    ("thinking", "passed_on", "shown"),
    [
        (None, False, False),
        ({"type": "disabled"}, False, False),
        ({"type": "adaptive"}, None, True),
        ({"type": "adaptive", "display": "omitted"}, None, False),
    ],
)
async def test_thoughts_are_shown_to_those_who_asked(served, thinking, passed_on, shown):
    served.box.thinking = ("<think>", "</think>")
    served.box.script = answers("<think>Hm.</think>", "Yes.")
    body = (await send(served, thinking=thinking)).json()
    assert ([block["type"] for block in body["content"]] == ["thinking", "text"]) is shown
    assert prompt_of(served).thinking is passed_on


async def test_client_is_told_which_stop_sequence_ended_the_answer(client, served):
    async def script(_run):
        yield TextDelta(0, "Hel")
        yield ChoiceFinished(0, FinishReason.STOP, "END")
        yield Settled(USAGE)

    served.box.script = script
    message = await client.messages.create(
        model="tiny", max_tokens=16, messages=HI, stop_sequences=["END", "\n\n"]
    )
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "END")
    assert served.box.requests[-1].stop == ("END", "\n\n")


async def test_client_counts_tokens(client):
    count = await client.messages.count_tokens(model="tiny", system="Brief.", messages=HI, tools=[LOOK])
    assert count.input_tokens == len("Brief.Hi")


async def test_counting_runs_nothing(served):
    assert (await send(served, "/v1/messages/count_tokens")).json() == {"input_tokens": 2}
    assert not served.box.requests


async def test_client_asks_for_json(client, served):
    served.box.script = answers('{"a": 1}')
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    await client.messages.create(
        model="tiny",
        max_tokens=16,
        messages=HI,
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": schema}},
    )
    assert '"integer"' in served.box.requests[-1].answer_format.schema
    assert prompt_of(served).effort == "low"


@pytest.mark.parametrize(
    ("refusal", "raised", "kind"),
    [
        (ModelNotFound("x", param="model"), anthropic.NotFoundError, "not_found_error"),
        (NotAllowed("x"), anthropic.PermissionDeniedError, "permission_error"),
        (BudgetExhausted("x"), anthropic.RateLimitError, "rate_limit_error"),
        (NotReady("x"), anthropic.InternalServerError, "overloaded_error"),
        (ReplicaFailed("x"), anthropic.InternalServerError, "api_error"),
        (RuntimeError("x"), anthropic.InternalServerError, "api_error"),
    ],
)
async def test_client_raises_its_own_errors_for_ours(client, served, refusal, raised, kind):
    served.box.refusal = refusal
    with pytest.raises(raised) as error:
        await client.messages.create(model="tiny", max_tokens=16, messages=HI)
    assert error.value.body["error"]["type"] == kind
    assert error.value.request_id.startswith("req_")


async def test_client_with_a_wrong_key_is_told_in_its_own_shape(client):
    with pytest.raises(anthropic.AuthenticationError) as error:
        await client.with_options(api_key="wrong").messages.create(model="tiny", max_tokens=16, messages=HI)
    assert error.value.body["error"]["type"] == "authentication_error"


async def test_client_that_sends_a_token_instead_of_a_key_is_known(served):
    url = f"http://127.0.0.1:{served.port}"
    async with anthropic.AsyncAnthropic(auth_token=KEY, base_url=url, max_retries=0) as client:
        assert (await client.messages.create(model="tiny", max_tokens=16, messages=HI)).content


async def test_client_notices_that_a_stream_failed(client, served):
    served.box.script = fails_after("Hel", error=ReplicaFailed("The model's process died; send it again."))
    with pytest.raises(anthropic.APIStatusError, match="process died"):
        async with client.messages.stream(model="tiny", max_tokens=16, messages=HI) as stream:
            await stream.get_final_message()


async def test_every_error_of_these_addresses_has_anthropics_shape(served):
    wrong = [
        (await send(served, max_tokens=0), 400, "invalid_request_error"),
        (await served.http.get("/v1/messages"), 405, "invalid_request_error"),
        (await send(served, "/messages"), 404, "not_found_error"),
        (await send(served, "/v1/v1/messages"), 404, "not_found_error"),
        (await send(served, "/v1/messages/batches"), 404, "not_found_error"),
        (await served.post_raw(b"x" * 2**21, "/v1/messages"), 413, "request_too_large"),
        (await served.post_raw(b"[" * 1000, "/v1/messages/count_tokens"), 400, "invalid_request_error"),
    ]
    for response, status, kind in wrong:
        assert response.status_code == status
        assert error_in(response)["type"] == kind
    foreign = await served.http.post("/v1/messages", headers={"host": "evil.example"})
    assert error_in(foreign)["type"] == "invalid_request_error"


async def test_other_addresses_keep_openais_shape(served, error_of):
    assert error_of(await served.http.get("/v1/threads/messages"))["code"] == "not_found"


async def test_turns_of_all_kinds_are_understood(served):
    use = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    broken = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "dark", "is_error": True}
    empty = {"type": "tool_result", "tool_use_id": "toolu_1"}
    response = await send(
        served,
        system=[
            {"type": "text", "text": "A", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "B"},
        ],
        messages=[
            {"role": "user", "content": "C"},
            {"role": "user", "content": [{"type": "text", "text": "D"}, {"type": "text", "text": "E"}]},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "x", "signature": ""}, use]},
            {"role": "user", "content": [broken, empty]},
        ],
    )  # fmt: skip
    assert response.status_code == 200
    assert "x-carrel-ignored" not in response.headers
    assert prompt_of(served).messages == (
        Message("system", "A\nB"),
        Message("user", "C\nD\nE"),
        Message("assistant", "", tool_calls=(ToolCall("toolu_1", "look", "{}"),)),
        Message("tool", "Error: dark", tool_call_id="toolu_1", name="look"),
        Message("tool", "", tool_call_id="toolu_1", name="look"),
    )


@pytest.mark.parametrize(
    ("wished", "choice"),
    [
        ({"type": "auto"}, ToolChoice("auto")),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice("auto", parallel=False)),
        ({"type": "any"}, ToolChoice("required")),
        ({"type": "tool", "name": "look"}, ToolChoice("required", "look")),
        ({"type": "none"}, ToolChoice("none")),
    ],
)
async def test_choice_of_tools_is_understood(served, wished, choice):
    await send(served, tools=[LOOK], tool_choice=wished)
    assert prompt_of(served).tool_choice == choice


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"max_tokens": None}, "`max_tokens` must be"),
        ({"max_tokens": 0}, "at least 1"),
        ({"temperature": 1.1}, "at most 1"),
        ({"temperature": -0.1}, "at least 0"),
        ({"top_k": -1}, "at least 0"),
        ({"top_p": 0}, "more than 0"),
        ({"stop_sequences": [""]}, "at least 1 character"),
        ({"stop_sequences": ["x"] * 17}, "at most 16"),
        ({"messages": []}, "at least 1"),
        ({"messages": [{"role": "assistant", "content": "So"}]}, "end with a turn of the user"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, "no images"),
        ({"messages": [{"role": "user", "content": [{"type": "document", "source": {}}]}]}, "no images"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "not complete"),
        ({"messages": [{"role": "user", "content": [{"type": "tool_use"}]}]}, "turn of the right role"),
        ({"messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_9", "content": "x"}]}]}, "not in the conversation"),
        ({"messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image"}]}]}]}, "no images"),
        ({"messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": 7}]}]}, "a text or a list"),
        ({"messages": [{"role": "user", "content": "x" * 10_001}]}, "10001 bytes"),
        ({"system": "x" * 10_001}, "bytes"),
        ({"system": [{"type": "image"}]}, "no images"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "Anthropic runs itself"),
        ({"tools": [LOOK, LOOK]}, "same name"),
        ({"tools": [{**LOOK, "input_schema": [1]}]}, "must hold a JSON schema"),
        ({"tool_choice": {"type": "any"}}, "has none"),
        ({"tools": [LOOK], "tool_choice": {"type": "tool"}}, "`tool_choice.name` is missing"),
        ({"tools": [LOOK], "tool_choice": {"type": "tool", "name": "other"}}, "not among `tools`"),
        ({"stop": "END"}, "called `stop_sequences`"),
        ({"mcp_servers": [{"url": "x"}]}, "not supported"),
        ({"container": "x"}, "not supported"),
        ({"grammar": "x"}, "not accepted"),
    ],
)  # fmt: skip
async def test_what_is_not_done_is_a_400_that_says_so(served, fields, says):
    response = await send(served, **fields)
    assert response.status_code == 400
    assert says in error_in(response)["message"]
    assert not served.box.requests


async def test_ignored_fields_are_named(served):
    response = await send(
        served,
        metadata={"user_id": "ada"},
        service_tier="auto",
        context_management={},
        thinking={"type": "enabled", "budget_tokens": 1024},
    )
    assert response.status_code == 200
    assert response.headers["x-carrel-ignored"] == "context_management,thinking.budget_tokens"


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages?beta=true"])
async def test_headers_of_claude_clients_are_accepted(served, path):
    headers = {"anthropic-version": "2023-06-01", "anthropic-beta": "a,b", "x-app": "cli"}
    body = {"model": "tiny", "max_tokens": 16, "messages": HI, "stream": True}
    response = await served.http.post(path, json=body, headers=headers)
    assert [name for name, _ in events_in(response.text)][-1] == "message_stop"
    assert response.headers["request-id"] == response.headers["x-request-id"]


async def test_client_parses_structured_output(client, served):
    class Answer(pydantic.BaseModel):
        size: int

    served.box.script = answers('{"size": ', "3}")
    message = await client.messages.parse(model="tiny", max_tokens=16, messages=HI, output_format=Answer)
    assert message.parsed_output == Answer(size=3)
    assert '"size"' in served.box.requests[-1].answer_format.schema
