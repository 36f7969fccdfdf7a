"""Every table that names people is declared; an erased person is in none of them, an export has them all."""

import re
import sqlite3

import pytest

from appliance.domain.people import Membership, Person, Project
from appliance.domain.usage import Grouping, Meters, Outcome
from appliance.store.personal_tables import KEPT, NAMES_NOBODY, TABLES
from tests.store.personal_rows import MARK, fill, table_names

SOUNDS_PERSONAL = re.compile(
    r"person|holder|key_id|actor|_by$|^who$|email|login|owner|subject|member|label$|affiliation|user"
)
DECLARED = {table.name: table for table in TABLES}
OWN_ROWS = {"person", "audit"}
"""A person's own row; and what is kept, as ``KEPT`` says."""


async def columns_of(store):
    def query(database):
        return {
            name: [row["name"] for row in database.query("SELECT name FROM pragma_table_info(?)", (name,))]
            for name in table_names(database)
            if not name.startswith(("sqlite_", "_"))
        }

    return await store._reader.run(query)


async def test_every_column_that_may_name_somebody_is_declared(store):
    found = {
        (table, column)
        for table, columns in (await columns_of(store)).items()
        for column in columns
        if SOUNDS_PERSONAL.search(column) and table not in OWN_ROWS
    }
    declared = {(table.name, column) for table in TABLES for column in table.columns}
    declared |= {(table.name, column) for table in TABLES for column, _ in table.emptied}
    assert found - declared - set(NAMES_NOBODY) == set()
    assert {table for table, _ in found} >= {"usage", "key", "membership"}


async def test_what_is_declared_is_there(store):
    there = await columns_of(store)
    for table in TABLES:
        named = {*table.columns, *table.hidden, *(column for column, _ in table.emptied)}
        assert named <= set(there[table.name]), table.name
    assert {(table, column) for table, column in NAMES_NOBODY if column not in there[table]} == set()
    assert all(one.table in there for one in KEPT if one.table)


