"""The log of decisions: who was refused what and by which rule; a flood is a number, and no word is kept."""

from dataclasses import replace

import pytest

from appliance.domain.people import Caller
from appliance.errors import BudgetExhausted, NotPermitted, Restricted, StorageUnavailable
from appliance.policy.restrictions.deciding import Change
from appliance.services.admission.gates import Asked
from appliance.services.restrictions import decisions
from appliance.services.restrictions.decisions import DecisionLog
from appliance.services.restrictions.telling import DecisionService
from tests.models.fakes import recipe
from tests.policy.restricting import request, rule

ADA = Caller("key_a", "ada", "course", "10.0.0.5")
ASKED = Asked(ADA, recipe("m"), "m", request(), 0)
REFUSAL = Restricted("`n` is 5.", restriction="tier:open@2", limit="n", waits_for="you")


class Disk:
    """``refuses`` makes it say no."""

    def __init__(self):
        self.rows = []
        self.refuses = False

    async def add(self, counts):
        if self.refuses:
            raise StorageUnavailable("The disk is full.")
        self.rows += counts

    async def list(self, *, since_ms, limit, **_where):
        return self.rows[:limit]


class Log:
    def __init__(self):
        self.told = []

    def warning(self, event, /, **fields):
        self.told.append((event, fields))


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def log(disk, clock):
    return DecisionLog(disk, clock, Log())


async def test_a_refusal_is_kept_with_its_rule_and_without_its_words(log, disk, clock):
    log.refused(ASKED, "restrictions", REFUSAL)
    await log.flush()
    ((decided, count, last_ms),) = [(one.decided, one.count, one.last_ms) for one in disk.rows]
    assert (decided.gate, decided.rule, decided.restriction) == ("restrictions", "n", "tier:open@2")
    assert (decided.key, decided.person, decided.project, decided.model) == ("key_a", "ada", "course", "m")
    assert (count, last_ms) == (1, clock.time_ms)
    assert decided.minute_ms == clock.time_ms // 60_000 * 60_000
    assert "Hello" not in repr(disk.rows)
    assert "10.0.0.5" not in repr(disk.rows)


async def test_a_flood_is_one_row_a_minute(log, disk, clock):
    for _ in range(5000):
        log.refused(ASKED, "restrictions", REFUSAL)
    clock.time_ms += 60_000
    log.refused(ASKED, "restrictions", REFUSAL)
    await log.flush()
    assert [one.count for one in disk.rows] == [5000, 1]
    await log.flush()
    assert len(disk.rows) == 2


async def test_a_flood_from_many_keys_is_bounded(log, disk, monkeypatch):
    monkeypatch.setattr(decisions, "MOST_WAITING", 3)
    for number in range(50):
        log.refused(replace(ASKED, caller=Caller(f"key_{number}", "p", "q")), "hold", NotPermitted("No."))
    await log.flush()
    assert len(disk.rows) == 4
    assert sum(one.count for one in disk.rows) == 50
    assert [one.decided.key for one in disk.rows][-1] == ""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotPermitted("No.", rule="tier"), ("tier", "")),
        (NotPermitted("No."), ("not_permitted", "")),
        (BudgetExhausted("Empty."), ("insufficient_quota", "")),
    ],
)
async def test_another_gates_rule_is_told_by_its_name_or_code(log, disk, error, told):
    log.refused(ASKED, "access", error)
    await log.flush()
    assert (disk.rows[0].decided.rule, disk.rows[0].decided.restriction) == told


async def test_lists_refuse_nothing(log, disk):
    log.refused(replace(ASKED, request=None), "access", NotPermitted("No."))
    await log.flush()
    assert disk.rows == []


async def test_a_change_of_a_request_is_kept(log, disk):
    log.changed(ASKED, Change("max_tokens", rule(max_tokens=5).restriction, "Answers are short."))
    await log.flush()
    decided = disk.rows[0].decided
    assert (decided.verdict, decided.rule, decided.restriction) == (
        "changed",
        "max_tokens",
        "tier:restricted@1",
    )


async def test_what_the_disk_refuses_is_written_later(log, disk):
    disk.refuses = True
    log.refused(ASKED, "restrictions", REFUSAL)
    await log.flush()
    assert log._log.told[0][0] == "decisions_wait"
    log.refused(ASKED, "restrictions", REFUSAL)
    disk.refuses = False
    await log.flush()
    assert [one.count for one in disk.rows] == [2]


async def test_reviewers_read_the_latest_and_are_told_that_there_is_more(log, disk, clock):
    for number in range(3):
        log.refused(replace(ASKED, caller=Caller(f"key_{number}", "p", "q")), "hold", NotPermitted("No."))
    await log.flush()
    service = DecisionService(disk, clock)
    nobody = dict.fromkeys(("person", "project", "model", "rule"))
    two = await service.list(**nobody, days=7, limit=2)
    assert ([one.key for one in two.decisions], two.more) == (["key_0", "key_1"], True)
    assert not (await service.list(**nobody, days=7, limit=3)).more
