"""Statements of the registry about this lab's models: taken in, kept, and believed again at each look."""

from dataclasses import replace

import msgspec
import pytest

from appliance.errors import BadRequest, IntegrityFailed
from appliance.federation.protocol.kinds import STATEMENT
from appliance.federation.protocol.statements import OwnerStatementClaims, StatementLine
from appliance.services.federation.ports import Item
from appliance.services.sharing.statements import StatementReceiver, StatementShowing
from tests.admin.fake_box import SilentLog

LINE = StatementLine(
    model="lab-a.own", boxes=2, institutions=1, requests=10, input_tokens=20, output_tokens=30, gflop=40
)


class KeptInMemory:
    def __init__(self):
        self.rows = {}

    async def add(self, one):
        self.rows.setdefault(one.id, one)

    async def newest(self, most, month=""):
        found = [one for one in self.rows.values() if one.first_day.startswith(month)]
        return sorted(found, key=lambda one: one.first_day, reverse=True)[:most]


@pytest.fixture
def kept():
    return KeptInMemory()


def item_of(lab, registry, month="2026-10", lines=(LINE,), **changed) -> Item:
    claims = OwnerStatementClaims(
        iss="registry",
        sub=lab.box.id,
        jti=f"stm_{month}",
        iat=registry.clock.now_s(),
        organization="lab-a",
        first_day=f"{month}-01",
        last_day=f"{month}-28",
        lines=lines,
    )
    claims = msgspec.structs.replace(claims, **changed)
    token = registry.key.sign(STATEMENT, claims)
    return Item(STATEMENT, token, msgspec.json.encode(claims), registry.key.public.id)


async def taken(lab, kept, *items):
    receiver = StatementReceiver(kept, lab.box, SilentLog())
    for item in items:
        await receiver.take(item)


async def shown(registry, kept, month=None, limit=12):
    return (await StatementShowing(kept, registry).received(month=month, limit=limit)).statements


async def test_statement_is_kept_once_and_shown_newest_first(lab, registry, kept):
    first, second = item_of(lab, registry), item_of(lab, registry, "2026-11")
    await taken(lab, kept, first, second, first)
    told = await shown(registry, kept)
    assert [one.first_day for one in told] == ["2026-11-01", "2026-10-01"]
    assert (told[0].lines[0].model, told[0].lines[0].requests) == ("lab-a.own", 10)
    assert told[0].registry == registry.key.public.id
    assert [one.first_day for one in await shown(registry, kept, "2026-10")] == ["2026-10-01"]
    assert len(await shown(registry, kept, limit=1)) == 1


async def test_few_people_are_told_as_nothing(lab, registry, kept):
    few = msgspec.structs.replace(LINE, requests=None, input_tokens=None, output_tokens=None, gflop=None)
    await taken(lab, kept, item_of(lab, registry, lines=(few,)))
    (one,) = await shown(registry, kept)
    assert (one.lines[0].boxes, one.lines[0].requests, one.lines[0].gflop) == (2, None, None)


@pytest.mark.parametrize(
    "changed",
    [{"organization": "lab-b"}, {"lines": (msgspec.structs.replace(LINE, model="lab-b.own"),)}],
)
async def test_statement_about_others_is_refused(lab, registry, kept, changed):
    with pytest.raises(IntegrityFailed, match=r"another organization|not this organization's"):
        await taken(lab, kept, item_of(lab, registry, **changed))
    assert await shown(registry, kept) == ()


async def test_statement_of_another_shape_is_refused(lab, registry, kept):
    item = replace(item_of(lab, registry), payload=b'{"iss": "registry"}')
    with pytest.raises(IntegrityFailed, match="another shape"):
        await taken(lab, kept, item)


async def test_row_that_somebody_changed_is_not_shown(lab, registry, kept, box):
    forged = item_of(lab, registry)
    await taken(lab, kept, replace(forged, token=box.key.sign(STATEMENT, LINE)))
    assert await shown(registry, kept) == ()


async def test_month_is_written_as_a_month(registry, kept):
    with pytest.raises(BadRequest, match="2026-10"):
        await shown(registry, kept, "October")
