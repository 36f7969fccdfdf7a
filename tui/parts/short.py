"""Sizes and times in as few characters as say enough. Pure."""

from appliance.domain.amounts import size


def gib(size_bytes: int) -> str:
    """``61 GiB``, and with a decimal below ten: ``6.1 GiB``."""
    number, _, unit = size(size_bytes).partition(" ")
    return f"{float(number):.0f} {unit}" if float(number) >= 10 else f"{number} {unit}"


def span(seconds: int) -> str:
    """``41 s``, ``8 min``, ``25 h``, ``3 d``."""
    for limit, unit, length in ((120, "s", 1), (7200, "min", 60), (172_800, "h", 3600)):
        if seconds < limit:
            return f"{max(0, seconds) // length} {unit}"
    return f"{seconds // 86_400} d"
