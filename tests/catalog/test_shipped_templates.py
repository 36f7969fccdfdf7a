"""Chat templates of the shipped recipes write conversations as the models were taught."""

import pytest

from appliance.catalog.places import recipes_folder
from appliance.catalog.recipes import read_recipe
from appliance.domain.prompts import ChatPrompt, Message, Tool, ToolCall, ToolChoice
from appliance.errors import PreparationFailed
from appliance.workers.shielding import Shield
from appliance.workers.template import ChatTemplate

QWEN3 = ["qwen3-8b", "qwen3-30b-a3b", "qwen3-32b"]
LLAMA = ["llama-3.1-8b-instruct", "llama-3.2-3b-instruct", "llama-3.3-70b-instruct"]
CITY = '{"type":"object","properties":{"city":{"type":"string"}}}'
TALK = (
    Message("system", "Be brief."),
    Message("user", "Hi"),
    Message("assistant", "Yes?"),
    Message("user", "Bye"),
)
CALLED = (
    Message("user", "How is it?"),
    Message("assistant", "", (ToolCall("a", "weather", '{"city": "Köln"}'), ToolCall("b", "now", "{}"))),
    Message("tool", "Rain.", tool_call_id="a"),
    Message("tool", "Noon.", tool_call_id="b"),
)
TOOLS = """# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
{"type": "function", "function": {"name": "weather", "description": "Of a place.", "parameters": \
{"type": "object", "properties": {"city": {"type": "string"}}}}}
</tools>

For each function call, return a json object with function name and arguments within \
<tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call><|im_end|>
"""
CALLS = """<|im_start|>user
How is it?<|im_end|>
<|im_start|>assistant
<tool_call>
{"name": "weather", "arguments": {"city": "Köln"}}
</tool_call>
<tool_call>
{"name": "now", "arguments": {}}
</tool_call><|im_end|>
<|im_start|>user
<tool_response>
Rain.
</tool_response>
<tool_response>
Noon.
</tool_response><|im_end|>
<|im_start|>assistant
"""


def rendered(id: str, *messages: Message, **more) -> str:
    template = read_recipe(recipes_folder() / f"{id}.toml").chat_template
    assert template
    return "".join(ChatTemplate(template, Shield(())).render(ChatPrompt(messages, **more)))


@pytest.mark.parametrize("id", QWEN3)
def test_qwen3_turns_stand_between_their_marks(id):
    expected = (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\nYes?<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n"
    )
    assert rendered(id, *TALK) == expected
    assert rendered(id, Message("developer", "Be brief."), *TALK[1:]) == expected
    assert rendered(id, TALK[1]) == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def test_a_later_turn_of_the_system_keeps_its_place():
    shown = rendered("qwen3-8b", *TALK[1:3], Message("developer", "Louder."), TALK[3])
    assert "Yes?<|im_end|>\n<|im_start|>system\nLouder.<|im_end|>\n<|im_start|>user\nBye" in shown


@pytest.mark.parametrize("id", QWEN3)
def test_qwen3_thinks_unless_it_is_told_not_to(id):
    assert rendered(id, TALK[1], thinking=True) == rendered(id, TALK[1])
    assert rendered(id, TALK[1], thinking=False) == rendered(id, TALK[1]) + "<think>\n\n</think>\n\n"
    assert read_recipe(recipes_folder() / f"{id}.toml").thinking == ("<think>", "</think>")


def test_qwen25_is_told_who_it_is_where_nobody_else_speaks():
    shown = rendered("qwen2.5-0.5b-instruct", TALK[1])
    assert shown == (
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )
    assert rendered("qwen2.5-0.5b-instruct", *TALK) == rendered("qwen3-8b", *TALK)


@pytest.mark.parametrize("id", [*QWEN3, "qwen2.5-0.5b-instruct"])
def test_qwen_knows_tools_calls_and_what_came_of_them(id):
    tools = (Tool("weather", "Of a place.", CITY),)
    system = Message("system", "Be brief.")
    expected = "<|im_start|>system\nBe brief.\n\n" + TOOLS + CALLS
    assert rendered(id, system, *CALLED, tools=tools) == expected
    hidden = rendered(id, system, *CALLED, tools=tools, tool_choice=ToolChoice("none"))
    assert hidden == "<|im_start|>system\nBe brief.<|im_end|>\n" + CALLS


def test_qwen3_has_no_blank_before_its_tools():
    assert rendered("qwen3-8b", TALK[1], tools=(Tool("weather", "Of a place.", CITY),)).startswith(
        "<|im_start|>system\n" + TOOLS
    )


def test_text_beside_a_call_stands_on_a_line_of_its_own():
    said = Message("assistant", "I look.", (ToolCall("a", "now", "{}"),))
    assert 'assistant\nI look.\n<tool_call>\n{"name": "now"' in rendered("qwen3-8b", TALK[1], said)


@pytest.mark.parametrize("id", LLAMA)
def test_llama_turns_have_a_header_each(id):
    assert rendered(id, *TALK) == (
        "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\nYes?<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )
    assert read_recipe(recipes_folder() / f"{id}.toml").add_bos


@pytest.mark.parametrize("id", LLAMA)
def test_llama_is_told_of_tools_in_words(id):
    shown = rendered(id, *CALLED, tools=(Tool("weather", "Of a place.", CITY),))
    assert shown.startswith("<|start_header_id|>system<|end_header_id|>\n\nYou can call these functions")
    assert '<tool_call>{"name": "weather", "arguments": {"city": "Köln"}}</tool_call>' in shown


def test_the_guard_is_given_the_conversation_and_its_task():
    shown = rendered("qwen3guard-gen-0.6b", *TALK)
    assert shown.startswith("<|im_start|>user\n# Task:\n1) Evaluate whether THE LAST USER's query")
    conversation = (
        "<BEGIN CONVERSATION>\n\nUSER: Hi\n\nASSISTANT: Yes?\n\nUSER: Bye\n\n<END CONVERSATION>\n\n"
    )
    assert conversation in shown
    assert "Be brief." not in shown
    assert shown.count("<|im_start|>") == 2
    assert shown.endswith("'Categories: None'.<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n")


@pytest.mark.parametrize("messages", [(), TALK[:3]], ids=["nothing", "an answer"])
def test_the_guard_judges_nothing_but_a_turn_of_the_user(messages):
    with pytest.raises(PreparationFailed, match="judges what a user wrote"):
        rendered("qwen3guard-gen-0.6b", *messages)


def test_models_that_complete_text_do_not_chat():
    for name in ("opt-125m", "opt-175b", "bloom-176b", "gpt-neox-20b", "bge-small-en-v1.5"):
        assert not read_recipe(recipes_folder() / f"{name}.toml").value().chats
