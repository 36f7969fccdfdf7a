"""What is done is written down first, and how it ended afterwards."""

import asyncio
import json
import sqlite3

import pytest

from appliance.domain.actions import action
from appliance.domain.audit import BEGUN
from appliance.errors import Conflict, StorageUnavailable
from appliance.policy.audit_arguments import MOST_BYTES
from appliance.services.audit.log import CUT
from tests.services.audit_box import ADA, BOX, ROOT, AuditBox, Intruder, copied, fill

pytestmark = pytest.mark.slow


@pytest.fixture
def box(tmp_path, clock):
    box = AuditBox(tmp_path / "data", clock)
    yield box
    box.close()


async def test_the_first_row_names_the_key_of_the_box(box):
    await box.log.open()
    (row,) = await box.rows()
    assert (row.seq, row.action, json.loads(row.arguments)) == (0, BEGUN, {"key": BOX})
    await box.log.open()
    assert len(await box.rows()) == 1


async def test_an_act_says_who_did_what_from_where_and_how_it_ended(box):
    await box.log.open()
    await box.act("key.revoke", {"id": "key_7"}, ADA)
    (found,) = await box.store.audit.newest(action="key.revoke", actor=None, since_ms=0, limit=9)
    row = found.row
    assert (row.actor, row.permission, row.origin, row.arguments) == (
        "ada",
        "lead",
        "10.0.0.7",
        '{"id":"key_7"}',
    )
    assert (row.at_ms, found.outcome) == (box.clock.now_ms(), "ok")


