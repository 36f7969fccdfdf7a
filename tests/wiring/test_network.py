"""What turns the one switch: the setting, and classes as the book has them at this moment."""

import msgspec
import pytest

from appliance.domain.classes import SchoolClass, SeatCaps
from appliance.services.classes.book import ClassBook
from appliance.wiring.network import turned_by
from tests.config.conftest import machine  # noqa: F401 - a fixture
from tests.services.conftest import StillClock

HOUR_MS = 3_600_000


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def book(clock):
    return ClassBook(clock)


def lesson(clock, mode, **more):
    now_ms = clock.now_ms()
    given = {"ends_ms": now_ms + HOUR_MS, "opened_ms": now_ms - 5, **more}
    return SchoolClass(
        "latin", "latin", "Latin", mode, ("m",), SeatCaps(), created_ms=1, created_by="ann", **given
    )


def test_a_class_of_the_mode_offline_keeps_the_box_silent_from_its_opening_to_its_end(machine, book, clock):  # noqa: F811
    network = turned_by(machine.load(), book)
    book.put_class(lesson(clock, "offline", opened_ms=None))
    assert not network.switch.offline
    book.put_class(lesson(clock, "offline"))
    assert network.switch.because() == (
        "The class latin goes on, for which it is; `carrel class close latin` ends that.",
    )
    assert network.switch.since_ms == clock.now_ms() - 5
    book.put_class(lesson(clock, "offline", paused_ms=clock.now_ms()))
    assert network.switch.offline
    clock.time_ms += HOUR_MS
    assert not network.switch.offline


@pytest.mark.parametrize(("mode", "exam"), [("open", ""), ("exam", "class latin"), ("offline", "")])
def test_a_class_of_the_mode_exam_is_an_exam_and_keeps_nobody_silent(machine, book, clock, mode, exam):  # noqa: F811
    network = turned_by(machine.load(), book)
    book.put_class(lesson(clock, mode))
    assert (network.exam(), network.switch.offline) == (exam, mode == "offline")


def test_the_settings_count_without_any_class(machine, book):  # noqa: F811
    settings = msgspec.structs.replace(machine.load(), offline=True, exam=True)
    network = turned_by(settings, book, began_ms=7)
    assert (network.exam(), network.switch.offline, network.switch.since_ms) == ("setting `exam`", True, 7)
