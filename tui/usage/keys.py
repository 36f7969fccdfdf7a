"""Keys of the screen USAGE, each within the section that it is about."""

from typing import Final

from tui.deeds import ActionKey

KEYS: Final = (
    ActionKey("r", "fed.resend", "send again", within="outbox"),
    ActionKey("ctrl+d", "fed.drop", "give up", within="outbox"),
    ActionKey("w", "fed.lease", "want a lease", within="leases", form=True),
    ActionKey("i", "license.lease", "take a lease in", within="leases", form=True),
    ActionKey("a", "fed.check", "show the rows", within="checks", given=(("approve", True),)),
    ActionKey("r", "fed.check", "refuse", within="checks", form=True),
    ActionKey("x", "share.withdraw", "share no more", within="shared"),
    ActionKey("n", "share.request", "ask a lab", within="borrowed", form=True),
    ActionKey("x", "share.return", "give back", within="borrowed"),
    ActionKey("a", "share.decide", "grant", within="peers", given=(("grant", True),), form=True),
    ActionKey("r", "share.decide", "deny", within="peers", given=(("deny", True),), form=True),
    ActionKey("x", "share.revoke", "revoke", within="peers"),
    ActionKey("t", "statement.project", "statement", within="use", form=True),
    ActionKey("s", "fed.sync", "sync"),
    ActionKey("e", "fed.export", "export", form=True),
    ActionKey("m", "fed.import", "import", form=True),
    ActionKey("o", "fed.report", "report on or off", form=True, shown=False),
)
NEED_A_ROW: Final = frozenset(
    {"fed.resend", "fed.drop", "fed.check", "share.withdraw", "share.return", "share.decide", "share.revoke"}
)
"""Actions that are about the row under the cursor, and nothing without one."""
EXPLAINS: Final = (
    "What was used, and what of that leaves the box. tab goes through the sections: use; what leaves with "
    "the next sync, letter by letter; the outbox; leases; notices; checks; models shared, borrowed and lent. "
    "In use, g sums by something else and w looks back further; enter on a project looks into it, esc comes "
    "back. In leaves, r asks anew, t adds what a report of today would be."
)
