"""A smaller version of ``scripts/eval_tripwires.py``: misuse is seen, and work that looks like it is not held
against anybody.
"""

from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[3] / "scripts"
SEED = 101
"""No threshold and no pattern was chosen with this one."""


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import eval_tripwires
    import tripwire_sets

    return eval_tripwires, tripwire_sets


@pytest.mark.slow
@pytest.mark.parametrize("held_out", [False, True], ids=["tuned", "held out"])
async def test_planted_misuse_is_seen_and_declared_work_stays_a_note(scripts, held_out):
    evaluation, sets = scripts
    made = sets.make_sets(SEED, held_out=held_out, small=True)
    found = [await evaluation.replay(one) for one in made if one.goal]
    caught = [one for one in found if one.goal == "caught"]
    benign = [one for one in found if one.goal == "note"]
    assert len(caught) == 6
    assert len(benign) == 4
    assert {one.name: (one.seen, one.guilty) for one in caught} == {
        one.name: (one.guilty, one.guilty) for one in caught
    }
    assert {one.name: one.above_note for one in benign} == {one.name: 0 for one in benign}


@pytest.mark.slow
async def test_without_a_declaration_the_same_work_is_noticed(scripts):
    """Else a goal of no false incidents would be held by looking at nothing."""
    evaluation, sets = scripts
    made = sets.make_sets(SEED, small=True)
    studies = [one for one in made if "undeclared" in one.name and "study" in one.name]
    undeclared = [await evaluation.replay(one) for one in studies]
    assert len(undeclared) == 2
    assert all(one.above_note for one in undeclared)
