"""Any result, by its field names: what a new action looks like until someone draws it by hand."""

from collections.abc import Iterator

import msgspec
from rich.console import RenderableType

from appliance.client.presenting.cells import sheet


def fields_of(result: msgspec.Struct) -> RenderableType:
    """Every field, those of inner structs with the outer name before them: ``models.0.id``."""
    return sheet(_pairs("", msgspec.to_builtins(result)))


def _pairs(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, (list, tuple)):
        inner = list(enumerate(value))
    else:
        yield name, value
        return
    for key, one in inner:
        yield from _pairs(f"{name}.{key}" if name else str(key), one)
