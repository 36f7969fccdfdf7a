"""A schema of a client is refused with its place, or written anew so that it compiles."""

import json

import pytest
from hypothesis import given, settings

from appliance.domain.prompts import AnswerFormat, ToolChoice
from appliance.engines.fake import FakeOptions, FakeVocabulary
from appliance.engines.grammars.matching import GrammarMatchers
from appliance.engines.grammars.writing import answer_grammar
from appliance.errors import BadRequest
from appliance.policy.schemas import check_schema, check_tool_name, check_tool_parameters
from tests.made_schemas import BROKEN, KILLERS, SOUND, TREE

VOCABULARY = FakeVocabulary(FakeOptions())
MATCHERS = GrammarMatchers(VOCABULARY, size=VOCABULARY.size, end_tokens=VOCABULARY.end_tokens)


def checked(schema: object, **more: bool) -> dict:
    return json.loads(check_schema(json.dumps(schema), param="schema", **more))


def refusal(schema: object, **more: bool) -> str:
    with pytest.raises(BadRequest) as raised:
        checked(schema, **more)
    assert raised.value.param == "schema"
    return raised.value.message


def refused_or_compiled(check, schema: object) -> str:
    """Why not, or nothing."""
    try:
        text = check(json.dumps(schema), param="schema")
        MATCHERS.matcher(answer_grammar(AnswerFormat(text), (), ToolChoice()))
    except BadRequest as error:
        return error.message
    return ""


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(SOUND)
def test_a_sound_schema_passes_and_compiles_but_where_no_value_fits_or_kinds_overlap(schema):
    message = refused_or_compiled(check_schema, schema)
    assert message == "" or "no answer can keep to it" in message or "allows no answer" in message


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(BROKEN)
def test_whatever_is_in_a_schema_it_is_refused_or_compiles(schema):
    assert len(refused_or_compiled(check_schema, schema)) < 300


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(BROKEN)
def test_whatever_is_in_the_parameters_of_a_tool_they_are_refused_or_compile(schema):
    assert len(refused_or_compiled(check_tool_parameters, schema)) < 300


@given(SOUND)
def test_what_was_checked_passes_again_unchanged(schema):
    try:
        once = check_schema(json.dumps(schema), param="schema")
    except BadRequest:
        return
    assert check_schema(once, param="schema") == once


@pytest.mark.parametrize("killer", KILLERS)
def test_what_kills_other_compilers_is_refused(killer):
    with pytest.raises(BadRequest):
        check_schema(killer, param="schema")
    with pytest.raises(BadRequest):
        check_schema(killer.replace('"^[z-a]$"', '"a\\u0000"'), param="schema", patterns=True)


def test_notes_are_left_out():
    schema = {"$schema": "x", "title": "T", "properties": {"a": {"description": "d", "type": "null"}}}
    assert checked(schema) == {
        "type": "object",
        "properties": {"a": {"type": "null"}},
        "additionalProperties": False,
    }


def test_a_schema_that_refers_to_itself_passes():
    assert checked(TREE) == TREE


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"properties": {"a": {"items": {"enum": []}}}}, "`properties.a.items.enum`"),
        ({"properties": {"a b": {"enum": []}}}, "`properties[…].enum`"),
        ({"anyOf": [{}, {"minLength": -1}]}, "`anyOf[1].minLength`"),
        ({"$defs": {"a": {"type": "text"}}}, "`$defs.a.type`"),
        ({"not": {}}, "`not` is not supported"),
        ({"a b": {}}, "has a keyword"),
        ({"x-guidance": {"lenient": True}}, "`x-guidance`"),
        ({"$dynamicRef": "#"}, "`$dynamicRef`"),
        ({"pattern": "a"}, "`pattern`"),
        ({"patternProperties": {"a": {}}}, "`patternProperties`"),
        ({"$ref": "https://example.org/schema"}, "`$ref`"),
        ({"$ref": "#/$defs/a"}, "`$ref` names a definition"),
        ({"$ref": "#/properties/a"}, "`$ref`"),
        ({"format": "color"}, "`format`"),
        ({"uniqueItems": True}, "`uniqueItems`"),
        ({"minItems": 10**5}, "`minItems`"),
        ({"maxLength": 10**6}, "`maxLength`"),
        ({"maxLength": True}, "`maxLength`"),
        ({"maximum": 10**400}, "`maximum`"),
        ({"maximum": "1"}, "`maximum`"),
        ({"multipleOf": 0}, "`multipleOf`"),
        ({"multipleOf": 999_983}, "`multipleOf`"),
        ({"allOf": [{"multipleOf": 101}, {"multipleOf": 1.03}]}, "`multipleOf`"),
        ({"required": ["a", 1]}, "`required`"),
        ({"properties": {f"p{number}": {} for number in range(129)}}, "`properties` has over 128"),
        ({"enum": [[{"a": "b\0"}]]}, "`enum`"),
        ({"const": 10**30}, "`const`"),
        ({"items": 5}, "`items`"),
        ({"anyOf": []}, "`anyOf`"),
        ({"type": []}, "`type`"),
    ],
)
def test_a_refusal_names_the_place(schema, place):
    assert place in refusal(schema)


