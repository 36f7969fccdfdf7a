"""Whoever walks at random through what a grammar admits comes out with an answer that keeps to it."""

import json
import random
from collections.abc import Callable, Iterator
from functools import cache

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.catalog.places import recipes_folder
from appliance.domain.prompts import AnswerFormat, Tool, ToolChoice
from appliance.engines.base import EngineSpec, Vocabulary
from appliance.engines.fake import FakeOptions, FakeVocabulary
from appliance.engines.grammars.matching import GrammarMatcher, GrammarMatchers
from appliance.engines.grammars.writing import MOST_CALLS, Thoughts, answer_grammar
from appliance.engines.plugins import find_plugin
from appliance.errors import BadRequest
from appliance.policy.schemas import check_schema, check_tool_parameters
from tests.made_schemas import KILLERS, SOUND, TREE

MOST_STEPS = 1000
VOCABULARIES = ("bytes", "demo")
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "tags": {"type": "array", "items": {"enum": ["a", 'b"c', "<|im_end|>"]}, "maxItems": 3},
    },
    "required": ["name", "age"],
    "additionalProperties": False,
}  # fmt: skip
TOOLS = (
    Tool("find", "", check_tool_parameters(json.dumps(PERSON), param="p")),
    Tool("stop", "", check_tool_parameters("", param="p")),
)
CALL = '<tool_call>{"name": "stop", "arguments": {}}</tool_call>'


@cache
def vocabulary(name: str) -> Vocabulary:
    if name == "bytes":
        return FakeVocabulary(FakeOptions())
    path = recipes_folder() / "handbook-tiny" / "handbook-tiny-q8_0.gguf"
    return find_plugin("llama_cpp").open_vocabulary(EngineSpec("llama_cpp", str(path), 512, 512, 1))


@cache
def matchers(name: str) -> GrammarMatchers:
    words = vocabulary(name)
    return GrammarMatchers(words, size=words.size, end_tokens=words.end_tokens)


def grammar_of(schema: object) -> str:
    return answer_grammar(AnswerFormat(check_schema(json.dumps(schema), param="schema")), (), ToolChoice())


def admitted(mask: bytes) -> list[int]:
    return np.unpackbits(np.frombuffer(mask, np.uint8), bitorder="little").nonzero()[0].tolist()


@cache
def closing(name: str) -> frozenset[int]:
    words = vocabulary(name)
    return frozenset(token for token in range(words.size) if words.piece(token) in {b'"', b"}", b"]"})


def walk(name: str, grammar: str, chance: random.Random) -> str | None:
    """A text that the grammar admits, its tokens drawn at random, every third of those that close something;
    None where it does not come to an end.
    """
    words = vocabulary(name)
    matcher = matchers(name).matcher(grammar)
    said = b""
    for _ in range(MOST_STEPS):
        if matcher.finished:
            return said.decode()
        allowed = set(admitted(matcher.allowed()))
        ends = words.end_tokens & allowed
        closers = closing(name) & allowed
        if ends and chance.random() < 0.5:
            assert matcher.take(min(ends))
            return said.decode()
        choices = closers if closers and chance.random() < 0.3 else allowed - ends
        token = chance.choice(sorted(choices))
        assert matcher.take(token)
        assert words.piece(token)
        said += words.piece(token)
    return None


def take(name: str, matcher: GrammarMatcher, text: str) -> bool:
    return all(matcher.take(token) for token in vocabulary(name).tokenize(text, parse_special=False))


def started(name: str, grammar: str, text: str = "") -> GrammarMatcher:
    matcher = matchers(name).matcher(grammar)
    assert take(name, matcher, text)
    return matcher


@pytest.mark.slow
@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_random_walk_gives_json_that_validates(name):
    came_to_an_end = 0

    @settings(max_examples=250, deadline=None)
    @given(SOUND, st.randoms(use_true_random=False))
    def walks(schema, chance):
        nonlocal came_to_an_end
        try:
            grammar = grammar_of(schema)
            matchers(name).matcher(grammar)
        except BadRequest:
            return
        said = walk(name, grammar, chance)
        if said is not None:
            came_to_an_end += 1
            jsonschema.validate(json.loads(said), schema, jsonschema.Draft202012Validator)

    walks()
    assert came_to_an_end > 200


