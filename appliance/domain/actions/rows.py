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


def file(name: str, help: str, **more: object) -> Argument:
    """An argument that is the text of a file; ``most`` bounds it."""
    return Argument(name, Kind.FILE, help, **more)  # type: ignore[arg-type]


def accepting(told_by: str) -> tuple[Argument, ...]:
    """Arguments that accept a model's license on the way; ``told_by`` is the command that shows its hash."""
    also = {"asked_with": "accept_license"}
    return (
        text(
            "accept_license",
            f"Accept the license's text before; its SHA-256 as `{told_by}` tells it.",
            most=64,
        ),
        text("who", "Who accepts it.", most=100, **also),
        text("authority", "In which role, such as head of the lab.", most=100, **also),
        text("purpose", "What the model is used for.", most=500, **also),
    )