@pytest.mark.parametrize(
    "endless",
    [
        False,
        {"$ref": "#"},
        {"properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"properties": {"a": False}, "required": ["a"]},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"items": {"items": {"type": "string"}, "minItems": 2000}, "minItems": 2000},
        {"type": "array", "items": {"minLength": 60_000, "type": "string"}, "minItems": 20},
    ],
)
def test_what_cannot_be_answered_in_a_reasonable_length_is_refused(endless):
    with pytest.raises(BadRequest):
        checked(endless)


def test_a_branch_that_ends_is_enough():
    schema = {"anyOf": [{"type": "null"}, {"properties": {"a": {"$ref": "#"}}, "required": ["a"]}]}
    assert "anyOf" in checked(schema)


def test_depth_is_bounded():
    schema: dict = {}
    for _ in range(15):
        schema = {"items": schema}
    assert checked(schema)
    assert "nested deeper" in refusal({"items": schema})
    assert "nested too deep" in _text_refusal('{"a":' * 10_000)


def test_size_and_number_are_bounded():
    assert "bytes" in _text_refusal(json.dumps({"title": "x" * 65_536}))
    many = {"anyOf": [{"anyOf": [{}] * 100}] * 11}
    assert "one too many" in refusal(many)


@pytest.mark.parametrize(
    "text", ["", "[]", "5", '{"const":NaN}', '{"const":1e999}', '{"const":' + "9" * 5000 + "}"]
)
def test_what_is_no_json_object_is_refused(text):
    assert _text_refusal(text)


def test_half_a_character_is_refused():
    assert _text_refusal('{"const":"\\ud800"}')


def test_patterns_pass_where_they_are_allowed():
    assert checked({"pattern": "^a+$"}, patterns=True) == {"pattern": "^a+$"}


def test_the_parameters_of_a_tool_are_held_to_what_can_be_kept():
    written_for_others = {
        "properties": {
            "a": {"oneOf": [{"type": "string", "pattern": "^a$", "format": "color"}, {"not": {}}]},
            "b": {"$ref": "#/properties/a"},
            "c": {"type": "array", "items": [{}, {}], "uniqueItems": True},
        },
        "$schema": "http://json-schema.org/draft-07/schema#",
    }
    assert json.loads(check_tool_parameters(json.dumps(written_for_others), param="p")) == {
        "type": "object",
        "properties": {"a": {"anyOf": [{"type": "string"}, {}]}, "b": {}, "c": {"type": "array"}},
        "additionalProperties": False,
    }


ONE = {"type": "object", "properties": {"a": {"type": "null"}}}
SHUT = {**ONE, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "meant"),
    [
        (ONE, SHUT),
        ({"type": "array", "items": ONE}, {"type": "array", "items": SHUT}),
        ({"anyOf": [ONE, {"type": "null"}]}, {"anyOf": [SHUT, {"type": "null"}]}),
        ({"$ref": "#/$defs/x", "$defs": {"x": ONE}}, {"$ref": "#/$defs/x", "$defs": {"x": SHUT}}),
        ({**ONE, "additionalProperties": True}, {**ONE, "additionalProperties": True}),
        ({**ONE, "minProperties": 2}, {**ONE, "minProperties": 2}),
        ({**ONE, "required": ["b"]}, {**ONE, "required": ["b"]}),
        ({"type": "object"}, {"type": "object"}),
        ({"allOf": [ONE, ONE]}, {"allOf": [ONE, ONE]}),
        ({**ONE, "anyOf": [ONE]}, {**ONE, "anyOf": [ONE]}),
    ],
)
def test_objects_that_name_their_properties_get_no_others_unless_they_say_so(schema, meant):
    assert checked(schema) == meant


def test_a_tool_without_parameters_takes_none():
    assert json.loads(check_tool_parameters("", param="p"))["additionalProperties"] is False


@pytest.mark.parametrize("text", ["[]", '{"type":"string"}', '{"enum":[]}', "{"])
def test_parameters_that_are_no_object_are_refused(text):
    with pytest.raises(BadRequest):
        check_tool_parameters(text, param="p")


def test_names_of_tools_are_short_and_plain():
    for name in ("get_weather-2", "a" * 128):
        assert check_tool_name(name, param="name") == name
    for name in ("", "a" * 129, "é", "a b", "a\n", "a.b"):
        with pytest.raises(BadRequest, match="name"):
            check_tool_name(name, param="name")


def _text_refusal(text: str) -> str:
    with pytest.raises(BadRequest) as raised:
        check_schema(text, param="schema")
    return raised.value.message
