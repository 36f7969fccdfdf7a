"""Short forms for writing rows of the table."""

from appliance.domain.action import Argument, Kind


def text(name: str, help: str, **more: object) -> Argument:
    """An argument that is a text."""
    return Argument(name, Kind.TEXT, help, **more)  # type: ignore[arg-type]


def integer(name: str, help: str, **more: object) -> Argument:
    """An argument that is a whole number."""
    return Argument(name, Kind.INTEGER, help, **more)  # type: ignore[arg-type]


def flag(name: str, help: str) -> Argument:
    """An argument that is there or not."""
    return Argument(name, Kind.FLAG, help, default=False)
