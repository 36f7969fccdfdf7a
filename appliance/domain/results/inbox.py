"""What waits for somebody, as ``inbox`` answers it."""

from appliance.domain.results.base import Result


class InboxArgument(Result, frozen=True):
    """One argument of the action that a row leads to, where its value is known."""

    name: str
    value: str | int | bool


class InboxRow(Result, frozen=True):
    """One thing that somebody has to do or to know.

    ``kind`` is one of ``domain.inbox.Kind``, ``id`` what the thing is called within its kind. ``text`` is
    one sentence that says who waits for what. ``urgency`` is ``now``, ``soon`` or ``note``. ``action`` is
    the name of the action of the table that decides it or tells more, with the arguments that are known;
    what is missing of them is the decision itself. ``since_ms`` is None where nobody knows since when it
    waits. ``project`` and ``person`` are ids, empty where it is nobody's.
    """

    kind: str
    id: str
    text: str
    since_ms: int | None
    urgency: str
    action: str
    arguments: tuple[InboxArgument, ...] = ()
    project: str = ""
    person: str = ""


class Inbox(Result, frozen=True):
    """The most urgent first, the oldest of those first. ``left_out``: how many more there are."""

    rows: tuple[InboxRow, ...]
    left_out: int
