"""How values are written on pages."""

from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup

from appliance.policy.budget import credits_text

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEVER: Final = "never"


def moment(ms: int | None, otherwise: str = _NEVER) -> Markup:
    """Milliseconds since 1970 as ``<time>`` in UTC; a script writes it in the browser's own time."""
    if ms is None:
        return Markup("{}").format(otherwise)
    at = datetime.fromtimestamp(ms / 1000, UTC)
    words = f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(at.strftime("%Y-%m-%dT%H:%M:%SZ"), words)


def number(value: float) -> str:
    """With commas: ``12,345``."""
    return f"{value:,}"


def credits_of(micro: int | None) -> str:
    """Micro-credits as credits; no limit is ``no limit``."""
    return "no limit" if micro is None else credits_text(micro)


def span(seconds: float) -> str:
    """A length of time in the unit that matters: ``45 s``, ``12 min``, ``3 h``, ``2 days``."""
    whole = max(0, round(seconds))
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def said(text: str) -> Markup:
    """A sentence of the box, in which commands and names stand between backticks, as pages write them."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(text)
    code, plain = Markup("<code>{}</code>"), Markup("{}")
    return Markup("").join((code if at % 2 else plain).format(part) for at, part in enumerate(parts))
