"""Again and again SIGKILL under thirty-two clients: the books say what clients were told."""

import random

import pytest

from tests.durability.books import read_books
from tests.durability.history import Fate, disagreements
from tests.durability.kill_loop import kill_loop
from tests.durability.ledger_box import LedgerBox
from tests.long_form import rounds


async def killed(tmp_path, kills):
    box = LedgerBox(tmp_path)
    history = await kill_loop(box, box.client, rounds=kills, chance=random.Random(kills))
    return history, await read_books(box.database)


@pytest.mark.slow
async def test_three_kills_lose_nothing(tmp_path):
    history, books = await killed(tmp_path, 3)
    assert disagreements(history, books) == []
    assert {one.fate for one in history} == {Fate.ACKNOWLEDGED, Fate.UNKNOWN}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_many_kills_lose_nothing_and_count_nothing_twice(tmp_path):
    """Fifty in the long form, else a quarter of them."""
    kills = rounds(50)
    history, books = await killed(tmp_path, kills)
    assert disagreements(history, books) == []
    assert sum(one.fate is Fate.ACKNOWLEDGED for one in history) > 20 * kills
    assert {row.outcome for row in books.rows} == {"completed", "crashed"}


async def test_a_ledger_that_forgets_a_row_is_noticed(tmp_path):
    history, books = await killed(tmp_path, 1)
    forgetful = type(books)(books.rows[1:], books.limit_micro, books.spent_micro, books.held_micro)
    assert disagreements(history, forgetful)
