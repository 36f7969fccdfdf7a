"""The service level that goodput counts against (Zhong et al., "DistServe", OSDI 2024)."""

import re
from dataclasses import dataclass
from typing import Final

from appliance.errors import BadRequest

_PART: Final = re.compile(r"(ttft|tpot|e2el):([0-9]{1,9}(?:\.[0-9]{1,6})?)\Z")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that each may be, in ms; None where it does not matter."""

    ttft_ms: float | None = None
    tpot_ms: float | None = None
    e2el_ms: float | None = None

    def are_kept_by(self, ttft_ms: float, tpot_ms: float | None, e2el_ms: float) -> bool:
        """Whether a request counts. One without a TPOT keeps any limit of it."""
        return (
            _within(ttft_ms, self.ttft_ms)
            and _within(tpot_ms, self.tpot_ms)
            and _within(e2el_ms, self.e2el_ms)
        )


def read_limits(text: str) -> Limits:
    """From ``ttft:200,tpot:50``. Raises ``BadRequest``."""
    found: dict[str, float] = {}
    for part in text.split(","):
        match = _PART.match(part.strip())
        if match is None or f"{match[1]}_ms" in found:
            raise BadRequest(
                "Write the limits in ms, each once: ttft:200,tpot:50,e2el:5000.", param="goodput"
            )
        found[f"{match[1]}_ms"] = float(match[2])
    return Limits(**found)


def _within(value: float | None, limit: float | None) -> bool:
    return value is None or limit is None or value <= limit
