"""The checker of the books: it must find each kind of fault, or the loops above it prove nothing."""

import pytest

from tests.durability.history import Books, Fate, Row, Told, disagreements

ACKNOWLEDGED = Told("req_1", Fate.ACKNOWLEDGED, 10, 5)
ROW = Row("req_1", "completed", 10, 5, 70)


def books(*rows, limit=None, spent=70, held=0):
    return Books(rows, limit, spent, held)


def test_books_that_say_what_clients_were_told_agree():
    history = [
        ACKNOWLEDGED,
        Told("req_2", Fate.REFUSED),
        Told(None, Fate.UNKNOWN),
        Told("req_3", Fate.UNKNOWN),
    ]
    rows = (ROW, Row("req_3", "crashed", 10, 2, 30))
    assert disagreements(history, books(*rows, limit=100, spent=100)) == []


@pytest.mark.parametrize(
    ("fault", "history", "ledger"),
    [
        ("is lost", [ACKNOWLEDGED], books(spent=0)),
        ("is crashed", [ACKNOWLEDGED], books(Row("req_1", "crashed", 10, 5, 70))),
        ("told (10, 5), stored (10, 4)", [ACKNOWLEDGED], books(Row("req_1", "completed", 10, 4, 70))),
        ("2 times row", [ACKNOWLEDGED], books(ROW, ROW, spent=140)),
        ("2 times acknowledgement", [ACKNOWLEDGED, ACKNOWLEDGED], books(ROW)),
        ("refused and charged", [Told("req_1", Fate.REFUSED)], books(ROW)),
        ("rows are held", [], books(Row("req_1", "held", 0, 0, 0), spent=0, held=9)),
        ("micro-credits", [], books(spent=0, held=9)),
        ("rows sum to 70, the account says 69", [], books(ROW, spent=69)),
        ("spent 70 of 60", [], books(ROW, limit=60)),
    ],
)
def test_the_checker_finds(fault, history, ledger):
    assert any(fault in problem for problem in disagreements(history, ledger))
