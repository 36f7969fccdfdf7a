"""The inbox as a whole: its order, its bounds, and what is not told to whoever may only look."""

import pytest

from appliance.domain.action import Permission
from appliance.domain.actor import Actor
from appliance.domain.inbox import MOST_ROWS, REVIEWED, Kind, Urgency
from appliance.errors import StorageUnavailable
from appliance.services.inbox.inbox import Gatherer, InboxService
from appliance.services.inbox.rows import row

READER = Actor("uid 1001", Permission.READ)
REVIEWER = Actor("rev", Permission.REVIEW, person="rev")
ROOT = Actor("uid 0", Permission.ADMIN)


def one(kind, id="1", urgency=Urgency.SOON, since_ms=None):
    return row(kind, id, "said", urgency=urgency, action="status", since_ms=since_ms)


def telling(kind, *rows, also=()):
    async def found():
        return rows

    return Gatherer(kind, found, also)


def broken(kind):
    async def found():
        raise StorageUnavailable("The disk is full.")

    return Gatherer(kind, found)


async def test_the_most_urgent_come_first_and_of_those_the_oldest():
    inbox = InboxService(
        [
            telling(Kind.ALARM, one(Kind.ALARM, "timeless"), one(Kind.ALARM, "note", Urgency.NOTE, 1)),
            telling(Kind.REPORT, one(Kind.REPORT, "late", since_ms=9), one(Kind.REPORT, "early", since_ms=2)),
            telling(Kind.STORAGE, one(Kind.STORAGE, "now", Urgency.NOW)),
        ]
    )
    told = await inbox.inbox(actor=ROOT)
    assert [found.id for found in told.rows] == ["now", "early", "late", "timeless", "note"]
    assert told.left_out == 0


async def test_what_is_over_the_bound_is_counted_and_the_least_urgent_is_left_out():
    many = [one(Kind.REPORT, str(number), since_ms=number) for number in range(MOST_ROWS)]
    inbox = InboxService(
        [telling(Kind.REPORT, *many), telling(Kind.STORAGE, one(Kind.STORAGE, "now", Urgency.NOW))]
    )
    told = await inbox.inbox(actor=ROOT)
    assert (len(told.rows), told.left_out, told.rows[0].id) == (MOST_ROWS, 1, "now")
    assert told.rows[-1].id == str(MOST_ROWS - 2)


@pytest.mark.parametrize("kind", sorted(REVIEWED))
async def test_nothing_that_reviewers_decide_is_told_to_who_may_only_look(kind):
    many = [one(kind, str(number), Urgency.NOW) for number in range(MOST_ROWS + 5)]
    inbox = InboxService([telling(kind, *many), telling(Kind.ALARM, one(Kind.ALARM, "all"))])
    told = await inbox.inbox(actor=READER)
    assert ([found.id for found in told.rows], told.left_out) == (["all"], 0)
    assert len((await inbox.inbox(actor=REVIEWER)).rows) == MOST_ROWS


async def test_what_somebody_gathers_beside_its_kind_is_looked_at_too():
    inbox = InboxService([telling(Kind.ALARM, one(Kind.APPEAL), also=(Kind.APPEAL,))])
    assert (await inbox.inbox(actor=READER)).rows == ()


async def test_a_part_that_cannot_answer_hides_nothing_of_the_others():
    inbox = InboxService([broken(Kind.SAMPLE), telling(Kind.ALARM, one(Kind.ALARM, "all"))])
    told = await inbox.inbox(actor=REVIEWER)
    assert [found.id for found in told.rows] == ["inbox/sample", "all"]
    assert "The disk is full." in told.rows[0].text


async def test_even_that_a_part_for_reviewers_cannot_answer_is_for_them_alone():
    assert (await InboxService([broken(Kind.SAMPLE)]).inbox(actor=READER)).rows == ()
