"""What actions on batches answer."""

from appliance.domain.results.base import Result


class BatchSummary(Result, frozen=True):
    """One batch. ``state`` is in OpenAI's words: ``validating``, ``in_progress``, ``finalizing``,
    ``completed``, ``failed``, ``expired``, ``cancelling`` or ``cancelled``; or ``paused``, of which its owner
    sees only that it works. ``reason`` says why it failed.

    ``completed`` and ``failed`` are of ``total`` lines; 0 lines until its file is checked. ``model`` is the
    one that its first line asks, empty where that cannot be read any more. Times in ms since 1970 UTC;
    ``ended_ms`` is None for one that is not over, which is given up at ``expires_ms``; later by as long as it
    was paused.
    """

    id: str
    person: str
    project: str
    endpoint: str
    model: str
    state: str
    total: int
    completed: int
    failed: int
    created_ms: int
    expires_ms: int
    ended_ms: int | None = None
    reason: str | None = None


class BatchList(Result, frozen=True):
    """Those that are not over, then those that are, the newest of each first. ``left_out``: how many more
    there are.
    """

    batches: tuple[BatchSummary, ...]
    left_out: int
