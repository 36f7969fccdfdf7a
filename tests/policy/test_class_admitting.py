"""Whether a seat may ask now: in sentences that a student understands."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.domain.classes import FrozenModel, SchoolClass, SeatCaps
from appliance.policy.classes.admitting import (
    AskedModel,
    exam_notice,
    refused_address,
    refused_model,
    refused_now,
    seed_of,
)

NOON = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
MINUTE_MS = 60_000


def local(at_ms):
    """A wall two hours ahead of UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=2)


def lesson(**changes):
    wanted = {
        "project_id": "nlp",
        "title": "Monday",
        "mode": "open",
        "models": ("olmo-2-7b", "handbook-tiny"),
        "caps": SeatCaps(),
        "ends_ms": NOON_MS + 60 * MINUTE_MS,
        "created_ms": NOON_MS,
        "created_by": "prof",
        "opened_ms": NOON_MS,
    }
    return SchoolClass(id="monday", **{**wanted, **changes})


def now(one, at_ms=NOON_MS):
    return refused_now(one, at_ms, local)


def test_an_open_class_is_answered():
    assert now(lesson()) is None


def test_before_its_start_a_student_is_told_when_it_opens():
    refused = now(lesson(starts_ms=NOON_MS + 10 * MINUTE_MS))
    assert refused.message == "The class has not begun: it opens at 14:10."
    assert refused.waits_for == ""


def test_a_start_on_another_day_has_its_date():
    refused = now(lesson(starts_ms=NOON_MS + 11 * 60 * MINUTE_MS, ends_ms=NOON_MS + 12 * 60 * MINUTE_MS))
    assert refused.message == "The class has not begun: it opens at 01:00 on 2026-10-02."


def test_a_class_that_nobody_opened_waits_for_its_teacher():
    refused = now(lesson(opened_ms=None))
    assert refused.message == "The class has not begun. Your teacher opens it."
    assert refused.waits_for == "lead"


def test_a_pause_is_the_teachers():
    refused = now(lesson(paused_ms=NOON_MS))
    assert refused.message.startswith("Your teacher paused the class.")
    assert refused.waits_for == "lead"


@pytest.mark.parametrize(
    ("changes", "told"), [({}, "15:00"), ({"over_ms": NOON_MS + 40 * MINUTE_MS}, "14:40")]
)
def test_after_its_end_a_student_is_told_since_when(changes, told):
    refused = now(lesson(**changes), NOON_MS + 60 * MINUTE_MS)
    assert refused.message.startswith(f"The class is over since {told}.")


def test_its_models_are_named_and_how_to_ask_them():
    refused = refused_model(lesson(), AskedModel("llama-3"))
    assert refused.message == (
        "This class uses olmo-2-7b and handbook-tiny. Ask one of them, or `class-model`."
    )
    assert refused.param == "model"
    assert refused_model(lesson(), AskedModel("handbook-tiny")) is None


def test_another_form_of_its_model_is_another_model():
    assert refused_model(lesson(), AskedModel("olmo-2-7b@q4")) is not None


@pytest.mark.parametrize(("address", "refused"), [("10.0.0.7", False), ("10.0.1.7", True), ("", False)])
def test_it_is_answered_in_its_networks_only(address, refused):
    found = refused_address(lesson(networks=("10.0.0.0/24",)), address)
    assert (found is not None) is refused


def test_an_exam_asks_nobody_elsewhere_whatever_is_listed():
    asked = AskedModel("olmo-2-7b", host="api.example.org")
    assert "stays on this box" in refused_model(lesson(mode="exam"), asked).message
    assert refused_model(lesson(), asked) is None


FROZEN = FrozenModel("olmo-2-7b", "3", "ab" * 32)


@pytest.mark.parametrize(
    ("runs", "refused"),
    [(FROZEN, False), (None, False), (FrozenModel("olmo-2-7b", "4", "ab" * 32), True)],
)
def test_in_an_exam_what_was_frozen_answers_and_nothing_else(runs, refused):
    exam = lesson(mode="exam", frozen=(FROZEN,))
    assert (refused_model(exam, AskedModel("olmo-2-7b", runs=runs)) is not None) is refused


def test_the_seed_is_an_exams_alone_and_its_notice_fits_a_header():
    assert seed_of(lesson(mode="exam", seed=7)) == 7
    assert seed_of(lesson(seed=7)) is None
    assert exam_notice(7).isascii()
    assert "seed 7" in exam_notice(7)
