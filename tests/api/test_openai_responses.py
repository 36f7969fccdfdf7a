"""The official OpenAI client's Responses API works against the public app; what is not done is told."""

import json

import openai
import pydantic
import pytest

from appliance.domain.generation import (
    Alternative,
    ChoiceFinished,
    FinishReason,
    Settled,
    TextDelta,
    TokenLogprob,
)
from appliance.domain.prompts import AnswerFormat, ChatPrompt, Message, ToolCall, ToolChoice
from appliance.errors import BudgetExhausted, ReplicaFailed
from tests.api.event_streams import events_in
from tests.api.fakes import KEY, USAGE, answers, fails_after

LOOK = {
    "type": "function",
    "name": "look",
    "description": "Looks somewhere.",
    "parameters": {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]},
    "strict": True,
}
CALL = '<tool_call>{"name": "look", "arguments": {"at": "sky"}}</tool_call>'


class Answer(pydantic.BaseModel):
    size: int


@pytest.fixture
async def client(served):
    async with openai.AsyncOpenAI(
        api_key=KEY, base_url=f"http://127.0.0.1:{served.port}/v1", max_retries=0
    ) as one:
        yield one


async def respond(served, **fields):
    return await served.http.post("/v1/responses", json={"model": "tiny", "input": "Hi", **fields})


def prompt_of(served) -> ChatPrompt:
    prompt = served.box.requests[-1].prompt
    assert isinstance(prompt, ChatPrompt)
    return prompt


async def test_client_reads_a_whole_response(client):
    response = await client.responses.create(
        model="tiny", input="Hi", instructions="Be brief.", metadata={"course": "nlp"}, max_output_tokens=5
    )
    assert response.output_text == "Hello there"
    assert (response.status, response.object, response.error) == ("completed", "response", None)
    assert response.id.startswith("resp_")
    assert response.usage.total_tokens == 10
    assert response.usage.input_tokens_details.cached_tokens == 2
    assert (response.instructions, response.metadata) == ("Be brief.", {"course": "nlp"})
    assert response.output[0].content[0].annotations == []
    assert response.output[0].content[0].logprobs == []


