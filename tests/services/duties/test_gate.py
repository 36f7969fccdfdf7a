"""What a request meets: nothing, a notice with a day, or a refusal that says whom it waits for."""

from dataclasses import replace

import pytest

from appliance.domain.duties import Level
from appliance.errors import NotPermitted, StorageUnavailable
from appliance.policy.duties.table import GRACE_MS, THRESHOLDS, YEAR_MS
from appliance.services.duties.keeping import keep_looking
from tests.services.duties.duty_box import LARGE, OPERATOR, SMALL

D1, D2, D3, D4 = (row.inference_gflop + 1 for row in THRESHOLDS)


def refusal(box, **asked):
    with pytest.raises(NotPermitted) as refused:
        box.notices(**asked)
    return refused.value


def test_a_project_that_computes_little_hears_nothing(box):
    box.use(D1 // 2)
    assert box.notices() == ()


def test_a_project_that_is_not_known_hears_nothing(box):
    assert box.notices(project="elsewhere") == ()


def test_who_crosses_a_threshold_is_told_at_the_next_request_with_day_and_next_step(box):
    box.use(D1)
    (notice,) = box.notices()
    assert notice == (
        "Project nlp owes the signature under the code of conduct by 2026-10-05: it has used 1e19 FLOP this "
        "year, above 1e19, which is level D1. It waits for its lead: `POST /v1/me/agreement/sign`, or "
        "`carrel agreement sign --project nlp --person LEAD`."
    )
    assert notice.isascii()


async def test_requests_end_after_14_days_and_go_on_once_it_is_done(box):
    box.use(D1)
    await box.duties.look()
    box.clock.time_ms += GRACE_MS - 1
    assert box.notices()
    box.clock.time_ms += 1
    refused = refusal(box)
    assert refused.details == {"rule": {"name": "duties", "waits_for": "lead"}}
    assert "nothing is computed for it" in refused.message
    assert "`carrel duty show --project nlp`" in refused.message
    box.conduct.projects.add("nlp")
    assert "a description of its purpose" in refusal(box).message
    box.project(purpose="Dialects of German")
    assert box.notices() == ()


async def test_a_review_that_a_reviewer_accepts_lets_requests_go_on(box):
    box.use(D2)
    box.conduct.projects.add("nlp")
    box.project(purpose="Dialects of German")
    await box.duties.look()
    box.clock.time_ms += GRACE_MS
    assert "owes a review since 2026-09-21" in refusal(box).message
    shown = await box.recording.submit(
        project="nlp", duty="review", actor=OPERATOR, evidence="Minutes of the board"
    )
    assert refusal(box).details["rule"]["waits_for"] == "reviewer"
    await box.recording.accept(id=shown.records[0].id, actor=OPERATOR)
    assert box.notices() == ()


async def test_each_level_fires_and_each_is_told(box):
    levels = {}
    for gflop in (D1, D2 - D1, D3 - D2, D4 - D3):
        box.use(gflop)
        (notice,) = box.notices()
        levels[notice.partition("which is level ")[2][:2]] = notice
    assert list(levels) == ["D1", "D2", "D3", "D4"]


def test_other_projects_do_not_answer_for_it(box):
    box.use(D4)
    assert box.notices(project="default") == ()


async def test_a_tagged_domain_fires_at_a_tenth(box):
    box.use(D1 // 10 + 1)
    assert box.notices() == ()
    box.project(tags=("health",))
    assert "/ 10, for its domain health" in box.notices()[0]


def test_a_large_model_fires_at_a_tenth_once_it_was_used(box):
    box.use(D1 // 10 + 1)
    assert box.notices(model=SMALL) == ()
    box.use(1, SMALL)
    assert "for a model trained with more than 3.3e22" in box.notices()[0]


async def test_training_that_is_recorded_ends_requests_of_the_high_levels_at_once(box):
    box.conduct.projects.add("nlp")
    box.project(purpose="Dialects of German")
    await box.training.record(
        project="nlp",
        what="On the cluster",
        actor=OPERATOR,
        gflop=THRESHOLDS[2].training_gflop + 1,
        sequence=1,
    )
    assert "owes a publication policy" in refusal(box).message


async def test_the_days_begin_with_the_first_crossing_and_outlive_a_restart(box):
    box.use(D1)
    await box.duties.look()
    first = list(box.stored.reached.values())
    box.clock.time_ms += GRACE_MS
    box.use(D2)
    await box.duties.look()
    assert list(box.stored.reached.values())[: len(first)] == first
    assert {one.level for one in box.stored.reached.values()} == {Level.D1, Level.D2}
    box.open()
    await box.register.load()
    box.use(D2)
    assert "the signature" in refusal(box).message


async def test_what_was_reached_before_is_neither_written_again_nor_later(box):
    box.use(D1)
    await box.duties.look()
    (first,) = box.stored.reached.values()
    box.clock.time_ms += 5
    box.stored.refusal = StorageUnavailable("Nothing is written.")
    await box.duties.look()
    box.stored.refusal = None
    await box.register.reach(replace(first, reached_ms=first.reached_ms + 5))
    assert box.register.reached("nlp", first.year_ms) == {Level.D1: first.reached_ms}


async def test_a_new_year_begins_with_nothing_owed(box):
    box.use(D4, LARGE)
    await box.duties.look()
    box.clock.time_ms += YEAR_MS
    assert box.notices() == ()


async def test_levels_are_looked_at_once_a_minute_also_after_the_disk_refused(box):
    waits, logged = [], []

    class Log:
        def warning(self, event, **fields):
            logged.append((event, fields))

    async def sleep(seconds):
        waits.append(seconds)
        box.stored.refusal = None
        if len(waits) == 2:
            raise EndOfTestError

    box.use(D1)
    box.stored.refusal = StorageUnavailable("The disk is full.")
    with pytest.raises(EndOfTestError):
        await keep_looking(box.duties, sleep=sleep, log=Log())
    assert waits == [60.0, 60.0]
    assert logged == [("duties_not_looked_at", {"reason": "The disk is full."})]
    assert len(box.stored.reached) == 1


class EndOfTestError(Exception):
    pass
