"""Changes worked into a result are the result of the whole answer, and leave what did not change alone."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.client.views import View
from appliance.domain.actions import action
from appliance.domain.results import PersonList, PersonSummary
from appliance.domain.watching import Change, RowsChange, changes

NAMES = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(("active", "suspended"))), max_size=8)


def people(*names: tuple[str, str]) -> PersonList:
    return PersonList(
        people=tuple(
            PersonSummary(
                id=name,
                name=name,
                state=state,
                role="user",
                email="",
                login="",
                projects=(),
                created_ms=0,
                ended_ms=None,
            )
            for name, state in names
        )
    )


def change(old: PersonList | None, new: PersonList) -> Change | None:
    return changes(None if old is None else as_json_has_it(old), as_json_has_it(new))


def as_json_has_it(answer: PersonList) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(answer))


@given(st.lists(NAMES, min_size=1, max_size=6))
def test_every_result_is_what_the_whole_answer_would_be(steps):
    view, before = View(action("person.list")), None
    for step in steps:
        now = people(*step)
        if (found := change(before, now)) is not None:
            assert view.after(found) == now
        before = now


def test_rows_that_did_not_change_stay_the_same_objects():
    view = View(action("person.list"))
    first, second = people(("a", "active"), ("b", "active")), people(("a", "active"), ("b", "suspended"))
    was = view.after(change(None, first))
    then = view.after(change(first, second))
    assert then.people[0] is was.people[0]
    assert then.people[1].state == "suspended"


@pytest.mark.parametrize(
    "wrong",
    [
        Change(set={"people": 5}),
        Change(set={"unknown": 5}),
        Change(gone=("people",)),
        Change(rows={"people": RowsChange(length=1, changed={0: {"id": 7}})}),
        Change(rows={"people": RowsChange(length=9)}),
    ],
)
def test_what_is_no_such_result_is_refused(wrong: Change):
    view = View(action("person.list"))
    view.after(change(None, people(("a", "active"))))
    with pytest.raises(ValueError, match=r"."):
        view.after(wrong)