async def test_client_reads_a_stream_of_named_events(client):
    stream = await client.responses.create(model="tiny", input="Hi", stream=True)
    events = [event async for event in stream]
    assert [event.type for event in events][:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(one.delta for one in events if one.type == "response.output_text.delta") == "Hello there"
    assert events[-1].response.output_text == "Hello there"


async def test_client_gathers_a_stream_into_its_response(client, served):
    served.box.script = answers("I look. ", CALL)
    async with client.responses.stream(model="tiny", input="Hi", tools=[LOOK]) as stream:
        snapshots = [event.snapshot async for event in stream if event.type == "response.output_text.delta"]
        response = await stream.get_final_response()
    assert snapshots[-1] == "I look."
    assert response.output[1].arguments == '{"at": "sky"}'
    assert response.output[1].parsed_arguments == {"at": "sky"}


async def test_client_gets_calls_and_sends_what_came_of_them(client, served):
    served.box.script = answers("I look.", CALL)
    first = await client.responses.create(model="tiny", input="What is up?", tools=[LOOK])
    call = first.output[1]
    assert (call.type, call.name, call.status) == ("function_call", "look", "completed")
    history = [
        {"role": "user", "content": "What is up?"},
        *first.output,
        {"type": "function_call_output", "call_id": call.call_id, "output": "Clouds."},
    ]
    await client.responses.create(model="tiny", input=history, tools=[LOOK])
    assert prompt_of(served).messages == (
        Message("user", "What is up?"),
        Message("assistant", "I look.", tool_calls=(ToolCall(call.call_id, "look", '{"at": "sky"}'),)),
        Message("tool", "Clouds.", tool_call_id=call.call_id, name="look"),
    )


async def test_client_parses_structured_output(client, served):
    served.box.script = answers('{"size": ', "3}")
    response = await client.responses.parse(model="tiny", input="How large?", text_format=Answer)
    assert response.output_parsed == Answer(size=3)
    wanted = served.box.requests[-1].answer_format
    assert json.loads(wanted.schema)["properties"]["size"]["type"] == "integer"
    assert (response.text.format.type, response.text.format.strict) == ("json_schema", True)


async def test_client_reads_thoughts_as_a_reasoning_item(client, served):
    served.box.thinking = ("<think>", "</think>")
    served.box.script = answers("<think>Hm.</think>", "Yes.")
    response = await client.responses.create(model="tiny", input="Hi", reasoning={"effort": "high"})
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.output[0].content[0].text == "Hm."
    assert response.output_text == "Yes."
    assert response.reasoning.effort == "high"
    assert (prompt_of(served).thinking, prompt_of(served).effort) == (True, "high")


async def test_client_sees_that_an_answer_was_cut(client, served):
    served.box.script = answers("Hel", reason=FinishReason.LENGTH)
    response = await client.responses.create(model="tiny", input="Hi", max_output_tokens=1)
    assert response.status == "incomplete"
    assert response.incomplete_details.reason == "max_output_tokens"


async def test_client_reads_logprobs(client, served):
    async def script(_run):
        yield TextDelta(0, "Hi", (TokenLogprob(7, b"Hi", -0.25, (Alternative(7, b"Hi", -0.25),)),))
        yield ChoiceFinished(0, FinishReason.STOP)
        yield Settled(USAGE)

    served.box.script = script
    response = await client.responses.create(
        model="tiny", input="Hi", include=["message.output_text.logprobs"], top_logprobs=1
    )
    assert served.box.requests[-1].logprobs == 1
    (told,) = response.output[0].content[0].logprobs
    assert (told.token, told.logprob, told.top_logprobs[0].logprob) == ("Hi", -0.25, -0.25)


async def test_client_raises_its_own_errors_for_ours(client, served):
    with pytest.raises(openai.BadRequestError) as bad:
        await client.responses.create(model="tiny", input="Hi", temperature=9)
    assert bad.value.param == "temperature"
    with pytest.raises(openai.NotFoundError, match="No responses are kept"):
        await client.responses.retrieve("resp_0123")
    with pytest.raises(openai.NotFoundError, match="No responses are kept"):
        await client.responses.delete("resp_0123")
    served.box.refusal = BudgetExhausted("The budget is spent.")
    with pytest.raises(openai.RateLimitError):
        await client.responses.create(model="tiny", input="Hi")


async def test_stream_that_breaks_tells_of_it_twice_and_does_not_complete(served):
    served.box.script = fails_after("Hel", error=ReplicaFailed("The model's process died; send it again."))
    events = events_in((await respond(served, stream=True)).text)
    assert [name for name, _ in events[-2:]] == ["error", "response.failed"]
    assert events[-2][1]["code"] == "replica_failed"
    assert "response.completed" not in dict(events)


@pytest.mark.parametrize(
    ("wished", "choice"),
    [
        ("none", ToolChoice("none")),
        ("auto", ToolChoice("auto")),
        ("required", ToolChoice("required")),
        ({"type": "function", "name": "look"}, ToolChoice("required", "look")),
    ],
)
async def test_choice_of_functions_is_understood_and_repeated(served, wished, choice):
    response = await respond(served, tools=[LOOK], tool_choice=wished)
    assert prompt_of(served).tool_choice == choice
    assert response.json()["tool_choice"] == wished
    assert response.json()["tools"] == [LOOK]


async def test_one_call_at_a_time_is_understood(served):
    await respond(served, tools=[LOOK], parallel_tool_calls=False)
    assert prompt_of(served).tool_choice == ToolChoice(parallel=False)


@pytest.mark.parametrize(
    ("format", "wanted"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, AnswerFormat()),
        (
            {"type": "json_schema", "name": "a", "schema": {"type": "object"}},
            AnswerFormat('{"type":"object"}'),
        ),
    ],
)
async def test_form_of_the_text_is_understood(served, format, wanted):
    response = await respond(served, text={"format": format})
    assert response.status_code == 200
    assert served.box.requests[-1].answer_format == wanted