async def test_the_row_is_on_the_disk_before_anything_is_done(box):
    await box.log.open()
    async with box.log.recording(action("key.revoke"), {"id": "key_1"}, ROOT):
        seen = Intruder(box.folder).read("SELECT max(seq), (SELECT count(*) FROM audit_outcome) FROM audit")
        assert seen == [(1, 0)]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Conflict("no"), "conflict"),
        (ValueError("a defect"), "internal_error"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
async def test_how_an_act_failed_is_noted_by_its_code(box, error, outcome):
    await box.log.open()
    with pytest.raises(type(error)):
        await box.act(error=error)
    assert [one.outcome for one in await box.outcomes()] == [outcome]


async def test_what_cannot_be_written_down_is_not_done(box, monkeypatch):
    await box.log.open()
    done = []

    async def refuse(_make):
        raise StorageUnavailable("The disk is full.")

    monkeypatch.setattr(box.store.audit, "add", refuse)
    with pytest.raises(StorageUnavailable):
        async with box.log.recording(action("key.revoke"), {"id": "key_1"}, ROOT):
            done.append(1)
    assert done == []


async def test_what_the_second_file_does_not_take_is_not_done(box):
    await box.log.open()
    (box.folder / "audit-head").unlink()
    (box.folder / "audit-head").mkdir()
    (box.folder / "audit-head" / "in the way").touch()
    with pytest.raises(StorageUnavailable, match="nothing was done"):
        await box.act()
    assert [one.outcome for one in await box.outcomes()] == []


async def test_acts_at_the_same_time_make_one_chain(box):
    await box.log.open()
    await asyncio.gather(*(box.act(given={"id": f"key_{number}"}) for number in range(30)))
    assert [row.seq for row in await box.rows()] == list(range(31))
    assert len(await box.outcomes()) == 30
    assert await box.verify() is None
    assert box.heads.current() == await box.log.head()


async def test_the_database_refuses_to_change_or_remove_rows(box):
    await fill(box, 2)
    with sqlite3.connect(box.path) as database:
        for statement in (
            "UPDATE audit SET actor = 'nobody' WHERE seq = 1",
            "DELETE FROM audit WHERE seq = 1",
            "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1",
            "UPDATE audit_outcome SET outcome = 'ok'",
            "DELETE FROM audit_outcome",
            "INSERT OR REPLACE INTO audit_outcome SELECT * FROM audit_outcome",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="not changed"):
                database.execute(statement)
    database.close()


async def test_a_box_whose_log_was_cut_short_says_so_at_its_start_and_ever_after(box, tmp_path):
    await fill(box, 2)
    box.close()
    backup = copied(box.folder, tmp_path / "backup") / "carrel.db"
    box = AuditBox(box.folder, box.clock)
    await box.act()
    await box.act()
    box.close()
    backup.replace(box.path)
    later = AuditBox(box.folder, box.clock)
    await later.log.open()
    assert (await later.rows())[-1].action == CUT
    for _ in range(5):
        await later.act()
    fault = await later.verify()
    assert (fault.seq, fault.reason) == (4, "rows to 5 were there and are not")
    (box.folder / "audit-head.lost-after-3").unlink()
    assert await later.verify() is None
    later.close()


async def test_a_missing_second_file_is_a_fault_while_the_box_runs(box):
    await fill(box, 2)
    (box.folder / "audit-head").unlink()
    assert "audit-head" in (await box.verify()).reason


async def test_a_crash_before_the_outcome_leaves_an_act_whose_end_nobody_knows(box):
    await box.log.open()
    running = box.log.recording(action("key.revoke"), {"id": "key_1"}, ROOT)
    await running.__aenter__()
    later = box.again()
    await later.log.open()
    assert await later.verify() is None
    (found,) = await later.store.audit.newest(action="key.revoke", actor=None, since_ms=0, limit=9)
    assert found.outcome is None
    later.close()


async def test_a_head_that_was_kept_elsewhere_finds_a_chain_that_was_made_anew(box, tmp_path, clock):
    await fill(box, 6)
    kept = await box.log.head()
    other = AuditBox(tmp_path / "other", clock)
    await fill(other, 9)
    assert await other.verify() is None
    fault = await other.verify(kept)
    assert fault is not None
    assert fault.seq <= kept.seq
    other.close()


async def test_a_head_that_was_kept_elsewhere_finds_what_was_cut_off_with_its_traces(box, tmp_path):
    await fill(box, 2)
    early = box.again()
    backup = copied(early.folder, tmp_path / "backup")
    await early.act()
    await early.act()
    kept = await early.log.head()
    early.close()
    (backup / "carrel.db").replace(early.path)
    (backup / "audit-head").replace(early.folder / "audit-head")
    later = AuditBox(early.folder, early.clock)
    await later.log.open()
    assert await later.verify() is None
    fault = await later.verify(kept)
    assert (fault.seq, fault.reason) == (4, "rows to 5 were there and are not")
    later.close()


async def test_what_the_box_does_by_itself_is_a_row_with_its_outcome(box):
    await box.log.open()
    await box.log.note("box", "incident.expire", {"id": "inc_1"})
    assert [(row.actor, row.action) for row in await box.rows()][1:] == [("box", "incident.expire")]
    assert [one.outcome for one in await box.outcomes()] == ["ok"]


async def test_secrets_names_and_files_are_not_in_a_row(box):
    await box.log.open()
    key = "crl_" + "A" * 33
    given = {"name": "Ada Lovelace", "project": f"nlp {key}", "text": "z" * 5000, "email": "ada@lab.example"}
    await box.act("key.new", given)
    text = (await box.rows())[-1].arguments
    assert "Ada" not in text
    assert "lab.example" not in text
    assert key not in text
    assert json.loads(text)["text"]["bytes"] == 5000
    assert len(text) < 600


async def test_arguments_are_never_longer_than_their_bound(box):
    await box.log.open()
    await box.act("key.new", {f"reason{number}": "\N{SNOWMAN}" * 900 for number in range(20)})
    await box.act("key.new", {f"reason{number}" * 20: "x" for number in range(200)})
    assert all(len(row.arguments.encode()) <= MOST_BYTES for row in await box.rows())


async def test_a_one_time_code_is_not_kept(box):
    await box.log.open()
    await box.act("fed.enroll", {"code": "crl-enroll:abc", "replaces": "b" * 43}, ADA)
    (found,) = await box.store.audit.newest(action="fed.enroll", actor=None, since_ms=0, limit=9)
    assert json.loads(found.row.arguments) == {"code": "(not kept)", "replaces": "b" * 43}


async def test_the_id_of_a_class_is_kept_and_its_list_is_not(box):
    await box.log.open()
    await box.act("class.new", {"name": "monday", "roster": "Name,Username\nAda Lovelace,ada\n"})
    told = json.loads((await box.rows())[-1].arguments)
    assert told["name"] == "monday"
    assert set(told["roster"]) == {"bytes", "sha256"}
