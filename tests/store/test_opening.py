"""Opening: private files, one gateway a folder, a check of the file, and a schema that grows by steps."""

import os
import sqlite3
import stat

import pytest
from sqlite_utils import Database

from appliance.errors import Conflict, IntegrityFailed, StorageUnavailable
from appliance.store.store import Store


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_and_files_are_private(path, store):
    assert mode(path.parent) == 0o700
    assert {file.name: mode(file) for file in path.parent.iterdir()} == {
        "carrel.db": 0o600,
        "carrel.db-wal": 0o600,
        "carrel.db-shm": 0o600,
        "carrel.db.lock": 0o600,
    }


def test_a_file_that_others_could_read_is_made_private(path, clock):
    path.parent.mkdir(parents=True)
    path.touch(mode=0o644)
    Store.open(path, clock).close()
    assert mode(path) == 0o600


def test_a_second_gateway_on_the_same_folder_is_refused(path, store, clock):
    with pytest.raises(Conflict, match="carrel down"):
        Store.open(path, clock)


def test_the_folder_is_free_again_after_close(path, clock):
    for _ in range(2):
        store = Store.open(path, clock)
        store.close()
        store.close()


def test_closing_leaves_one_file_with_everything_in_it(path, clock):
    Store.open(path, clock).close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["carrel.db", "carrel.db.lock"]


def test_a_damaged_file_is_refused_and_left_as_it_is(path, clock):
    Store.open(path, clock).close()
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 4 * 4096] = os.urandom(4096)
    path.write_bytes(content)
    with pytest.raises(IntegrityFailed, match="backup"):
        Store.open(path, clock)
    assert path.read_bytes() == bytes(content)


def test_a_file_that_is_no_database_is_refused(path, clock):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database, but long enough to have a header " * 100)
    with pytest.raises(IntegrityFailed):
        Store.open(path, clock)


def test_a_refused_folder_is_not_left_locked(path, clock):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database, but long enough to have a header " * 100)
    with pytest.raises(IntegrityFailed):
        Store.open(path, clock)
    path.unlink()
    Store.open(path, clock).close()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path, clock):
    (tmp_path / "data").write_text("a file is in the way")
    with pytest.raises(StorageUnavailable, match="data folder"):
        Store.open(tmp_path / "data" / "carrel.db", clock)


def test_a_database_of_a_newer_version_is_refused(path, clock):
    Store.open(path, clock).close()
    database = Database(sqlite3.connect(path))
    database["_sqlite_migrations"].insert({"migration_set": "carrel", "name": "9999_later", "applied_at": ""})
    database.close()
    with pytest.raises(Conflict, match="newer Carrel"):
        Store.open(path, clock)


async def test_opening_again_changes_no_row(path, clock):
    first = Store.open(path, clock)
    await first.wanted_models.add("handbook-tiny")
    first.close()
    clock.time_ms += 1000
    again = Store.open(path, clock)
    assert list(await again.wanted_models.all()) == ["handbook-tiny"]
    assert [(one.id, one.created_ms) for one in await again.projects.all()] == [
        ("default", clock.time_ms - 1000)
    ]
    again.close()


async def test_every_table_of_ours_is_strict(store):
    strict = await store._reader.run(
        lambda db: {
            row["name"]: row["strict"] for row in db.query("PRAGMA table_list") if row["type"] == "table"
        }
    )
    ours = {"person", "project", "key", "released_gpu", "usage", "wanted_model"}
    ours |= {"allocation", "account", "adjustment", "budget_request"}
    ours |= {"acceptance", "access_grant"}
    ours |= {"agreement", "signature", "application", "registry_statement", "early_stage", "early_member"}
    ours |= {"membership"}
    ours |= {"incident", "declared_pattern", "tripwire"}
    ours |= {"download", "seal"}
    ours |= {"sample", "sample_seed", "sample_rate", "sample_tier", "sample_choice"}
    ours |= {"reviewer_key", "sealed", "report", "alert"}
    ours |= {"restriction", "decision"}
    ours |= {"duty_record", "duty_level", "duty_training"}
    ours |= {"audit", "audit_outcome", "usage_day"}
    ours |= {"federation_state", "federation_key", "federation_outbox", "federation_seen"}
    ours |= {"federation_notice", "federation_budget"}
    ours |= {"trusted_time", "status_list", "lease_request", "lease_revocation"}
    ours |= {"report_part", "report_tally", "report_batch", "report_record"}
    ours |= {"report_chain", "report_mark", "report_check"}
    ours |= {"registry_application"}
    ours |= {"organization_list", "shared_fetch", "owner_statement"}
    ours |= {"letter", "peer", "borrowed", "report_travel", "report_origin"}
    ours |= {"class", "class_seat", "class_key", "session", "switch"}
    ours |= {"file", "batch", "batch_line", "fidelity", "memory_measurement"}
    assert {name for name, is_strict in strict.items() if is_strict} == ours
