"""What actions on the offline switch answer."""

from appliance.domain.results.base import Result


class WaitingOutside(Result, frozen=True):
    """Something that waits for the network. ``what`` is one of a few words (``sync``, ``usage reports``,
    ``letters``, ``downloads``, ``catalogs``, ``alerts``, ``applications``), ``count`` how many, ``next`` what
    becomes of it, in a sentence.
    """

    what: str
    count: int
    oldest_ms: int | None
    next: str


class OfflineState(Result, frozen=True):
    """Whether the box asks nobody outside. ``because`` says for each reason in a sentence (the setting, the
    switch, a class); ``since_ms`` is when it began.
    """

    offline: bool
    since_ms: int | None
    because: tuple[str, ...]
    waits: tuple[WaitingOutside, ...]
