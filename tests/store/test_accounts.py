"""Accounts on the disk: budgets from before, a crash, days that are over, and how rows are found."""

import re

import pytest

from appliance.domain.allocation import Allocation, Scope, Window, binding
from appliance.domain.days import DAY_MS
from appliance.domain.people import Project
from appliance.domain.usage import Grouping, Meters, Outcome, ProgressMark, UsageFilter
from appliance.errors import BudgetExhausted
from appliance.store import accounts, migrations, opening, usage
from appliance.store.connection import connect_writer
from appliance.store.migrations import migrate
from appliance.store.store import Store


async def of(store, project="default"):
    found = [one for _, each in await store.allocations.standing(project) for one in each]
    return {one.allocation.scope: (one.spent_micro, one.held_micro) for one in found}


def as_it_was(path, monkeypatch):
    """A database of the version before allocations, with a request that was running."""
    path.parent.mkdir(parents=True)
    before = {name: step for name, step in migrations._STEPS.items() if name < "0014"}
    monkeypatch.setattr(migrations, "_STEPS", before)
    database = connect_writer(path)
    migrate(database, 5)
    database.executescript("""
        INSERT INTO project (id, name, created_ms) VALUES ('nlp', 'NLP', 1);
        INSERT INTO budget VALUES ('nlp', 1000, 300, 200);
        UPDATE budget SET spent_micro = 7 WHERE project_id = 'default';
        INSERT INTO key (id, name, last4, digest, person_id, project_id, created_ms)
            VALUES ('key_1', 'k', 'abcd', zeroblob(32), 'default', 'nlp', 1);
        INSERT INTO usage (request_id, key_id, person_id, project_id, model_id, recipe_revision, file_sha256,
            engine_build, started_ms, outcome, hold_gflop, gflop_of_prompt, gflop_per_token, prompt_tokens,
            completion_tokens, flop_method)
            VALUES ('req_1', 'key_1', 'default', 'nlp', 'm', 1, 'ab', 'e', 9, 'held', 200, 40, 5, 10, 4, 'f');
    """)
    database.close()
    monkeypatch.undo()


async def test_budgets_from_before_are_kept_and_what_ran_is_charged(path, clock, monkeypatch):
    as_it_was(path, monkeypatch)
    store = Store.open(path, clock)
    budget = await store.budgets.get("nlp")
    assert (budget.limit_micro, budget.spent_micro, budget.held_micro) == (1000, 300, 200)
    assert (await store.budgets.get("default")).spent_micro == 7
    assert await store.ledger.sweep() == 1
    budget = await store.budgets.get("nlp")
    assert (budget.spent_micro, budget.held_micro) == (300 + 40 + 4 * 5, 0)
    tables = await store._reader.run(lambda database: set(database.table_names()))
    assert "budget" not in tables
    store.close()


async def test_the_sweep_charges_marks_in_every_account_and_gives_back_lines(store, caller, make_hold):
    for scope in (Scope.PERSON, Scope.KEY, Scope.MODEL):
        await store.allocations.set(Allocation("", "default", scope, "", Window.DAY, 500))
    await store.ledger.reserve(make_hold("req_1", gflop=100))
    await store.ledger.reserve(make_hold("req_2", gflop=100, resumable=True))
    await store.ledger.mark([ProgressMark("req_1", 10, 3), ProgressMark("req_2", 10, 3)])
    assert set((await of(store)).values()) == {(0, 200)}
    await store.ledger.sweep()
    assert set((await of(store)).values()) == {(55, 0)}
    await store.ledger.reserve(make_hold("req_2", gflop=100, resumable=True))
    await store.ledger.release("req_2")
    assert set((await of(store)).values()) == {(55, 0)}


async def test_days_that_are_over_leave_only_their_usage_rows(store, caller, make_hold, clock):
    await store.allocations.set(Allocation("", "default", Scope.PERSON, "", Window.DAY, 500))
    for number in range(12):
        await store.ledger.reserve(make_hold(f"req_{number}", started_ms=clock.now_ms()))
        if number:
            await store.ledger.settle(f"req_{number}", Outcome.COMPLETED, Meters(gflop=9))
        clock.time_ms += DAY_MS
    days = await store._reader.run(
        lambda database: database.execute("SELECT opened_ms FROM account WHERE opened_ms > 0").fetchall()
    )
    # Those of a week, and the one that something still runs in.
    assert len(days) == 9
    await store.ledger.settle("req_0", Outcome.COMPLETED, Meters(gflop=9))
    assert (await store.budgets.get("default")).held_micro == 0


