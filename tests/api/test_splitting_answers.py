"""Text of a model into thoughts, text and calls: the same parts however the text comes in pieces."""

import json
import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appliance.api.dialogue.parts import CallArguments, CallBegun, SaidText, Thought
from appliance.api.dialogue.splitting import Splitter

THINK = ("<think>", "</think>")
BROKEN = '<tool_call>{"name": "f", "arguments": {"a": nope}}</tool_call>'


def split(*pieces: str, tools: bool = True, thinking: tuple[str, str] | None = None) -> list:
    """The parts, neighbors of one kind put together; the last entry says whether it ended with calls."""
    splitter = Splitter(0, call_id=(lambda index: f"id{index}") if tools else None, thinking=thinking)
    parts = [part for piece in pieces for part in splitter.feed(piece)] + splitter.close()
    joined: list = []
    for part in parts:
        before = joined[-1] if joined else None
        if type(before) is type(part) and not isinstance(part, CallBegun) and _place(before) == _place(part):
            joined[-1] = type(part)(*_place(part), before.text + part.text)
        else:
            joined.append(part)
    return [*joined, splitter.called]


def _place(part) -> tuple:
    return (0, part.index) if isinstance(part, CallArguments) else (0,)


def call(index: int, name: str, arguments: str) -> list:
    told = [CallArguments(0, index, arguments)] if arguments else []
    return [CallBegun(0, index, f"id{index}", name), *told]