async def test_every_reference_to_a_person_is_declared(store):
    def query(database):
        return {
            (table, row["from"])
            for table in [
                row["name"] for row in database.query("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for row in database.query("SELECT * FROM pragma_foreign_key_list(?)", (table,))
            if row["table"] == "person"
        }

    references = await store._reader.run(query)
    assert references
    assert {(table, column) for table, column in references if column not in DECLARED[table].columns} == set()


@pytest.fixture
async def full(store):
    """A row in every table that is declared, each naming one person wherever it can."""
    await store.people.add(Person(MARK, f"name of {MARK}", 1, email=f"{MARK}@lab.example", login="ada"))
    await store._writer.run(fill)
    return store


async def dump(store):
    """Every value of every table, by table."""

    def query(database):
        return {
            name: [list(row.values()) for row in database.query(f"SELECT * FROM [{name}]")]
            for name in table_names(database)
        }

    return await store._reader.run(query)


def tables_with(text, dumped):
    return {name for name, rows in dumped.items() if any(text in str(value) for row in rows for value in row)}


async def test_an_erased_person_is_in_no_table(full):
    every = {table.name for table in TABLES} - {"sealed", "batch_line"}
    assert tables_with(MARK, await dump(full)) >= every
    before = {by: await full.usage.sums(by=by, since_ms=0) for by in (Grouping.MODEL, Grouping.PROJECT)}
    erased = await full.personal.erase_person(MARK, "erased-1", 99)
    left = await dump(full)
    assert [name for name, rows in left.items() if any(MARK in row for row in rows)] == []
    assert erased.deleted == sum(1 for table in TABLES if table.deleted)
    assert {by: await full.usage.sums(by=by, since_ms=0) for by in before} == before
    (person,) = [one for one in await full.people.all() if one.id == "erased-1"]
    assert (person.name, person.email, person.login, person.erased_ms) == ("", "", "", 99)


async def test_texts_that_the_person_wrote_are_gone(full):
    await full.personal.erase_person(MARK, "erased-1", 99)
    left = await dump(full)
    written = ("affiliation", "intended_use", "publications", "appeal", "description", "metadata", "name")
    assert {one: tables_with(f"{one} of {MARK}", left) - {"restriction"} for one in written} == {
        one: set() for one in written
    }
    assert [key.name for key in await full.keys.all()] == [""]
    assert await full.keys.usable() == []


async def test_the_guards_of_tables_that_are_only_added_to_are_back(full):
    await full.personal.erase_person(MARK, "erased-1", 99)
    for table in ("adjustment", "restriction"):
        with pytest.raises(sqlite3.IntegrityError):
            await full._writer.run(lambda database, table=table: database.execute(f"DELETE FROM {table}"))


async def test_an_export_has_every_row_and_no_secret(full):
    found = {one.table: one for one in await full.personal.export(MARK, of_key=False, limit=10)}
    assert set(found) == {table.name for table in TABLES if table.about}
    assert {one.left_out for one in found.values()} == {0}
    assert "digest" not in found["key"].columns
    assert "jwe" not in found["sealed"].columns
    assert all(len(row) == len(one.columns) for one in found.values() for row in one.rows)


async def test_an_export_of_one_project_has_what_is_of_it_and_of_none(full):
    own = await full.personal.export(MARK, of_key=False, limit=10, project="default")
    assert {one.table for one in own} == {table.name for table in TABLES if table.about}
    elsewhere = await full.personal.export(MARK, of_key=False, limit=10, project="nlp")
    assert {one.table for one in elsewhere} == {"acceptance", "early_member"}


async def test_an_export_has_nothing_of_anybody_else(full):
    await full.people.add(Person("bob", "", 1))
    assert list(await full.personal.export("bob", of_key=False, limit=10)) == []
    assert list(await full.personal.export("key_0", of_key=True, limit=10)) == []


async def test_an_export_says_how_much_it_leaves_out(full, make_hold):
    for number in range(5):
        hold = make_hold(f"req_more_{number}", caller=(await full.keys.all())[0].caller())
        await full.ledger.reserve(hold)
        await full.ledger.settle(hold.request_id, Outcome.COMPLETED, Meters(gflop=1))
    found = await full.personal.export(MARK, of_key=False, limit=2)
    (usage,) = [one for one in found if one.table == "usage"]
    assert (len(usage.rows), usage.left_out) == (2, 4)


async def test_what_was_said_with_a_key_of_nobody_goes_and_its_sums_stay(store, make_key, make_hold):
    await store.keys.add(make_key(name="key_1"), bytes(32))
    await store.keys.add(make_key("key_2"), bytes([1]) * 32)
    for number, key in enumerate(await store.keys.all()):
        await store.ledger.reserve(make_hold(f"req_{number}", caller=key.caller()))
        await store.ledger.settle(f"req_{number}", Outcome.COMPLETED, Meters(gflop=3))
    before = await store.usage.sums(by=Grouping.KEY, since_ms=0)
    assert [one.table for one in await store.personal.export("key_1", of_key=True, limit=9)] == [
        "key",
        "usage",
    ]
    await store.personal.erase_key("key_1", 7)
    assert await store.usage.sums(by=Grouping.KEY, since_ms=0) == before
    assert [(one.id, one.name, one.revoked_ms) for one in await store.keys.all()] == [
        ("key_1", "", 7),
        ("key_2", "laptop", None),
    ]


async def test_projects_and_members_of_others_are_untouched(full):
    await full.people.add(Person("bob", "Bob", 1))
    await full.projects.add(Project("nlp", "", 1))
    await full.members.put(Membership("nlp", "bob", "lead", 1))
    await full.personal.erase_person(MARK, "erased-1", 99)
    assert [(one.project_id, one.person_id) for one in await full.members.all()] == [("nlp", "bob")]
    assert "Bob" in {one.name for one in await full.people.all()}


async def test_what_is_still_running_is_counted(full, make_hold):
    assert await full.personal.unsettled("nobody") == 0
    settled = await full.personal.unsettled(MARK)
    await full.ledger.reserve(make_hold("req_running", caller=(await full.keys.all())[0].caller()))
    assert await full.personal.unsettled(MARK) == settled + 1
