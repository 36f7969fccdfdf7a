"""Fifty times SIGKILL under thirty-two clients: the books say what clients were told."""

import random

import pytest

from tests.durability.books import read_books
from tests.durability.history import Fate, disagreements
from tests.durability.kill_loop import kill_loop
from tests.durability.ledger_box import LedgerBox


async def killed(tmp_path, rounds):
    box = LedgerBox(tmp_path)
    history = await kill_loop(box, box.client, rounds=rounds, chance=random.Random(rounds))
    return history, await read_books(box.database)


async def test_three_kills_lose_nothing(tmp_path):
    history, books = await killed(tmp_path, 3)
    assert disagreements(history, books) == []
    assert {one.fate for one in history} == {Fate.ACKNOWLEDGED, Fate.UNKNOWN}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_fifty_kills_lose_nothing_and_count_nothing_twice(tmp_path):
    history, books = await killed(tmp_path, 50)
    assert disagreements(history, books) == []
    assert sum(one.fate is Fate.ACKNOWLEDGED for one in history) > 1000
    assert {row.outcome for row in books.rows} == {"completed", "crashed"}


async def test_a_ledger_that_forgets_a_row_is_noticed(tmp_path):
    history, books = await killed(tmp_path, 1)
    forgetful = type(books)(books.rows[1:], books.limit_micro, books.spent_micro, books.held_micro)
    assert disagreements(history, forgetful)