CASES = {
    "plain text": ("Hello there", [SaidText(0, "Hello there"), False]),
    "nothing": ("", [False]),
    "one call": (
        '<tool_call>{"name": "f", "arguments": {"a": [1, "x"]}}</tool_call>',
        [*call(0, "f", '{"a": [1, "x"]}'), True],
    ),
    "space around everything": (
        '\n <tool_call>\n{ "name" : "f" ,\n "arguments" : {"a": 1 } }\n</tool_call> \n',
        [*call(0, "f", '{"a": 1 }'), True],
    ),
    "text before and after": (
        'Let me look.\n<tool_call>{"name":"f","arguments":{}}</tool_call>\nDone.',
        [SaidText(0, "Let me look."), *call(0, "f", "{}"), SaidText(0, "Done."), True],
    ),
    "two calls": (
        '<tool_call>{"name":"f","arguments":{"a":1}}</tool_call>\n<tool_call>{"name":"g","arguments":{"b":2}}',
        [*call(0, "f", '{"a":1}'), *call(1, "g", '{"b":2}'), True],
    ),
    "arguments first": (
        '<tool_call>{"arguments":{"a":1},"name":"f"}</tool_call>',
        [*call(0, "f", '{"a":1}'), True],
    ),
    "no arguments": ('<tool_call>{"name":"f"}</tool_call>', [*call(0, "f", "{}"), True]),
    "other keys beside": (
        '<tool_call>{"id":7,"name":"f","x":{"name":"g"},"arguments":{"a":1},"y":[]}</tool_call>',
        [*call(0, "f", '{"a":1}'), True],
    ),
    "arguments written into a string": (
        '<tool_call>{"name":"f","arguments":"{\\"a\\": 1}"}</tool_call>',
        [*call(0, "f", '{"a": 1}'), True],
    ),
    "escapes in the name": ('<tool_call>{"name":"\\u0066"}</tool_call>', [*call(0, "f", "{}"), True]),
    "closing tag inside a text": (
        '<tool_call>{"name":"f","arguments":{"a":"</tool_call>}\\"{"}}</tool_call>!',
        [*call(0, "f", '{"a":"</tool_call>}\\"{"}'), SaidText(0, "!"), True],
    ),
    "no closing tag": ('<tool_call>{"name":"f","arguments":{}}', [*call(0, "f", "{}"), True]),
    "closing tag cut off": ('<tool_call>{"name":"f","arguments":{}}</tool', [*call(0, "f", "{}"), True]),
    "cut in the arguments": (
        '<tool_call>{"name":"f","arguments":{"a": "xy',
        [*call(0, "f", '{"a": "xy'), False],
    ),
    "cut in an escape": (
        '<tool_call>{"name":"f","arguments":{"a": "x\\u00',
        [*call(0, "f", '{"a": "x\\u00'), False],
    ),
    "second one is cut": (
        '<tool_call>{"name":"f"}</tool_call><tool_call>{"name":"g","arguments":{',
        [*call(0, "f", "{}"), *call(1, "g", "{"), False],
    ),
    "arguments that turn out broken go on as they were written": (
        BROKEN,
        [*call(0, "f", '{"a": nope}}'), True],
    ),
    "broken after the arguments": (
        '<tool_call>{"name":"f","arguments":{"a":1}; true</tool_call> Yes',
        [*call(0, "f", '{"a":1}'), SaidText(0, "Yes"), True],
    ),
    "no object": (
        " <tool_call>f(1)</tool_call>",
        [SaidText(0, " <tool_call>f(1)</tool_call>"), False],
    ),
    "no name": (
        '<tool_call>{"arguments":{}}</tool_call>',
        [SaidText(0, '<tool_call>{"arguments":{}}</tool_call>'), False],
    ),
    "name that is no text": (
        '<tool_call>{"name":5,"arguments":{}}',
        [SaidText(0, '<tool_call>{"name":5,"arguments":{}}'), False],
    ),
    "name that is no Unicode": (
        '<tool_call>{"name":"\\ud800"}',
        [SaidText(0, '<tool_call>{"name":"\\ud800"}'), False],
    ),
    "cut before the name": ('Hm <tool_call>{"na', [SaidText(0, 'Hm <tool_call>{"na'), False]),
    "call after a broken one": (
        '<tool_call>no <tool_call>{"name":"f"}</tool_call>',
        [SaidText(0, "<tool_call>no"), *call(0, "f", "{}"), True],
    ),
    "nested too deep": (
        '<tool_call>{"x":' + "[" * 65 + "]" * 65 + ',"name":"f"}</tool_call>',
        [SaidText(0, '<tool_call>{"x":' + "[" * 65 + "]" * 65 + ',"name":"f"}</tool_call>'), False],
    ),
    "nested as deep as may be": (
        '<tool_call>{"x":' + "[" * 64 + "]" * 64 + ',"name":"f"}</tool_call>',
        [*call(0, "f", "{}"), True],
    ),
    "half a tag": ("1 <tool_ca", [SaidText(0, "1 <tool_ca"), False]),
    "what only looks like a tag": ("a <tool_bag> b", [SaidText(0, "a <tool_bag> b"), False]),
    "tag begun twice": (
        '<tool_<tool_call>{"name":"f"}</tool_call>',
        [SaidText(0, "<tool_"), *call(0, "f", "{}"), True],
    ),
    "space at the end of text": ("Hello \n", [SaidText(0, "Hello \n"), False]),
    "thoughts": (
        "<think>\nHm.\n</think>\n\nHello<think>x</think>",
        [SaidText(0, "<think>\nHm.\n</think>\n\nHello<think>x</think>"), False],
    ),
}  # fmt: skip

THINKING = {
    "thoughts and an answer": (
        "<think>\nHm. \n</think>\n\nHello",
        [Thought(0, "Hm."), SaidText(0, "Hello"), False],
    ),
    "no thoughts": ("\nHello", [SaidText(0, "\nHello"), False]),
    "thoughts without an end": ("<think>Hm. </thi", [Thought(0, "Hm. </thi"), False]),
    "tag only begun": (" <thi", [SaidText(0, " <thi"), False]),
    "empty thoughts": ("<think>\n\n</think>\n\nHello", [SaidText(0, "Hello"), False]),
    "thoughts after text are text": (
        "Hello <think>x</think>",
        [SaidText(0, "Hello <think>x</think>"), False],
    ),
    "thoughts and a call": (
        '<think><tool_call>{"name":"g"}</think><tool_call>{"name":"f"}</tool_call>',
        [Thought(0, '<tool_call>{"name":"g"}'), *call(0, "f", "{}"), True],
    ),
}


@pytest.mark.parametrize(("text", "parts"), CASES.values(), ids=CASES.keys())
def test_text_becomes_its_parts(text: str, parts: list):
    assert split(text) == parts


