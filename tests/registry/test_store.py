import shutil
import sqlite3
from threading import Barrier, Event, Thread

import psycopg
import pytest

from appliance.errors import ConfigInvalid, Conflict, StorageUnavailable
from appliance.registry.store.counters import next_number
from appliance.registry.store.database import Session
from appliance.registry.store.opening import open_database
from appliance.registry.store.schema import STEPS
from appliance.registry.store.settings import kept
from tests.registry.desks import at_once

COUNT = "SELECT count(*) AS n FROM setting"
PUT = "INSERT INTO setting (name, value) VALUES (:name, :value)"


def put(name, then=None):
    def job(session: Session):
        session.run(PUT, {"name": name, "value": "x"})
        if then is not None:
            then()
        return name

    return job


def count(database):
    with database.reading() as session:
        return session.one(COUNT)["n"]


def fail():
    raise RuntimeError("on purpose")


def test_transaction_is_kept_as_a_whole_or_not_at_all(database):
    with database.transaction() as session:
        put("one")(session)
    with pytest.raises(RuntimeError), database.transaction() as session:
        put("two", fail)(session)
    assert count(database) == 1


def test_job_that_fails_takes_back_only_itself(database):
    start = Barrier(6)
    jobs = [put(f"good-{number}") for number in range(3)] + [
        put(f"bad-{number}", fail) for number in range(3)
    ]

    def at_the_start(job):
        start.wait(5)
        return database.carry_out(job)

    outcomes = at_once(*[lambda job=job: at_the_start(job) for job in jobs])
    assert outcomes[:3] == ["good-0", "good-1", "good-2"]
    assert all(isinstance(one, RuntimeError) for one in outcomes[3:])
    assert count(database) == 3


def test_jobs_that_wait_behind_another_share_one_commit(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/registry.db")
    commits = []
    database._writer.set_trace_callback(lambda sql: sql == "COMMIT" and commits.append(sql))
    inside, go_on = Event(), Event()

    def slow(session):
        inside.set()
        go_on.wait(5)
        return put("first")(session)

    first = Thread(target=database.carry_out, args=(slow,))
    first.start()
    inside.wait(5)
    others = [Thread(target=database.carry_out, args=(put(f"other-{number}"),)) for number in range(5)]
    for other in others:
        other.start()
    while len(database._group._queue) < 5:
        inside.wait(0)
    go_on.set()
    for thread in (first, *others):
        thread.join(5)
    assert count(database) == 6
    assert len(commits) == 2
    database.close()


def test_reader_sees_one_state_and_writes_nothing(database):
    with database.reading() as session:
        before = session.one(COUNT)["n"]
        database.carry_out(put("one"))
        assert session.one(COUNT)["n"] == before
    assert count(database) == 1
    with pytest.raises(StorageUnavailable), database.reading() as session:
        put("two")(session)
    assert count(database) == 1


def test_row_that_is_there_is_a_conflict(database):
    database.carry_out(put("one"))
    with pytest.raises(Conflict):
        database.carry_out(put("one"))
    database.carry_out(put("two"))


def test_statement_that_is_none_is_told_as_trouble_of_the_database(database):
    with pytest.raises(StorageUnavailable), database.transaction() as session:
        session.run("NONSENSE")


def test_numbers_are_given_out_once_each(database_url):
    first, second = open_database(database_url), open_database(database_url)
    jobs = [
        lambda one=one: [one.carry_out(lambda s: next_number(s, "box")) for _ in range(20)]
        for one in (first, second, first, second)
    ]
    numbers = sorted(number for given in at_once(*jobs) for number in given)
    assert numbers == list(range(1, 81))
    first.close()
    second.close()


def test_value_that_all_share_is_made_once(database_url):
    opened = [open_database(database_url) for _ in range(3)]
    values = at_once(
        *[
            lambda n=n, one=one: one.carry_out(lambda s: kept(s, "k", lambda: str(n)))
            for n, one in enumerate(opened)
        ]
    )
    assert len(set(values)) == 1
    for one in opened:
        one.close()


def test_opening_at_once_makes_the_tables_once(database_url):
    opened = at_once(*[lambda: open_database(database_url)] * 4)
    assert [count(one) for one in opened] == [0] * 4
    for one in opened:
        one.close()


def test_database_of_a_newer_version_is_refused(database_url):
    database = open_database(database_url)
    database.carry_out(lambda s: s.run("INSERT INTO schema_step (name) VALUES ('9999_future')"))
    database.close()
    with pytest.raises(Conflict, match="newer"):
        open_database(database_url)


def test_older_database_gets_the_steps_that_are_missing(database_url, monkeypatch):
    open_database(database_url).close()
    monkeypatch.setattr(
        "appliance.registry.store.migrating.STEPS", {**STEPS, "9000_more": "CREATE TABLE more (x BIGINT)"}
    )
    for _ in range(2):
        database = open_database(database_url)
        database.carry_out(lambda s: s.run("INSERT INTO more (x) VALUES (1)"))
        database.close()


@pytest.mark.parametrize("url", ["", "sqlite:///", "mysql://x", "registry.db", "file:///x"])
def test_other_addresses_are_refused(url):
    with pytest.raises(ConfigInvalid):
        open_database(url)


def test_sqlite_where_nothing_can_be_written_is_told(tmp_path):
    with pytest.raises(StorageUnavailable):
        open_database(f"sqlite:///{tmp_path}/missing/registry.db")


def test_what_was_committed_survives_the_process(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/registry.db")
    database.carry_out(put("one"))
    # As after a power cut: the file and its log as they are on the disk at this moment.
    shutil.copytree(tmp_path, tmp_path / "copy", dirs_exist_ok=True, ignore=shutil.ignore_patterns("copy"))
    database.close()
    with sqlite3.connect(tmp_path / "copy" / "registry.db") as copied:
        assert copied.execute("SELECT count(*) FROM setting").fetchone() == (1,)
        assert copied.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    copied.close()


def test_sqlite_syncs_at_each_commit(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/registry.db")
    with database.transaction() as session:
        assert session.one("PRAGMA synchronous")["synchronous"] == 2
        assert session.one("PRAGMA foreign_keys")["foreign_keys"] == 1
    database.close()


@pytest.mark.slow
def test_postgres_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StorageUnavailable) as told:
        open_database(f"postgresql://somebody:hunter2@/none?host={tmp_path}")
    assert "hunter2" not in str(told.value)


@pytest.mark.slow
def test_connection_that_postgres_has_ended_is_replaced(postgres):
    url = postgres.fresh()
    database = open_database(url)
    database.carry_out(put("one"))
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
    assert count(database) == 1
    database.close()


@pytest.mark.slow
def test_transactions_that_lock_each_other_out_are_tried_again(postgres):
    database = open_database(postgres.fresh())
    for name in ("a", "b"):
        database.carry_out(put(name))
    both = Barrier(2, timeout=60)
    tries = []

    def crossing(first, second):
        def job(session):
            tries.append(first)
            session.run("UPDATE setting SET value = 'y' WHERE name = :name", {"name": first})
            if len(tries) <= 2:
                both.wait()
            session.run("UPDATE setting SET value = 'y' WHERE name = :name", {"name": second})
            return "done"

        return lambda: database.carry_out(job)

    try:
        assert at_once(crossing("a", "b"), crossing("b", "a")) == ["done", "done"]
    finally:
        database.close()
    # Three where the one let through wakes up in time, which is its machine's affair.
    assert len(tries) > 2
