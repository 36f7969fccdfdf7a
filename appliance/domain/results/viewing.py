"""What ``tui`` answers."""

from appliance.domain.results.base import Result
from appliance.domain.results.box import Status


class Viewed(Result, frozen=True):
    """``shown`` is False where there was no terminal to show anything in; then ``status`` is how the box is,
    None for one that cannot be reached.
    """

    shown: bool
    status: Status | None = None
