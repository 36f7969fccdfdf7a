"""What an answer has to keep to leaves the preparer only as a grammar that was compiled there."""

import json
from contextlib import suppress

import pytest

from appliance.domain.model import ModelState
from appliance.domain.prompts import (
    AnswerFormat,
    ChatPrompt,
    Message,
    PreparedPrompt,
    TextPrompt,
    TokenPrompt,
    Tool,
    ToolChoice,
)
from appliance.engines.fake import FakeOptions, FakeVocabulary
from appliance.engines.grammars.matching import GrammarMatchers
from appliance.errors import BadRequest
from tests.made_schemas import KILLERS

pytestmark = pytest.mark.slow

HELLO = ChatPrompt((Message("user", "Hi"),))
PAIR = AnswerFormat(
    '{"type":"object","properties":{"a":{"type":"null"}},"required":["a"],"additionalProperties":false}'
)
NOTHING = '{"type":"object","properties":{},"additionalProperties":false}'
OPENS_A_THOUGHT = "{{ messages[0].content }}{% if enable_thinking is not defined %}<think>\n{% endif %}"


def admits(prompt: PreparedPrompt, text: str) -> bool:
    vocabulary = FakeVocabulary(FakeOptions())
    matchers = GrammarMatchers(vocabulary, size=vocabulary.size, end_tokens=vocabulary.end_tokens)
    matcher = matchers.matcher(prompt.constraint)
    return all(matcher.take(byte) for byte in text.encode())


@pytest.mark.parametrize("prompt", [HELLO, TextPrompt("Hi"), TokenPrompt((72, 105))])
async def test_every_kind_of_prompt_may_ask_for_a_format(start_preparer, spec, prompt):
    preparer = await start_preparer(spec())
    free = await preparer.prepare(prompt)
    held = await preparer.prepare(prompt, PAIR)
    assert free.constraint == ""
    assert held.tokens == free.tokens
    assert admits(held, '{"a": null}')
    assert not admits(held, '{"b"')


async def test_no_schema_means_any_object(start_preparer, spec):
    preparer = await start_preparer(spec())
    held = await preparer.prepare(HELLO, AnswerFormat())
    assert admits(held, '{"b": [1, 2]}')
    assert not admits(held, "[")


async def test_tools_make_a_grammar_of_their_own(start_preparer, spec):
    preparer = await start_preparer(spec())
    tools = (Tool("now", "", NOTHING),)
    call = '<tool_call>{"name": "now", "arguments": {}}</tool_call>'
    free = await preparer.prepare(ChatPrompt(HELLO.messages, tools))
    assert admits(free, "Hello. " + call)
    assert not admits(free, call.replace("now", "then"))
    must = await preparer.prepare(ChatPrompt(HELLO.messages, tools, ToolChoice("required")))
    assert not admits(must, "Hello")
    both = await preparer.prepare(ChatPrompt(HELLO.messages, tools), PAIR)
    assert admits(both, call)
    assert admits(both, '{"a": null}')
    assert not admits(both, "Hello")


@pytest.mark.parametrize("killer", KILLERS)
async def test_what_kills_other_compilers_costs_no_process(start_preparer, spec, killer):
    preparer = await start_preparer(spec())
    with suppress(BadRequest):
        assert (await preparer.prepare(HELLO, AnswerFormat(killer))).constraint
    assert preparer.restarts == 0
    assert preparer.state is ModelState.READY


async def test_a_schema_that_cannot_be_kept_to_is_refused_without_a_word_of_it(start_preparer, spec):
    preparer = await start_preparer(spec())
    with pytest.raises(BadRequest, match="cannot be kept to") as raised:
        await preparer.prepare(HELLO, AnswerFormat('{"type":"Wendelin"}'))
    assert "Wendelin" not in raised.value.message


async def test_a_schema_that_compiles_slowly_is_refused(start_preparer, spec):
    preparer = await start_preparer(spec())
    slow = {"type": "integer", "multipleOf": 99_991}
    with pytest.raises(BadRequest, match="too long to compile"):
        await preparer.prepare(HELLO, AnswerFormat(json.dumps(slow)))
    assert (await preparer.prepare(HELLO)).constraint == ""


async def test_schemas_that_are_too_large_together_are_refused(start_preparer, spec):
    preparer = await start_preparer(spec(chat_template="{{ messages[0].content }}{# tools #}"))
    much = json.dumps({"type": "object", "properties": {f"p{at}": {"const": "x" * 450} for at in range(120)}})
    tools = tuple(Tool(f"f{at}", "", much) for at in range(20))
    with pytest.raises(BadRequest, match="too large together"):
        await _without_a_limit_of_bytes(preparer).prepare(ChatPrompt(HELLO.messages, tools))


async def test_thoughts_come_before_a_form_where_the_recipe_says_that_there_are_some(start_preparer, spec):
    preparer = await start_preparer(spec(thinking=("<think>", "</think>"), chat_template=OPENS_A_THOUGHT))
    opened = await preparer.prepare(HELLO, PAIR)
    assert admits(opened, 'Hm.</think>\n\n{"a": null}')
    assert not admits(opened, '</think>{"b"')
    assert opened.thinks_at_once
    without = await preparer.prepare(ChatPrompt(HELLO.messages, thinking=False), PAIR)
    assert not admits(without, "Hm")
    assert not admits(without, "<think>")
    assert not without.thinks_at_once
    able = await start_preparer(spec(thinking=("<think>", "</think>")))
    maybe = await able.prepare(HELLO, PAIR)
    assert admits(maybe, '<think>Hm.</think>{"a": null}')
    assert admits(maybe, '{"a": null}')
    assert not admits(maybe, "Hm")


def _without_a_limit_of_bytes(preparer):
    preparer._max_prompt_bytes = 2**30
    return preparer
