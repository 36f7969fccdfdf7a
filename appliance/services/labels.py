"""Names that people choose, made fit for terminal, page and log."""

from appliance.errors import BadRequest


def require_label(text: str, param: str) -> str:
    """The text without white space around it. ``isprintable`` excludes what moves a cursor or turns text
    around.

    Raises ``BadRequest`` for text that shows nothing or holds control characters.
    """
    label = text.strip()
    if not label or not label.isprintable():
        raise BadRequest(f"{param} must be visible text without control characters.", param=param)
    return label