async def test_items_of_all_kinds_become_turns(served):
    await respond(
        served,
        input=[
            {"role": "developer", "content": "Be brief."},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "A"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "content": None},
            {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}", "id": "fc_1"},
            {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "B"}]},
            {"role": "assistant", "content": [{"type": "output_text", "text": "C", "annotations": []}]},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "D"}]},
        ],
    )
    assert prompt_of(served).messages == (
        Message("developer", "Be brief."),
        Message("user", "A"),
        Message("assistant", "", tool_calls=(ToolCall("c", "look", "{}"),)),
        Message("tool", "B", tool_call_id="c", name="look"),
        Message("assistant", "C"),
        Message("assistant", "D"),
    )


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"store": True}, "store"),
        ({"truncation": "auto"}, "truncation"),
        ({"include": ["reasoning.encrypted_content"]}, "include.reasoning.encrypted_content"),
        ({"reasoning": {"summary": "auto"}}, "reasoning.summary"),
        ({"text": {"verbosity": "low"}}, "text.verbosity"),
        ({"prompt_cache_key": "x", "safety_identifier": "y"}, "prompt_cache_key,safety_identifier"),
    ],
)
async def test_what_asks_for_more_than_is_done_is_named(served, fields, named):
    response = await respond(served, **fields)
    assert response.status_code == 200
    assert response.headers["x-carrel-ignored"] == named
    assert response.json()["store"] is False
    assert response.json()["truncation"] == "disabled"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("previous_response_id", "resp_1", "send the whole conversation"),
        ("conversation", {"id": "conv_1"}, "send the whole conversation"),
        ("background", True, "/v1/batches"),
        ("prompt", {"id": "pmpt_1"}, "as `instructions`"),
        ("max_tokens", 5, "called `max_output_tokens`"),
        ("messages", [], "called `input`"),
        ("response_format", {"type": "json_object"}, "called `text.format`"),
        ("tools", [{"type": "web_search"}], "runs no tools itself"),
        ("tools", [LOOK, LOOK], "same name"),
        ("tool_choice", {"type": "web_search"}, "must be none, auto, required"),
        ("tool_choice", {"type": "function", "name": "other"}, "not among `tools`"),
        ("tool_choice", "required", "has none"),
        ("text", {"format": {"type": "grammar"}}, "must be text, json_object or json_schema"),
        ("text", {"format": {"type": "json_schema", "name": "a"}}, "missing"),
        ("text", {"format": {"type": "json_schema", "name": "a", "schema": [1]}}, "must hold a JSON schema"),
        ("input", [], "at least 1"),
        ("input", [{"type": "reasoning", "summary": []}], "holds nothing to answer"),
        ("input", [{"type": "item_reference", "id": "msg_1"}], "nothing is kept here"),
        ("input", [{"type": "computer_call", "call_id": "c"}], "kind that the box does not know"),
        ("input", [{"role": "user"}], "needs `role` and `content`"),
        ("input", [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}], "not text"),
        ("input", [{"role": "user", "content": [{"type": "input_file", "text": "x"}]}], "not text"),
        ("input", [{"type": "function_call", "call_id": "c", "name": "f"}], "needs `call_id`"),
        ("input", [{"type": "function_call_output", "call_id": "c", "output": "x"}],
         "not in the conversation"),
        ("input", [{"role": "user", "content": "x" * 10_001}], "10001 bytes"),
        ("instructions", "x" * 10_001, "bytes"),
        ("max_output_tokens", 0, "at least 1"),
        ("top_logprobs", 21, "at most 20"),
        ("metadata", {f"k{index}": "v" for index in range(17)}, "at most 16"),
        ("metadata", {"k" * 65: "v"}, "at most 64"),
        ("metadata", {"k": "v" * 513}, "at most 512"),
        ("metadata", {"k": 1}, "must be a text"),
        ("n", 2, "not supported"),
        ("stop", "END", "not supported"),
        ("service_tier", "ultrafast", "must be one of"),
        ("grammar", "x", "not accepted"),
    ],
)  # fmt: skip
async def test_what_is_not_done_is_a_400_that_says_so(served, error_of, field, value, says):
    response = await respond(served, **{field: value})
    assert response.status_code == 400
    error = error_of(response)
    assert says in str(error["message"])
    assert str(error["param"]).startswith("input" if field == "instructions" else field)
    assert not served.box.requests


async def test_flex_responses_are_of_the_batch_class_and_say_so(served):
    assert (await respond(served, service_tier="flex")).json()["service_tier"] == "flex"
    assert served.box.requests[-1].service_class == "batch"
