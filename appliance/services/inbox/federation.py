"""What the registry and other labs want or say. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from appliance.domain.days import DAY_MS
from appliance.domain.federation import KeptNotice, OutboxRow
from appliance.domain.inbox import Kind, Urgency
from appliance.domain.peers import Peer
from appliance.domain.reporting import SpotRequest
from appliance.domain.results import InboxRow
from appliance.services.inbox.rows import row, said

NEWS_MS: Final = 14 * DAY_MS
"""For which a notice is news: nobody says that they have read it."""


def notices(kept: Iterable[KeptNotice], now_ms: int) -> Iterator[InboxRow]:
    """The newest."""
    for one in kept:
        if now_ms - one.taken_ms < NEWS_MS:
            yield row(
                Kind.NOTICE,
                one.id,
                f"The registry says: {said(one.text)}",
                urgency=Urgency.NOTE,
                action="fed.notices",
                since_ms=one.taken_ms,
            )


def checks(asked: Iterable[SpotRequest]) -> Iterator[InboxRow]:
    """Those that nobody has decided on."""
    for one in asked:
        if one.state == "open":
            yield row(
                Kind.CHECK,
                one.id,
                f"The registry asks to be shown {len(one.leaves)} rows of report {one.seq}: "
                f"{said(one.reason)}",
                urgency=Urgency.SOON,
                action="fed.check",
                given={"id": one.id},
                since_ms=one.came_ms,
            )


def share_requests(peers: Iterable[Peer]) -> Iterator[InboxRow]:
    """Boxes of other labs that ask for a model of this one."""
    for one in peers:
        if one.state == "asked":
            yield row(
                Kind.SHARE_REQUEST,
                one.id,
                f"A box of {said(one.institution)} asks to use {one.hosted}: {said(one.purpose)}",
                urgency=Urgency.SOON,
                action="share.decide",
                given={"id": one.id},
                since_ms=one.asked_ms,
            )


def refused_messages(refused: Iterable[OutboxRow]) -> Iterator[InboxRow]:
    """What the registry would not take; it is kept until somebody sends it again or gives it up."""
    for one in refused:
        yield row(
            Kind.MESSAGE_REFUSED,
            one.id,
            f"The registry does not take {said(one.summary) or one.kind}: {said(one.problem)}.",
            urgency=Urgency.SOON,
            action="fed.resend",
            given={"id": one.id},
            since_ms=one.made_ms,
        )
