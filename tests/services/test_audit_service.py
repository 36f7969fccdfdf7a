"""Looking at the log: lists, signed heads, exports that harm nobody."""

import csv
import io
import json

import pytest

from appliance.client.presenting.audit import acts, export
from appliance.domain.audit import AuditOutcome, AuditRow
from appliance.errors import BadRequest, IntegrityFailed
from appliance.policy.audit_chain import digest_of
from appliance.services.audit.service import AuditService
from appliance.services.audit.verifying import Verifier
from appliance.trust.box_key import BoxKey
from tests.services.audit_box import ADA, BOX, AuditBox, fill

pytestmark = pytest.mark.slow

HOSTILE = (
    "line\nbreak",
    "\x1b[2J\x1b]0;x\x07",
    "[/x][bold]",
    "=cmd|' /C calc'!A0",
    "+1",
    "@SUM(A1)",
    "-2",
    "\u202egnp.exe",
)


@pytest.fixture
async def box(tmp_path, clock):
    box = AuditBox(tmp_path / "data", clock)
    await box.log.open()
    yield box
    box.close()


@pytest.fixture
def key(tmp_path):
    return BoxKey.at(tmp_path / "key.pem")


@pytest.fixture
def service(box, key):
    return AuditService(box.log, box.store.audit, Verifier(box.store.audit, box.heads, BOX), key)


async def test_acts_are_listed_newest_first_and_narrowed_down(box, service, clock):
    await fill(box, 5)
    shown = await service.show_all(limit=3)
    assert ([one.seq for one in shown.acts], shown.more) == ([7, 6, 5], True)
    assert {one.action for one in (await service.show_all(action="project.set")).acts} == {"project.set"}
    assert [one.outcome for one in (await service.show_all(who="ada")).acts] == ["conflict"]
    clock.time_ms += 3 * 86_400_000
    await box.act()
    day = "2026-09-24"
    assert [one.seq for one in (await service.show_all(since=day)).acts] == [8]
    with pytest.raises(BadRequest):
        await service.show_all(since="yesterday")


async def test_a_signed_head_is_believed_and_those_of_others_are_not(box, service, tmp_path):
    await fill(box, 3)
    first, text = await service.head(), "kept on a stick\n"
    await box.act()
    text += f"{first.signed}\n{(await service.head()).signed}\n"
    verified = await service.verify(head=text)
    assert (verified.ok, verified.first_bad, verified.compared_with) == (True, None, 2)
    assert verified.rows == (await service.head()).seq + 1
    foreign = BoxKey.at(tmp_path / "other.pem").sign("audit-head+jws", await box.log.head())
    for bad in (foreign, first.signed[:-6] + "AAAAAA"):
        with pytest.raises(IntegrityFailed):
            await service.verify(head=bad)
    with pytest.raises(BadRequest):
        await service.verify(head="nothing of the kind")


async def test_an_export_in_parts_is_the_whole_chain_for_anybody_to_check(box, service):
    await fill(box, 6)
    lines, after = [], None
    while True:
        part = await service.export(after=after, limit=4)
        lines += part.lines
        after = part.next_after
        if after is None:
            break
    read = [json.loads(line) for line in lines]
    rows = [AuditRow(**one["row"]) for one in read if "row" in one]
    outcomes = [AuditOutcome(**one["outcome"]) for one in read if "outcome" in one]
    assert rows == await box.rows()
    assert sorted(outcomes, key=lambda one: one.number) == await box.outcomes()
    assert all(digest_of(one) == one.hash for one in [*rows, *outcomes])


async def test_hostile_text_does_nothing_in_lists_exports_and_spreadsheets(box, service):
    for text in HOSTILE:
        await box.act("project.new", {"project": text})
    shown = acts(await service.show_all()).columns
    cells = [cell for column in shown for cell in column.cells]
    assert not [cell for cell in cells if not cell.plain.isprintable() or cell.spans]
    lines = (await service.export()).lines
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert export(await service.export()).plain.splitlines() == list(lines)
    assert [json.loads(json.loads(line)["row"]["arguments"])["project"] for line in lines[1::2]] == list(
        HOSTILE
    )


async def test_no_cell_of_a_spreadsheet_is_a_formula(box, service):
    for text in HOSTILE:
        await box.log.note(text, text, {"about": text})
    table = await service.export(csv=True)
    read = list(csv.reader(io.StringIO("\n".join(table.lines))))
    assert len(read) == len(HOSTILE) + 2
    assert {len(row) for row in read} == {8}
    cells = [cell for row in read for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@")) or not cell.isprintable()]


async def test_a_part_of_a_spreadsheet_says_where_the_next_begins(box, service):
    await fill(box, 3)
    part = await service.export(csv=True, limit=2)
    assert (len(part.lines), part.next_after) == (3, 1)
    assert ADA.name in "".join((await service.export(csv=True, after=part.next_after)).lines)
