"""Seats of a list keep their numbers; guests, initials, and what a seat is called."""

import pytest

from appliance.domain.classes import SchoolClass, Seat, SeatCaps
from appliance.domain.people import Person
from appliance.errors import BadRequest, Conflict, NotFound
from appliance.policy.classes.seats import initials, is_guest, next_guest, plan_seats, seat_of
from appliance.policy.classes.shape import MOST_SEATS
from appliance.policy.rosters.planning import Step

LESSON = SchoolClass("monday", "nlp", "Monday", "open", ("m",), SeatCaps(), 10, 1, "prof", guests=2)


def step(line, person, outcome="new", why=""):
    return Step(line, outcome, why, person and Person(person, person.title(), 1), "member")


def planned(steps, seats=(), given=None, leads=()):
    given = given or {one.line: f"id-{one.line}" for one in steps}
    return plan_seats("monday", steps, seats, given=given, leads=leads)


def outcomes(steps):
    return [(one.line, one.outcome, one.seat and (one.seat.number, one.seat.person_id)) for one in steps]


def test_seats_are_numbered_in_the_order_of_the_list():
    found = planned([step(2, "ada"), step(3, "bob", "present"), step(4, None, "skipped", "test student")])
    assert outcomes(found) == [(2, "new", (1, "ada")), (3, "joins", (2, "bob")), (4, "skipped", None)]
    assert [one.given for one in found] == ["id-2", "id-3", "id-4"]


def test_the_same_list_again_changes_nothing_and_who_comes_late_gets_the_next_numbers():
    first = planned([step(2, "ada"), step(3, "bob")])
    seats = [one.seat for one in first]
    again = planned([step(2, "ada", "present"), step(3, "bob", "present")], seats)
    assert [one.outcome for one in again] == ["present", "present"]
    assert [one.seat for one in again] == seats
    late = planned(
        [step(2, "cy"), step(3, "ada", "present"), step(4, "bob", "present")],
        seats,
        {2: "id-c", 3: "id-2", 4: "id-3"},
    )
    assert outcomes(late) == [(2, "new", (3, "cy")), (3, "present", (1, "ada")), (4, "present", (2, "bob"))]


def test_seats_that_are_there_use_up_no_numbers():
    seats = [one.seat for one in planned([step(2, "ada"), step(3, "bob")])]
    found = planned([step(2, "ada", "present"), step(3, "bob", "present"), step(4, "cy")], seats)
    assert found[-1].seat.number == 3


def test_who_is_missing_is_told_and_keeps_the_seat():
    seats = [one.seat for one in planned([step(2, "ada"), step(3, "bob")])]
    found = planned([step(2, "ada", "present")], [*seats, Seat("monday", "monday-guest-1", 9, "guest-1")])
    assert outcomes(found) == [(2, "present", (1, "ada")), (0, "missing", (2, "bob"))]


def test_another_id_or_name_in_the_list_is_a_change_and_keeps_key_and_number():
    seat = Seat("monday", "ada", 7, "old", key_id="key_1", taken_ms=5, how="list")
    (found,) = planned([step(2, "ada", "present")], [seat])
    assert found.outcome == "changed"
    assert found.seat == Seat("monday", "ada", 7, "id-2", key_id="key_1", taken_ms=5, how="list")
    (named,) = planned([step(2, "ada", "changed")], [found.seat])
    assert named.outcome == "changed"


def test_who_leads_the_course_sits_nowhere():
    (found,) = planned([step(2, "prof", "present")], leads=["prof"])
    assert (found.outcome, found.why, found.seat) == ("skipped", "leads the course", None)


def test_a_class_has_room_for_so_many():
    with pytest.raises(BadRequest, match="at most 1000"):
        planned([step(line, f"s{line}") for line in range(MOST_SEATS + 1)])


def test_guests_are_numbered_by_themselves_until_all_places_are_taken():
    seats = [Seat("monday", "ada", 1, "a")]
    for number in (1, 2):
        seat, name = next_guest(LESSON, seats)
        assert (seat.person_id, seat.number, name) == (
            f"monday-guest-{number}",
            number + 1,
            f"Guest {number}",
        )
        assert is_guest(seat)
        seats.append(seat)
    with pytest.raises(Conflict):
        next_guest(LESSON, seats)
    assert not is_guest(seats[0])


def test_a_seat_is_found_by_person_and_by_the_id_of_the_list():
    seats = [Seat("c", "ada", 1, "A-77"), Seat("c", "bob", 2, "ada"), Seat("c", "cy", 3, "x")]
    seats.append(Seat("c", "di", 4, "x"))
    assert seat_of(seats, "ada").number == 1
    assert seat_of(seats, "A-77").number == 1
    assert seat_of(seats, " a-77 ").number == 1
    with pytest.raises(Conflict):
        seat_of(seats, "x")
    with pytest.raises(NotFound):
        seat_of(seats, "nobody")


@pytest.mark.parametrize(
    ("name", "given", "letters"),
    [
        ("Ines Oakley", "io", "IO"),
        ("Ada", "x", "AD"),
        ("Jean-Luc van der Berg", "x", "JDB"),
        ("王小明", "x", "王小"),
        ("", "77001", "77"),
        ("--- ", "", ""),
        ("ßabine Özil", "", "SSÖ"),
    ],
)
def test_initials_are_two_letters_or_three(name, given, letters):
    assert initials(name, given) == letters
