"""Hosts of models elsewhere: what is said of one, and of its key."""

from typing import Any, Final

from rich.console import RenderableType
from rich.text import Text

from appliance.domain.plain_text import one_line
from appliance.domain.results import UpstreamKey, UpstreamStatus


def upstream_rows(status: UpstreamStatus | None) -> list[tuple[str, str]]:
    """Lines of a model's sheet; none for a model of this box."""
    if status is None:
        return []
    return [
        ("leaves this box", f"prompts go to {status.host}"),
        ("there", f"{status.model} at {status.address}"),
        ("key", _key(status)),
        ("price", f"{_price(status)} micro-credits for a million tokens"),
        ("takes", ", ".join(status.features)),
        ("counted by", "its tokenizer" if status.counted == "tokenizer" else "an estimate from bytes"),
        (
            "their counts",
            f"{status.answers} answers, {status.alarms} alarms, {status.unreported} without counts",
        ),
        *([("off", status.off)] if status.off else []),
    ]


def key_line(result: UpstreamKey) -> RenderableType:
    """One line; the key itself is in no result."""
    stored = "is stored; run its models again" if result.stored else "is not stored any more"
    return Text(one_line(f"The key {result.name} {stored}."))


def _key(status: UpstreamStatus) -> str:
    if status.key is None:
        return "none"
    return f"{status.key} ({'stored' if status.key_stored else f'missing: carrel upstream key {status.key}'})"


def _price(status: UpstreamStatus) -> str:
    return (
        f"prompt {status.prompt_micro:,}, cached {status.cached_micro:,}, answer {status.completion_micro:,}"
    )


PRESENTERS: Final[dict[Any, Any]] = {UpstreamKey: key_line}
