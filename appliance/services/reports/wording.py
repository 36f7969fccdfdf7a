"""Descriptions that people write, made fit for a terminal: lines, and no control characters."""

from appliance.errors import BadRequest


def require_text(text: str, param: str) -> str:
    """The text without white space around it. Raises ``BadRequest``."""
    kept = text.replace("\r\n", "\n").strip()
    if not kept or not all(line.isprintable() for line in kept.replace("\t", " ").split("\n")):
        raise BadRequest(f"{param} must be visible text without control characters.", param=param)
    return kept
