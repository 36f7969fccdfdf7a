"""The official OpenAI client gets all that chats have: choices, functions, forms, log-probabilities."""

import json

import openai
import pydantic
import pytest

from appliance.domain.generation import ChoiceFinished, FinishReason, TextDelta
from appliance.domain.prompts import AnswerFormat
from tests.api.chat_scripts import CALL, WEATHER, letters, says, speaks_in_turns, tells, token
from tests.api.fakes import KEY

MESSAGES = [{"role": "user", "content": "Hi"}]
BOTH = CALL + '\n<tool_call>{"name": "weather", "arguments": {"city": "Rome"}}</tool_call>'


class Person(pydantic.BaseModel):
    name: str
    born: int


@pytest.fixture
async def chats(served):
    url = f"http://127.0.0.1:{served.port}/v1"
    async with openai.AsyncOpenAI(api_key=KEY, base_url=url, max_retries=0) as client:
        yield client.chat.completions


async def test_client_reads_three_choices_whole_and_streamed(served, chats):
    served.box.script = speaks_in_turns(["a", "b"], ["c"], ["d", "e", "f"])
    whole = await chats.create(model="tiny", messages=MESSAGES, n=3)
    assert [choice.message.content for choice in whole.choices] == ["ab", "c", "def"]
    said = ["", "", ""]
    async for chunk in await chats.create(model="tiny", messages=MESSAGES, n=3, stream=True):
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
    assert said == ["ab", "c", "def"]


async def test_client_reads_calls(served, chats):
    served.box.script = says(BOTH)
    answer = await chats.create(model="tiny", messages=MESSAGES, tools=[WEATHER], tool_choice="required")
    message = answer.choices[0].message
    assert [json.loads(call.function.arguments)["city"] for call in message.tool_calls] == ["Paris", "Rome"]
    assert answer.choices[0].finish_reason == "tool_calls"
    told = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "rain"}
    again = [*MESSAGES, message.model_dump(exclude_none=True), told]
    served.box.script = says("It rains.")
    await chats.create(model="tiny", messages=again, tools=[WEATHER])
    turns = served.box.requests[1].prompt.messages
    assert turns[1].tool_calls[0].id == turns[2].tool_call_id == message.tool_calls[0].id
    assert turns[2].name == "weather"


async def test_client_puts_a_streamed_answer_with_calls_together(served, chats):
    served.box.script = letters("Let me look. " + BOTH)
    async with chats.stream(model="tiny", messages=MESSAGES, tools=[WEATHER]) as stream:
        kinds = {event.type async for event in stream}
        answer = await stream.get_final_completion()
    message = answer.choices[0].message
    assert message.content == "Let me look."
    assert [json.loads(call.function.arguments)["city"] for call in message.tool_calls] == ["Paris", "Rome"]
    assert answer.choices[0].finish_reason == "tool_calls"
    assert "tool_calls.function.arguments.delta" in kinds


async def test_client_parses_an_answer_into_its_model(served, chats):
    served.box.script = says('{"name": "Ada", "born": 1815}')
    answer = await chats.parse(model="tiny", messages=MESSAGES, response_format=Person)
    assert answer.choices[0].message.parsed == Person(name="Ada", born=1815)
    wished = served.box.requests[0].answer_format
    assert isinstance(wished, AnswerFormat)
    assert set(json.loads(wished.schema)["properties"]) == {"name", "born"}


async def test_client_parses_a_streamed_answer_into_its_model(served, chats):
    served.box.script = letters('{"name": "Ada", "born": 1815}')
    async with chats.stream(model="tiny", messages=MESSAGES, response_format=Person) as stream:
        answer = await stream.get_final_completion()
    assert answer.choices[0].message.parsed == Person(name="Ada", born=1815)


async def test_client_parses_the_arguments_of_a_call(served, chats):
    served.box.script = says(
        '<tool_call>{"name": "Person", "arguments": {"name": "Ada", "born": 1}}</tool_call>'
    )
    tools = [openai.pydantic_function_tool(Person)]
    answer = await chats.parse(model="tiny", messages=MESSAGES, tools=tools)
    assert answer.choices[0].message.tool_calls[0].function.parsed_arguments == Person(name="Ada", born=1)


async def test_client_reads_log_probabilities(served, chats):
    scored = TextDelta(0, "Hi", (token("H", -0.5, ("H", -0.5), ("Y", -1.5)), token("i", -0.25, ("i", -0.25))))
    served.box.script = tells(scored, ChoiceFinished(0, FinishReason.STOP))
    answer = await chats.create(model="tiny", messages=MESSAGES, logprobs=True, top_logprobs=2)
    first, second = answer.choices[0].logprobs.content
    assert (first.token, first.logprob, first.bytes) == ("H", -0.5, [72])
    assert [(one.token, one.logprob) for one in first.top_logprobs] == [("H", -0.5), ("Y", -1.5)]
    assert second.token == "i"
    async with chats.stream(model="tiny", messages=MESSAGES, logprobs=True) as stream:
        streamed = await stream.get_final_completion()
    assert [one.token for one in streamed.choices[0].logprobs.content] == ["H", "i"]


async def test_client_finds_the_thoughts(served, chats):
    served.box.script, served.box.thinking = letters("<think>Hm.</think>Hello"), ("<think>", "</think>")
    answer = await chats.create(model="tiny", messages=MESSAGES, reasoning_effort="high")
    assert answer.choices[0].message.reasoning_content == "Hm."
    assert answer.choices[0].message.content == "Hello"