@pytest.mark.parametrize(("text", "parts"), THINKING.values(), ids=THINKING.keys())
def test_thoughts_are_told_apart(text: str, parts: list):
    assert split(text, thinking=THINK) == parts


def test_thoughts_begin_at_once_where_the_prompt_has_begun_them():
    assert split("Hm.</think>Hello", thinking=("", "</think>")) == [
        Thought(0, "Hm."),
        SaidText(0, "Hello"),
        False,
    ]


def test_calls_are_text_where_no_functions_were_offered():
    text = '<tool_call>{"name":"f"}</tool_call> '
    assert split(text, tools=False) == [SaidText(0, text), False]
    assert split("<think>a</think> b ", tools=False, thinking=THINK) == [
        Thought(0, "a"),
        SaidText(0, "b "),
        False,
    ]


def test_arguments_are_told_while_they_come():
    splitter = Splitter(0, call_id=str, thinking=None)
    assert splitter.feed('<tool_call>{"name": "f", "arguments": {"city": "Par') == [
        CallBegun(0, 0, "0", "f"),
        CallArguments(0, 0, '{"city": "Par'),
    ]
    assert splitter.feed('is"}') == [CallArguments(0, 0, 'is"}')]
    assert splitter.feed("}</tool_call>") == []


def test_number_without_an_end_is_not_held_back():
    splitter = Splitter(0, call_id=str, thinking=None)
    assert splitter.feed('<tool_call>{"x":' + "1" * 64) == []
    assert splitter.feed("1") == [SaidText(0, '<tool_call>{"x":' + "1" * 64), SaidText(0, "1")]


def test_text_that_can_be_no_tag_is_told_at_once():
    splitter = Splitter(0, call_id=str, thinking=None)
    assert splitter.feed("a < b <") == [SaidText(0, "a < b")]
    assert splitter.feed("= c") == [SaidText(0, " <= c")]


PIECES = st.sampled_from([
    "<tool_call>", "</tool_call>", "<think>", "</think>", "<tool_", "call>", '{"name":', '"f"',
    ',"arguments":', '{"a":1}', "}", "{", '"', "\\", "\\u00", "[", "]", "1", "true", ",", ":", " ",
    "\n", "x", "\u00e9",
    '<tool_call>{"name":"f","arguments":{"a":"b"}}</tool_call>', '{"arguments":[],"name":"g"}',
])  # fmt: skip
TAGS = st.sampled_from([None, THINK, ("", "</think>")])


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=12), cuts=st.lists(st.integers(0, 200), max_size=20), thinking=TAGS)
@example(pieces=[BROKEN], cuts=list(range(80)), thinking=None)
def test_any_cutting_of_a_text_gives_the_same_parts(pieces: list[str], cuts: list[int], thinking):
    text = "".join(pieces)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    cut = [text[begin:end] for begin, end in pairwise(places)]
    assert split(*cut, thinking=thinking) == split(text, thinking=thinking)
    assert split(*text, thinking=thinking) == split(text, thinking=thinking)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(
    name=st.text(min_size=1, max_size=20),
    arguments=st.dictionaries(st.text(max_size=5), JSON, max_size=4),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 2]),
    cut=st.integers(1, 7),
)
def test_every_call_that_is_json_is_read_as_it_was_written(name, arguments, ascii_only, indent, cut):
    written = json.dumps(arguments, ensure_ascii=ascii_only, indent=indent)
    body = f'{{"name": {json.dumps(name, ensure_ascii=ascii_only)}, "arguments": {written}}}'
    text = f"<tool_call>{body}</tool_call>"
    pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
    assert split(*pieces) == [*call(0, name, written), True]


@pytest.mark.slow
@pytest.mark.parametrize("piece", ['<tool_call>{"', "<tool_call>{", "<tool_call>" + "[" * 90, "<tool_", " "])
def test_hostile_answer_is_read_in_a_time_that_grows_with_its_length(piece: str):
    began = time.perf_counter()
    assert split(*[piece] * 20_000)[-1] is False
    assert time.perf_counter() - began < 10
