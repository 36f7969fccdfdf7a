"""Numbers about few people are folded, and nothing that is told gives them away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.reporting import Ran, Sums, TallyRow
from appliance.policy.reporting.cells import cells_of
from appliance.policy.reporting.suppressing import suppressed, told_users

CHAT = Ran("demo", 1, "ab" * 32, "llama.cpp", "chat", "mm-v1")
EMBEDDING = Ran("demo", 1, "ab" * 32, "llama.cpp", "embedding", "mm-v1")


def rows(project, people, *, ran=CHAT, requests=1, refused=0):
    return [
        TallyRow(
            f"{project}-{number}",
            project,
            ran,
            Sums(requests=requests, refused_budget=refused, gflop=7),
            9,
            17,
        )
        for number in range(people)
    ]


def told(*groups, purpose=lambda _project: "research"):
    every = [row for group in groups for row in group]
    cells = cells_of(every, group_of=str, purpose_of=purpose, lease_of=lambda _model: "")
    return suppressed(cells, least=10, other="other")


def shown(cells):
    return {(one.group, one.ran.op): (one.sums.requests, told_users(one, 10)) for one in cells}


def test_a_group_of_nine_and_its_complement():
    """n<10 and its complement: nine are folded, and so is the smallest group beside them that hides them."""
    cells = told(rows("big", 30), rows("middle", 12), rows("small", 9))
    assert shown(cells) == {("big", "chat"): (30, 30), ("other", "chat"): (21, 21)}


def test_a_group_of_ten_is_shown():
    assert shown(told(rows("ten", 10))) == {("ten", "chat"): (10, 10)}
    assert shown(told(rows("nine", 9))) == {("other", "chat"): (9, 0)}


def test_two_small_groups_that_hide_each_other_leave_the_big_one_alone():
    cells = told(rows("big", 30), rows("a", 6), rows("b", 7))
    assert shown(cells) == {("big", "chat"): (30, 30), ("other", "chat"): (13, 13)}


def test_two_small_groups_of_too_few_together_take_a_third_with_them():
    cells = told(rows("big", 30), rows("middle", 11), rows("a", 2), rows("b", 3))
    assert shown(cells) == {("big", "chat"): (30, 30), ("other", "chat"): (16, 16)}


def test_the_same_person_in_two_projects_counts_once_in_other():
    same = [TallyRow("ada", project, CHAT, Sums(requests=1), 1, 1) for project in ("a", "b")]
    cells = told(rows("big", 12), same, rows("c", 8))
    assert shown(cells) == {("other", "chat"): (22, 21)}


def test_where_nobody_is_left_to_hide_among_no_number_of_people_is_told():
    assert shown(told(rows("a", 2), rows("b", 3))) == {("other", "chat"): (5, 0)}


def test_operations_and_purposes_are_folded_each_by_itself():
    cells = told(rows("a", 12), rows("a", 3, ran=EMBEDDING), rows("b", 2, ran=EMBEDDING))
    assert shown(cells) == {("a", "chat"): (12, 12), ("other", "embedding"): (5, 0)}
    kinds = {"class": "course"}
    apart = told(rows("class", 20), rows("lab", 3), purpose=lambda name: kinds.get(name, "research"))
    assert {(one.group, one.purpose): one.sums.requests for one in apart} == {
        ("class", "course"): 20,
        ("other", "research"): 3,
    }


def test_people_who_were_only_refused_make_no_group_of_users():
    cells = told(rows("a", 3), rows("a-", 0), rows("b", 14, requests=0, refused=2))
    by_group = {one.group: one for one in cells}
    assert set(by_group) == {"other"}
    assert (by_group["other"].sums.refused_budget, told_users(by_group["other"], 10)) == (28, 0)


def test_hours_are_the_first_and_the_last_of_all_in_it():
    early = [TallyRow(f"e{n}", "a", CHAT, Sums(requests=1), 2, 3) for n in range(6)]
    late = [TallyRow(f"l{n}", "a", CHAT, Sums(requests=1), 20, 23) for n in range(6)]
    (cell,) = told(early, late)
    assert (cell.first_hour, cell.last_hour) == (2, 23)


@given(st.lists(st.integers(1, 25), min_size=1, max_size=12))
def test_no_group_of_few_is_ever_named_and_nothing_is_lost(sizes):
    cells = told(*(rows(f"p{number}", size) for number, size in enumerate(sizes)))
    named = [one for one in cells if one.group != "other"]
    assert all(len(one.users) >= 10 for one in named)
    assert sum(one.sums.requests for one in cells) == sum(sizes)
    folded = [size for number, size in enumerate(sizes) if f"p{number}" not in {one.group for one in named}]
    assert folded == [] or len(folded) > 1 or named == []
    assert folded == [] or sum(folded) >= 10 or named == []


@pytest.mark.parametrize("missing", [None, 5])
def test_what_nobody_measured_stays_unknown(missing):
    some = [TallyRow(f"x{n}", "a", CHAT, Sums(requests=1, energy_mj=missing), 1, 1) for n in range(12)]
    (cell,) = told(some)
    assert cell.sums.energy_mj == (None if missing is None else 60)
