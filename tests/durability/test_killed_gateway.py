"""Again and again SIGKILL of the whole gateway under thirty-two HTTP clients, streaming and not."""

import random
from collections import Counter

import pytest

from tests.durability.books import read_books
from tests.durability.gateway_box import GatewayBox
from tests.durability.history import Fate, disagreements
from tests.durability.kill_loop import kill_loop
from tests.long_form import rounds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
async def box(tmp_path):
    box = GatewayBox(tmp_path)
    yield box
    await box.kill()


async def test_many_kills_lose_nothing_count_nothing_twice_and_the_next_start_settles_the_rest(box):
    """Fifty in the long form, else a quarter of them."""
    kills = rounds(50)
    history = await kill_loop(
        box, box.client, rounds=kills, acknowledged_before=60, chance=random.Random(kills)
    )

    await box.start()
    shown = box.carrel("budget", "show")
    rows = box.rows()
    assert shown["held_micro"] == 0
    assert shown["spent_micro"] == sum(row["gflop"] for row in rows)
    assert "held" not in {row["outcome"] for row in rows}
    await box.kill()

    books = await read_books(box.database)
    assert disagreements(history, books) == []
    fates = Counter(one.fate for one in history)
    assert fates[Fate.ACKNOWLEDGED] > 10 * kills
    assert fates[Fate.REFUSED] == 0
    assert {row.outcome for row in books.rows} >= {"completed", "crashed"}
