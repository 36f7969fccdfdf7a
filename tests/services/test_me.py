"""What a caller is told: their own, and nobody else's."""

import pytest

from appliance.domain.me import QueueShare
from appliance.domain.model import ModelCard
from appliance.domain.people import Caller, Project
from appliance.domain.usage import Budget, Meters, UsageSum
from appliance.errors import NotAuthenticated
from appliance.services.allowance import Allowance
from appliance.services.keys import KeyService
from appliance.services.me import DAY_MS, DAYS, OwnAccounts
from appliance.services.recording import records_of


class UsageOfCallers:
    """Remembers who asked; everybody used a model that is named after the holder."""

    def __init__(self):
        self.asked = []

    async def own_sums(self, caller, since_ms):
        self.asked.append((caller, since_ms))
        return [UsageSum(f"model-of-{caller.holder}", 1, Meters(prompt_tokens=7))]


class Box:
    """Models, projects and a queue that know who asks."""

    def cards(self, caller):
        return [ModelCard(f"for-{caller.project_id}", "", 0, 64, True)]

    def project(self, project_id):
        return Project(project_id, project_id.title(), 0)

    def share(self, person):
        return QueueShare({"key_1": 3}.get(person, 0), 64, 0, 32)


@pytest.fixture
def usage():
    return UsageOfCallers()


@pytest.fixture
def allowance(clock):
    return Allowance(requests_per_minute=10, tokens_per_minute=1000, clock=clock)


@pytest.fixture
async def people(keys, directory, budgets, clock):
    """Two keys in two projects."""
    directory.put_project(Project("nlp", "NLP", 0))
    budgets.budgets["nlp"] = Budget("nlp", 100, 60, 10)
    service = KeyService(keys, directory, clock)
    issued = [
        await service.issue(name="ada's", project="default"),
        await service.issue(name="bob's", project="nlp"),
    ]
    return service, [await service.authenticate(one.secret) for one in issued], [one.secret for one in issued]


@pytest.fixture
def accounts(people, budgets, usage, allowance, clock):
    box = Box()
    return OwnAccounts(
        keys=people[0],
        projects=box,
        models=box,
        budgets=budgets,
        usage=usage,
        rates=allowance,
        queue=box,
        records=records_of(file_days=30),
        clock=clock,
    )


async def test_each_sees_the_own_numbers_and_nobody_elses(accounts, people, allowance):
    ada, bob = people[1]
    allowance.count(ada, "m")
    allowance.take(ada, "m", 400)
    hers, his = await accounts.me(ada), await accounts.me(bob)
    assert (hers.key.name, his.key.name) == ("ada's", "bob's")
    assert (hers.budget.project_id, his.budget.project_id) == ("default", "nlp")
    assert (hers.rates.requests.left, hers.rates.tokens.left) == (9, 600)
    assert (his.rates.requests.left, his.rates.tokens.left) == (10, 1000)
    assert [one.group for one in hers.usage] == [f"model-of-{ada.holder}"]
    assert [one.group for one in his.usage] == [f"model-of-{bob.holder}"]
    assert [card.id for card in his.models] == ["for-nlp"]


async def test_usage_is_of_the_last_30_days(accounts, people, usage, clock):
    await accounts.me(people[1][0])
    assert usage.asked == [(people[1][0], clock.now_ms() - DAYS * DAY_MS)]


async def test_nothing_that_is_told_holds_a_key(accounts, people):
    for caller in people[1]:
        told = repr(await accounts.me(caller))
        assert not [key for key in people[2] if key in told]


async def test_a_key_revoked_at_this_moment_is_told_nothing(accounts, people):
    with pytest.raises(NotAuthenticated):
        await accounts.me(Caller("key_unknown", "default", "default"))
    await people[0].revoke(id=people[1][0].key_id)
    with pytest.raises(NotAuthenticated):
        await accounts.me(people[1][0])


def test_how_long_files_are_kept_is_said_from_the_setting():
    assert any("or for 7 days" in one for one in records_of(file_days=7).statements)