@pytest.mark.parametrize("name", VOCABULARIES)
@pytest.mark.parametrize("schema", [PERSON, TREE], ids=["person", "tree"])
def test_nested_answers_validate(name, schema):
    for seed in range(20):
        said = walk(name, grammar_of(schema), random.Random(seed))
        if said is not None:
            jsonschema.validate(json.loads(said), schema)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_without_a_schema_any_object_is_an_answer(name):
    grammar = answer_grammar(AnswerFormat(), (), ToolChoice())
    assert started(name, grammar, '{"a": [1, {"b": null}]}').finished
    for seed in range(20):
        said = walk(name, grammar, random.Random(seed))
        assert said is None or isinstance(json.loads(said), dict)


@pytest.mark.slow
@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_call_that_must_be_is_one_with_arguments_that_fit(name):
    grammar = answer_grammar(None, TOOLS, ToolChoice("required", parallel=False))
    for seed in range(40):
        said = walk(name, grammar, random.Random(seed))
        assert said is not None
        call = json.loads(said.removeprefix("<tool_call>").removesuffix("</tool_call>"))
        parameters = {tool.name: json.loads(tool.parameters) for tool in TOOLS}
        jsonschema.validate(call["arguments"], parameters[call["name"]])


@pytest.mark.parametrize("name", VOCABULARIES)
def test_no_control_token_is_ever_admitted_but_an_end_where_the_answer_may_end(name):
    words = vocabulary(name)
    control = {token for token in range(words.size) if not words.piece(token)}
    assert control >= words.end_tokens
    grammars = [
        grammar_of({"type": "string"}),
        answer_grammar(None, TOOLS, ToolChoice()),
        answer_grammar(AnswerFormat(), TOOLS, ToolChoice("required")),
    ]
    for grammar, begin in zip(grammars, ('"<|im_', "I say: <|im_", '<tool_call>{"name"'), strict=True):
        matcher = started(name, grammar, begin)
        free_text = begin.startswith("I")
        for token in control:
            assert (token in admitted(matcher.allowed())) == (free_text and token in words.end_tokens)
            if not free_text:
                assert not matcher.take(token)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_any_end_token_ends_what_is_complete(name):
    for end in vocabulary(name).end_tokens:
        matcher = started(name, answer_grammar(None, TOOLS, ToolChoice()), "Hello")
        assert not matcher.finished
        assert matcher.take(end)
        assert matcher.finished
    matcher = started(name, grammar_of(PERSON), '{"name": "a", "age": 5}')
    assert matcher.finished
    assert all(matcher.take(end) for end in vocabulary(name).end_tokens)
    assert not take(name, matcher, "x")


@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_token_that_is_refused_changes_nothing(name):
    matcher = started(name, grammar_of(PERSON), '{"name"')
    before = matcher.allowed()
    assert not take(name, matcher, "}")
    assert matcher.allowed() == before
    assert take(name, matcher, ': "a"')


def test_an_end_token_that_has_a_text_is_never_that_text():
    class Named:
        def piece(self, token: int) -> bytes:
            return bytes((token,)) if token < 256 else b'"a"'

        name = piece

    matcher = GrammarMatchers(Named(), size=257, end_tokens=frozenset((256,))).matcher(
        grammar_of({"const": "a"})
    )
    assert not matcher.take(256)
    assert admitted(matcher.allowed()) == [ord('"')]


def test_a_mask_has_a_bit_for_each_token_and_no_other():
    mask = started("demo", answer_grammar(None, TOOLS, ToolChoice()), "a").allowed()
    assert len(mask) * 8 >= vocabulary("demo").size
    assert max(admitted(mask)) < vocabulary("demo").size


SAYINGS: list[tuple[ToolChoice, AnswerFormat | None, dict[str, bool]]] = [
    (ToolChoice(), None, {"Hi": True, "Hi" + CALL: True, CALL + "\n" + CALL: True, CALL + "Hi": False,
                          "<tool_call>Hi": False, "<tool_call>\n{": True, "<tool_cal": True}),
    (ToolChoice(parallel=False), None, {"Hi" + CALL: True, CALL + "\n": False}),
    (ToolChoice("required"), None, {"Hi": False, CALL + CALL: True, CALL * (MOST_CALLS + 1): False}),
    (ToolChoice("required", parallel=False), None, {CALL: True, CALL + CALL: False}),
    (ToolChoice("required", "stop"), None, {CALL: True, CALL + CALL: False}),
    (ToolChoice("required", "find"), None, {CALL: False, '<tool_call>{"name": "find", ': True}),
    (ToolChoice(), AnswerFormat(), {"Hi": False, CALL: True, "{}": True, '{"a": 1}': True}),
    (ToolChoice("required"), AnswerFormat(), {"{}": False, CALL: True}),
    (ToolChoice("none"), AnswerFormat(), {CALL: False, "{}": True}),
]  # fmt: skip


