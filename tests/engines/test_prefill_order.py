"""Whose prompt is read first when many wait."""

from appliance.engines.base import Tokens
from appliance.engines.scheduler import Scheduler
from appliance.engines.scheduler.lines import MOST_PASSED
from tests.engines.driving import work


def first_tokens(engine: Scheduler) -> list[int]:
    """The requests in the order of their first tokens."""
    order: list[int] = []
    while not engine.idle:
        for event in engine.step().events:
            if isinstance(event, Tokens) and event.id not in order:
                order.append(event.id)
    return order


def asked(number: int, owner: str):
    return work(number, "x" * 16 + str(number), max_tokens=2, owner=owner)


def test_who_has_nothing_running_is_read_before_who_has(open_fake):
    engine = open_fake(batch_tokens=16, max_sequences=32, kv_tokens=2048)
    for number in range(4):
        engine.submit(asked(number, f"holder:ada {number == 3}"))
    engine.submit(asked(10, "holder:bob"))

    # Ada's first came to an empty engine; her second and third had others running.
    assert first_tokens(engine) == [0, 3, 10, 1, 2]


def test_what_has_begun_is_not_passed(open_fake):
    engine = open_fake(batch_tokens=8, max_sequences=32, kv_tokens=2048)
    engine.submit(asked(0, "holder:ada"))
    engine.submit(asked(1, "holder:ada"))
    engine.step()  # four tokens of each
    engine.submit(asked(2, "holder:bob"))

    assert first_tokens(engine) == [0, 1, 2]


def test_nobody_is_passed_without_end(open_fake):
    engine = open_fake(batch_tokens=16, max_sequences=64, kv_tokens=4096)
    engine.submit(asked(0, "holder:ada"))
    engine.submit(asked(1, "holder:ada"))
    for number in range(2, 4 + MOST_PASSED):
        engine.submit(asked(number, f"holder:{number}"))

    order = first_tokens(engine)

    assert order.index(1) == 1 + MOST_PASSED


def test_work_of_nobody_is_read_in_the_order_it_came(open_fake):
    engine = open_fake(batch_tokens=16, max_sequences=32, kv_tokens=2048)
    for number in range(5):
        engine.submit(asked(number, ""))

    assert first_tokens(engine) == [0, 1, 2, 3, 4]
