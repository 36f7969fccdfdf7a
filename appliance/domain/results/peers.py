"""What actions on models that labs lend each other answer. Times in ms since 1970 UTC, amounts in
micro-credits; None is without limit or end.
"""

from appliance.domain.results.base import Result


class PeerLine(Result, frozen=True):
    """A box elsewhere. ``state`` is ``asked``, ``granted``, ``denied``, ``revoked`` or ``returned``.
    ``model`` is the id under which it is listed, ``hosted`` the one that runs here. ``requests_per_day``
    0: no limit.
    """

    id: str
    box: str
    institution: str
    model: str
    hosted: str
    state: str
    purpose: str
    contact: str
    wanted_per_day: int
    wanted_days: int
    asked_ms: int
    project: str
    key: str
    limit_micro: int | None
    spent_micro: int
    left_micro: int | None
    requests_per_day: int
    until_ms: int | None
    conditions: str
    reason: str
    decided_by: str
    decided_ms: int | None


class PeerList(Result, frozen=True):
    """The oldest first."""

    peers: tuple[PeerLine, ...]


class BorrowedLine(Result, frozen=True):
    """A model elsewhere that this box asked for. ``lacks`` is why it cannot be used now; empty: it can."""

    id: str
    model: str
    organization: str
    state: str
    purpose: str
    asked_by: str
    asked_ms: int
    limit_micro: int | None
    requests_per_day: int
    until_ms: int | None
    conditions: str
    reason: str
    lacks: str
    changed_ms: int | None


class BorrowedList(Result, frozen=True):
    """The oldest first."""

    borrowed: tuple[BorrowedLine, ...]


class AccessEntry(Result, frozen=True):
    """The recipe under which others will know a model of this box, to be signed."""

    model: str
    revision: int
    organization: str
    toml: str
