"""The words of JSON Schema that are known here, and how much of each is too much."""

from typing import Final

MOST_BYTES: Final = 64 * 1024
MOST_DEPTH: Final = 16
MOST_PROPERTIES: Final = 128
"""Of one object."""
MOST_SCHEMAS: Final = 1024
"""Schemas within the schema, over all."""
MOST_VALUES: Final = 1024
"""Of one ``enum``."""
MOST_CHARACTERS: Final = 65_536
MOST_ITEMS: Final = 10_000
MOST_NUMBER: Final = 2**53
MOST_PATTERN: Final = 1024
"""Characters of a regular expression."""
MOST_ANSWER_BYTES: Final = 2**20
"""What the shortest answer that a schema allows may take."""
MOST_COMMON_MULTIPLE: Final = 1000
"""Of all ``multipleOf``, their decimal points left out: the compiler needs so many states. 999,983 took it
7 s, and it multiplies those that meet in an ``allOf``.
"""

TYPES: Final = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))

ENFORCED_FORMATS: Final = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri")
)
LOOSE_FORMATS: Final = frozenset((
    "base64", "base64url", "binary", "byte", "double", "float", "int32", "int64", "iri", "json-pointer",
    "password", "path", "file-path", "directory-path", "phone", "regex", "uri-reference", "uuid1", "uuid3",
    "uuid4", "uuid5",
))  # fmt: skip
"""Widely used, and no more than a note: a string of such a format is any string."""

NOTES: Final = frozenset((
    "$anchor", "$comment", "$id", "$schema", "contentEncoding", "contentMediaType", "default", "deprecated",
    "description", "discriminator", "example", "examples", "id", "readOnly", "title", "writeOnly",
))  # fmt: skip
"""Words that allow and forbid nothing. They are left out."""

DEFINITIONS: Final = ("$defs", "definitions")
