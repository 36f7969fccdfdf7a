"""What changed in an answer is told, and what was told makes the same answer again."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.action import Permission
from appliance.domain.actions import ACTIONS
from appliance.domain.actor import Actor
from appliance.domain.watching import Change, RowsChange, applied, changes, is_watchable
from appliance.services.binding import is_recorded

SCALARS = st.none() | st.integers(0, 3) | st.text("ab\u2028", max_size=2) | st.booleans()
ROWS = st.lists(st.dictionaries(st.sampled_from("xy"), SCALARS, max_size=2), max_size=6)
ANSWERS = st.dictionaries(
    st.sampled_from("abcd"), SCALARS | ROWS | st.lists(SCALARS, max_size=3) | st.just({"x": {"y": 1}})
)


def rows(*numbers: int) -> list[dict[str, object]]:
    return [{"id": number, "text": f"row {number}"} for number in numbers]


@given(ANSWERS | st.none(), ANSWERS)
def test_a_change_makes_the_new_answer_of_the_old_one(old, new):
    change = changes(old, new)
    if change is None:
        assert old == new
        return
    over_the_wire = msgspec.json.decode(msgspec.json.encode(change), type=Change)
    assert applied(old, over_the_wire) == new


@given(ROWS, st.integers(0, 3), ROWS)
def test_rows_that_move_up_or_down_arrive(before, left, more):
    for old, new in ((before, before[left:] + more), (before, more + before)):
        change = changes({"rows": old}, {"rows": new})
        assert applied({"rows": old}, change or Change()) == {"rows": new}


@given(ANSWERS)
def test_nothing_is_told_where_nothing_changed(answer):
    assert changes(answer, msgspec.json.decode(msgspec.json.encode(answer))) is None


def test_the_first_change_is_all_of_it():
    assert changes(None, {"a": 1, "rows": rows(1)}) == Change(set={"a": 1, "rows": rows(1)})
    assert changes(None, {}) == Change()


def test_of_many_rows_only_the_changed_one_is_told():
    old, new = rows(*range(50)), rows(*range(50))
    new[7]["text"] = "other"
    assert changes({"rows": old}, {"rows": new}) == Change(
        rows={"rows": RowsChange(length=50, changed={7: new[7]})}
    )


@pytest.mark.parametrize(
    ("new", "shift", "told"),
    [
        (rows(2, 3, 4, 5, 6), 2, [3, 4]),
        (rows(9, 0, 1, 2, 3, 4), -1, [0]),
        (rows(0, 1, 2, 3, 4, 5), 0, [5]),
        (rows(0, 1, 2), 0, []),
        (rows(), 0, []),
    ],
    ids=["the first leave", "one comes first", "one comes last", "the last leave", "all leave"],
)
def test_rows_that_only_moved_are_not_told(new, shift, told):
    change = changes({"rows": rows(0, 1, 2, 3, 4)}, {"rows": new}).rows["rows"]
    assert (change.length, change.shift, sorted(change.changed)) == (len(new), shift, told)


def test_a_list_of_other_things_is_told_whole():
    assert changes({"a": [1, 2, 3]}, {"a": [1, 2, 4]}) == Change(set={"a": [1, 2, 4]})
    assert changes({"a": rows(1, 2)}, {"a": rows(3, 4)}) == Change(set={"a": rows(3, 4)})


@pytest.mark.parametrize(
    "change",
    [
        RowsChange(length=3),
        RowsChange(length=-1),
        RowsChange(length=2, shift=1),
        RowsChange(length=2, shift=-1),
    ],
)
def test_a_change_that_does_not_fit_is_noticed(change):
    with pytest.raises(ValueError, match="row"):
        applied({"rows": rows(1, 2)}, Change(rows={"rows": change}))


def test_what_may_be_looked_on_at_leaves_no_row_in_the_audit_log():
    watchable = [one for one in ACTIONS if is_watchable(one)]
    names = {one.name for one in watchable}
    assert {"status", "model.list", "gpu.list", "access.queue"} < names
    assert not names & {"model.run", "model.pull", "key.new", "access.show", "doctor", "audit.verify"}
    assert not any(is_recorded(one, Actor("uid 0", Permission.ADMIN)) for one in watchable)