def _sayings() -> Iterator[tuple[ToolChoice, AnswerFormat | None, str, bool]]:
    for choice, answer_format, said in SAYINGS:
        for text, admissible in said.items():
            yield choice, answer_format, text, admissible


@pytest.mark.parametrize(("choice", "answer_format", "text", "admissible"), _sayings())
def test_the_choice_of_tools_says_what_may_be_said(choice, answer_format, text, admissible):
    grammar = answer_grammar(answer_format, TOOLS, choice)
    assert take("bytes", matchers("bytes").matcher(grammar), text) is admissible


def test_free_text_needs_no_grammar():
    assert answer_grammar(None, (), ToolChoice()) == ""
    assert answer_grammar(None, TOOLS, ToolChoice("none")) == ""


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        (False, {"{}": True, "<think>{ </think>\n\n{}": True, "<think>a</think>b": False, "a": False}),
        (True, {"{ </think>{}": True, "{}</think>x": False}),
    ],
)
def test_thoughts_may_come_before_an_answer_in_a_form(opened, said):
    grammar = answer_grammar(AnswerFormat(), (), ToolChoice(), Thoughts("<think>", "</think>", opened))
    for text, admissible in said.items():
        assert take("bytes", matchers("bytes").matcher(grammar), text) is admissible
    assert not started("bytes", grammar, "<think>a").finished


def test_blanks_do_not_go_on_for_ever():
    matcher = started("bytes", grammar_of(PERSON), "{")
    blanks = 0
    while matcher.take(ord("\n")) or matcher.take(ord(" ")):
        blanks += 1
    assert 1 <= blanks <= 17


def test_definitions_of_a_tools_parameters_are_found():
    tool = Tool("grow", "", check_tool_parameters(json.dumps(TREE), param="p"))
    grammar = answer_grammar(None, (tool,), ToolChoice("required", parallel=False))
    tree = '{"value": 1, "children": [{"value": 2}]}'
    assert started(
        "bytes", grammar, f'<tool_call>{{"name": "grow", "arguments": {tree}}}</tool_call>'
    ).finished


@pytest.mark.parametrize("killer", KILLERS)
def test_what_kills_other_compilers_is_refused_or_compiles(killer):
    try:
        matcher = matchers("bytes").matcher(answer_grammar(AnswerFormat(killer), (), ToolChoice()))
    except BadRequest:
        return
    assert any(matcher.allowed())


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"enum": []}, "no answer can keep to it"),
        ({"oneOf": [{"type": "string"}, {"maxLength": 3}]}, "`oneOf`"),
        ({"type": "Wendelin"}, "is not one that is supported"),
        ({"allOf": [{"$ref": "#"}, {"minLength": 1}]}, "itself"),
        ({"allOf": [{"anyOf": [{"const": [a, b]} for a in range(40)]} for b in range(40)]}, ""),
    ],
)
def test_a_refusal_gives_a_reason_and_quotes_nothing(schema, reason):
    with pytest.raises(BadRequest) as raised:
        matchers("bytes").matcher(answer_grammar(AnswerFormat(json.dumps(schema)), (), ToolChoice()))
    assert reason in raised.value.message
    assert "Wendelin" not in raised.value.message


def test_a_grammar_that_takes_too_long_to_compile_is_refused():
    words = vocabulary("bytes")
    hasty = GrammarMatchers(words, size=words.size, end_tokens=words.end_tokens, most_s=0.0)
    with pytest.raises(BadRequest, match="too long"):
        hasty.matcher(grammar_of(PERSON))


def test_a_grammar_is_compiled_once_and_each_answer_goes_its_own_way(monkeypatch):
    words = vocabulary("bytes")
    made = GrammarMatchers(words, size=words.size, end_tokens=words.end_tokens)
    compiled: list[str] = []
    compile_: Callable[[str], object] = made._compile
    monkeypatch.setattr(made, "_compile", lambda grammar: (compiled.append(grammar), compile_(grammar))[1])
    first, second = made.matcher(grammar_of(PERSON)), made.matcher(grammar_of(PERSON))
    assert take("bytes", first, '{"name": "a"')
    assert take("bytes", second, '{\n"name": "b"')
    assert len(compiled) == 1
    for number in range(40):
        made.matcher(grammar_of({"const": number}))
    made.matcher(grammar_of(PERSON))
    assert len(compiled) == 42


def test_a_vocabulary_without_an_end_cannot_be_kept_to_a_form():
    class Endless:
        def piece(self, token: int) -> bytes:
            return bytes((token,))

        name = piece

    with pytest.raises(BadRequest, match="ends a text"):
        GrammarMatchers(Endless(), size=256, end_tokens=frozenset()).matcher("start: /a/")
