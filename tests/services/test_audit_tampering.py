"""Whoever changes the log behind its back is found out, and the first row that is wrong is named."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.services.audit_box import AuditBox, Intruder, copied, fill
from tests.services.conftest import StillClock

pytestmark = pytest.mark.slow

TEXTS = ("actor", "permission", "origin", "action", "arguments", "outcomes_hash", "prev_hash", "hash")
NUMBERS = ("at_ms", "outcomes")
LAST = 11
"""The last row of what ``fill`` writes."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A log that is closed and whole: its folder, and its rows' and outcomes' numbers."""
    folder = tmp_path_factory.mktemp("whole") / "data"

    async def write():
        box = AuditBox(folder, StillClock())
        await fill(box)
        vouched = [row.outcomes for row in await box.rows()]
        count = len(await box.outcomes())
        assert await box.verify() is None
        box.close()
        return vouched, count

    vouched, count = asyncio.run(write())
    assert len(vouched) == LAST + 1
    return folder, vouched, count


def first_bad_after(whole, *statements):
    with tempfile.TemporaryDirectory() as folder:
        data = copied(whole[0], Path(folder) / "data")
        Intruder(data).run(*statements)
        return first_bad_of(data)


def first_bad_of(data):
    async def verify():
        box = AuditBox(data, StillClock())
        try:
            fault = await box.verify()
            return None if fault is None else fault.seq
        finally:
            box.close()

    return asyncio.run(verify())


def vouching(whole, number):
    """The first row that vouches for an outcome; the last row where none does yet."""
    return next((seq for seq, outcomes in enumerate(whole[1]) if outcomes >= number), LAST)


def flip(whole, cell, at):
    """The statement that flips one bit of a cell: table, name and value of the key, column."""
    table, key, place, column = cell
    ((value,),) = Intruder(whole[0]).read(
        f"SELECT CAST({column} AS BLOB) FROM {table} WHERE {key} = ?", place
    )
    bit = at % (8 * len(value))
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {key} = ?", bytes(changed), place


PROPERTY = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ROWS = st.integers(0, LAST)


def test_a_log_that_nobody_touched_is_whole(whole):
    assert first_bad_after(whole) is None


@PROPERTY
@given(seq=ROWS, column=st.sampled_from(TEXTS), at=st.integers(0, 10_000))
def test_a_flipped_bit_of_any_text_names_its_row(whole, seq, column, at):
    assert first_bad_after(whole, flip(whole, ("audit", "seq", seq, column), at)) == seq


@PROPERTY
@given(seq=ROWS, column=st.sampled_from(NUMBERS), bit=st.integers(0, 61))
def test_a_flipped_bit_of_any_number_names_its_row(whole, seq, column, bit):
    change = f"UPDATE audit SET {column} = ({column} | ?) - ({column} & ?) WHERE seq = ?"
    assert first_bad_after(whole, (change, 1 << bit, 1 << bit, seq)) == seq


@PROPERTY
@given(first=ROWS, count=st.integers(1, 4))
def test_rows_that_were_deleted_are_missed(whole, first, count):
    span = (first, first + count - 1)
    statements = [
        (f"DELETE FROM {table} WHERE seq BETWEEN ? AND ?", *span) for table in ("audit_outcome", "audit")
    ]
    assert first_bad_after(whole, *statements) == first


@PROPERTY
@given(rows=st.lists(ROWS, min_size=2, max_size=2, unique=True))
def test_rows_that_changed_places_name_the_first_of_them(whole, rows):
    one, other = rows
    moves = [(1000, one), (one, other), (other, 1000)]
    statements = [("PRAGMA foreign_keys = 0",)]
    statements += [("UPDATE audit SET seq = ? WHERE seq = ?", to, at) for to, at in moves]
    assert first_bad_after(whole, *statements) == min(rows)


@PROPERTY
@given(at=ROWS)
def test_a_row_that_was_put_in_is_named(whole, at):
    statements = [
        ("UPDATE audit SET seq = -seq - 1000 WHERE seq >= ?", at),
        ("UPDATE audit SET seq = -seq - 999 WHERE seq < 0",),
        (
            """INSERT INTO audit SELECT ?, at_ms, 'nobody', permission, origin, action, arguments, outcomes,
            outcomes_hash, prev_hash, hash FROM audit WHERE seq = ?""",
            at,
            at + 1,
        ),
    ]
    statements.insert(0, ("PRAGMA ignore_check_constraints = 1",))
    assert first_bad_after(whole, *statements) == at


@PROPERTY
@given(
    number=st.integers(1, LAST),
    column=st.sampled_from(("outcome", "prev_hash", "hash")),
    at=st.integers(0, 999),
)
def test_an_outcome_that_was_changed_names_the_row_that_vouches_for_it(whole, number, column, at):
    assert whole[2] == LAST
    bad = first_bad_after(whole, flip(whole, ("audit_outcome", "number", number, column), at))
    assert bad == vouching(whole, number)


@PROPERTY
@given(number=st.integers(1, LAST))
def test_an_outcome_that_was_deleted_names_the_row_that_vouches_for_it(whole, number):
    bad = first_bad_after(whole, ("DELETE FROM audit_outcome WHERE number = ?", number))
    assert bad == vouching(whole, number)


@PROPERTY
@given(length=st.integers(0, LAST))
def test_a_log_that_was_cut_short_names_the_first_row_that_is_gone(whole, length):
    statements = [(f"DELETE FROM {table} WHERE seq >= ?", length) for table in ("audit_outcome", "audit")]
    assert first_bad_after(whole, *statements) == length


@pytest.mark.parametrize("column", TEXTS)
def test_one_flipped_bit_in_every_byte_of_a_row_names_it(whole, column):
    ((size,),) = Intruder(whole[0]).read(f"SELECT length({column}) FROM audit WHERE seq = 5")
    for byte in range(size):
        assert first_bad_after(whole, flip(whole, ("audit", "seq", 5, column), 8 * byte + byte % 8)) == 5


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=ROWS, at=st.integers(0, 64 * 8 - 1))
def test_a_bit_that_the_disk_flips_in_the_file_itself_names_its_row(whole, seq, at):
    ((row_hash,),) = Intruder(whole[0]).read("SELECT hash FROM audit WHERE seq = ?", seq)
    with tempfile.TemporaryDirectory() as folder:
        data = copied(whole[0], Path(folder) / "data")
        content = bytearray((data / "carrel.db").read_bytes())
        # The hash of a row is in the file twice: in its own row, and in the row behind it.
        place = content.find(row_hash.encode())
        assert place >= 0
        content[place + at // 8] ^= 1 << at % 8
        (data / "carrel.db").write_bytes(content)
        bad = first_bad_of(data)
    assert bad in {seq, seq + 1}
