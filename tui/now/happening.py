"""What is happening right now: rates with their last minute as curves. Pure."""

from collections.abc import Sequence

from appliance.domain.results import Pulse
from tui.parts.bars import spark
from tui.parts.cells import Cell, short_number
from tui.parts.short import gib, span

Line = list[Cell | str]
_LABEL = 11
_NUMBER = 5


def happening(pulse: Pulse, width: int, *, ascii_only: bool) -> list[Line]:
    """Six lines of so many characters."""
    room = max(0, width - _LABEL - _NUMBER - 2)

    def line(label: str, number: str, more: str, tone: str = "") -> Line:
        return [Cell(f"{label:<{_LABEL}}", "quiet"), f"{number:>{_NUMBER}}  ", Cell(more[:room], tone)]

    def curve(values: Sequence[float]) -> str:
        return spark(values, room, ascii_only)

    busy = pulse.processor_percent
    return [
        line("requests/s", _last(pulse.requests_per_s), curve(pulse.requests_per_s), "strong"),
        line("tokens/s", _last(pulse.tokens_per_s), curve(pulse.tokens_per_s), "strong"),
        line("waiting", str(_waiting(pulse)), _longest(pulse), "warn"),
        line("people", str(pulse.people_active), _people(pulse), "warn" if pulse.people_limited else ""),
        line("processor", f"{_latest(busy):.0f} %", curve(busy), "strong"),
        line("memory", f"{_memory_percent(pulse)} %", f"of {gib(pulse.memory_total_bytes)}"),
    ]


def in_one_line(pulse: Pulse) -> Line:
    """The same for little room."""
    words = (
        f"{_last(pulse.requests_per_s)} requests/s",
        f"{_last(pulse.tokens_per_s)} tokens/s",
        f"{_waiting(pulse)} wait",
        f"{pulse.people_active} people",
    )
    return [", ".join(words)]


def _latest(values: Sequence[float]) -> float:
    return values[-1] if values else 0.0


def _last(values: Sequence[float]) -> str:
    return short_number(_latest(values))


def _waiting(pulse: Pulse) -> int:
    return pulse.waiting[-1] if pulse.waiting else 0


def _longest(pulse: Pulse) -> str:
    return f"longest {span(pulse.longest_wait_s)}" if _waiting(pulse) else ""


def _people(pulse: Pulse) -> str:
    return f"active, {pulse.people_limited} at limit" if pulse.people_limited else "active in 15 min"


def _memory_percent(pulse: Pulse) -> int:
    used = pulse.memory_used_bytes[-1] if pulse.memory_used_bytes else 0
    return round(100 * used / pulse.memory_total_bytes) if pulse.memory_total_bytes else 0