async def test_an_account_that_is_overdrawn_gives_nothing_not_even_for_nothing(store, caller, make_hold):
    await store.ledger.reserve(make_hold("req_1", gflop=10))
    await store.budgets.set_limit("default", 5)
    with pytest.raises(BudgetExhausted):
        await store.ledger.reserve(make_hold("req_2", gflop=0))


def allocation(name, scope=Scope.PERSON, subject="", window=Window.TOTAL, term=(None, None)):
    return Allocation(name, "nlp", scope, subject, window, 1, *term)


def bound(*allocations, at_ms=50):
    return [one.id for one in binding(allocations, at_ms)]


def test_the_one_for_this_very_subject_goes_before_that_for_each_in_its_own_window():
    each, own = allocation("each"), allocation("own", subject="ada")
    day = allocation("day", window=Window.DAY)
    assert bound(each, own, day) == ["own", "day"]
    assert bound(each, allocation("key", Scope.KEY)) == ["each", "key"]


def test_of_several_terms_the_running_one_binds_else_the_nearest_refuses():
    def term(name, starts, ends, **more):
        return allocation(name, window=Window.TERM, term=(starts, ends), **more)

    first, second = term("first", 0, 50), term("second", 50, 60)
    assert bound(first, second) == ["second"]
    assert bound(first, second, at_ms=49) == ["first"]
    assert bound(first, second, term("later", 90, 95), at_ms=70) == ["later"]
    assert bound(first, second, at_ms=70) == ["second"]
    assert bound(second, term("own", 0, 10, subject="ada")) == ["second"]


STATEMENTS = {
    "sums of all": usage._statement(Grouping.PERSON, UsageFilter(0))[0],
    "sums of a project": usage._statement(Grouping.DAY, UsageFilter(0, project_id="p"))[0],
    "sums of a person": usage._statement(Grouping.MODEL, UsageFilter(0, person_id="p"))[0],
    "sums of a key": usage._statement(Grouping.MODEL, UsageFilter(0, key_id="k"))[0],
    "what a request counts to": accounts._CONCERNED,
    **{
        f"{what} {scope}": sql
        for what, statements in (
            ("spent", opening._SPENT),
            ("held", opening._HELD),
            ("refunded", opening._REFUNDED),
        )
        for scope, sql in statements.items()
    },
}
NARROW = {
    "sums of all": "usage_started",
    "sums of a project": "usage_project",
    "sums of a person": "usage_person",
    "sums of a key": "usage_key",
    "what a request counts to": "allocation_standing (project_id=? AND scope=? AND subject=?)",
    "spent project": "usage_project",
    "spent person": "usage_person",
    "spent key": "usage_key",
    "spent model": "usage_project",
    **{f"held {scope}": "usage_held" for scope in Scope},
    **{f"refunded {scope}": "adjustment_project" for scope in Scope},
}


@pytest.mark.parametrize("what", STATEMENTS)
async def test_rows_are_found_by_an_index(store, what):
    sql = STATEMENTS[what]
    values = dict.fromkeys(re.findall(r":(\w+)", sql), 1)

    def query(database):
        return [row[3] for row in database.execute("EXPLAIN QUERY PLAN " + sql, values).fetchall()]

    plan = await store._reader.run(query)
    assert any(NARROW[what] in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN usage") and "usage_held" not in step
                and "usage_settled" not in step]  # fmt: skip


async def test_a_project_is_born_with_a_total_without_limit(store):
    await store.projects.add(Project("nlp", "NLP", 5))
    ((total, (account,)),) = await store.allocations.standing("nlp")
    assert (total.scope, total.window, total.limit_micro) == ("project", "total", None)
    assert (account.subject, account.spent_micro, account.left_micro) == ("nlp", 0, None)
