"""JSON schemas as hypothesis makes them: sound ones, and ones with anything in them."""

from hypothesis import strategies as st

NAMES = st.text('abcdefgé "\\/<>{}', min_size=1, max_size=6) | st.sampled_from(["name", "x-guidance", "$ref"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.text('abcé"\\\n <|im_end|>', max_size=8)
)  # fmt: skip
FORMATS = ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri")


@st.composite
def strings(draw) -> dict:
    least = draw(st.integers(0, 5))
    return draw(
        st.sampled_from(
            [
                {"type": "string"},
                {"type": "string", "minLength": least, "maxLength": least + draw(st.integers(0, 20))},
                {"type": "string", "format": draw(st.sampled_from(FORMATS))},
            ]
        )
    )


@st.composite
def numbers(draw) -> dict:
    least = draw(st.integers(-(10**6), 10**6))
    most = least + draw(st.integers(0, 10**4))
    kind = draw(st.sampled_from(["integer", "number"]))
    bounds = [
        {},
        {"minimum": least},
        {"maximum": most},
        {"minimum": least, "maximum": most},
        {"exclusiveMinimum": least},
    ]
    return {"type": kind, **draw(st.sampled_from(bounds))}


@st.composite
def objects(draw, inner) -> dict:
    properties = draw(st.dictionaries(NAMES, inner, max_size=5))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) if properties else []
    schema = {"type": "object", "properties": properties, "required": required}
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.just(False) | inner)
    return schema


@st.composite
def arrays(draw, inner) -> dict:
    least = draw(st.integers(0, 3))
    return {
        "type": "array",
        "items": draw(inner),
        "minItems": least,
        "maxItems": least + draw(st.integers(0, 3)),
    }


LEAVES = (
    strings()
    | numbers()
    | st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": ["string", "null"]}, {}, True])
    | st.lists(SCALARS, min_size=1, max_size=5).map(lambda values: {"enum": values})
    | SCALARS.map(lambda value: {"const": value})
)
SOUND = st.recursive(
    LEAVES,
    lambda inner: (
        objects(inner)
        | arrays(inner)
        | st.lists(inner, min_size=1, max_size=3).map(lambda many: {"anyOf": many})
    ),
    max_leaves=12,
).filter(lambda schema: isinstance(schema, dict))

TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2},
            },
            "required": ["value"],
            "additionalProperties": False,
        }
    },
}
"""A schema that refers to itself."""

_WORDS = (
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "enum", "exclusiveMinimum", "format", "items",
    "maxItems", "maxLength", "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf",
    "oneOf", "pattern", "patternProperties", "prefixItems", "properties", "required", "type", "$defs", "not",
    "if", "uniqueItems", "title", "x-guidance", "$dynamicRef", "\0",
)  # fmt: skip
_ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["string", "object", "array", "number", "#", "#/$defs/a", "uri", "^[z-a]$", "a\0b"])
)


def _broken(inner):
    values = (
        inner
        | st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(("a", "b", "\0")), inner, max_size=3)
    )
    return st.dictionaries(st.sampled_from(_WORDS), values, max_size=5)


BROKEN = st.recursive(_ANYTHING, _broken, max_leaves=20).filter(lambda schema: isinstance(schema, dict))
"""Words of JSON Schema with values of all kinds."""

KILLERS = (
    '{"enum":[]}',
    '{"type":"string","pattern":"^[z-a]$"}',
    '{"type":"object","properties":{"a\\u0000b":{"type":"string"}}}',
    '{"const":"a\\u0000b"}',
)
"""Each of them ended the process of llama.cpp's own compiler."""
