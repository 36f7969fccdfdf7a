"""What ``usage`` answers."""

from appliance.domain.results.base import Result


class UsageLine(Result, frozen=True):
    """Sums over requests of one group. ``energy_mj`` (millijoules) and ``money_micro`` (millionths of the
    lab's money) are None where nothing was measured or priced.
    """

    group: str
    requests: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    gpu_ms: int
    wall_ms: int
    gflop: int
    energy_mj: int | None = None
    money_micro: int | None = None


class UsageReport(Result, frozen=True):
    """What was used since ``since_ms`` (ms since 1970 UTC); ``csv`` the same as lines for a spreadsheet,
    where it was asked for.
    """

    by: str
    since_ms: int
    lines: tuple[UsageLine, ...]
    csv: tuple[str, ...] = ()
