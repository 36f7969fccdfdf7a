"""Speed and time left, over the last seconds and not since the beginning."""

from appliance.services.downloads.pace import Pace


def pace(*notes):
    made = Pace()
    for now_s, here_bytes in notes:
        made.note(now_s, here_bytes)
    return made


def test_what_was_here_at_the_start_did_not_come_now():
    assert pace((0, 5000), (10, 6000)).bytes_per_s(10) == 100


def test_nobody_can_tell_from_nothing_or_a_moment():
    assert pace().bytes_per_s(5) is None
    assert pace((0, 0)).bytes_per_s(0.5) is None
    assert pace((0, 0), (0.5, 100)).eta_s(0.5, 1000) is None


def test_old_speed_is_forgotten():
    quick = [(second, second * 1000) for second in range(60)]
    slow = [(60 + second, 59_000 + second * 10) for second in range(31)]
    assert pace(*quick, *slow).bytes_per_s(90) == 10


def test_what_stands_still_gets_slower_and_takes_longer():
    still = pace((0, 0), (10, 1000))
    assert still.bytes_per_s(10) == 100
    assert still.bytes_per_s(100) == 10
    assert still.eta_s(10, 2000) == 10
    assert still.eta_s(100, 2000) == 100


def test_what_came_counts_though_it_is_verified_later():
    made = Pace()
    for second in range(11):
        made.note(second, 0, fetched_bytes=second * 100, source="a")
    assert made.bytes_per_s(10) == 100
    assert made.eta_s(10, 2000) == 10
    made.note(11, 1100, fetched_bytes=1100, source="a")
    assert made.bytes_per_s(11) == 100


def test_what_is_read_again_after_a_restart_counts_too():
    made = Pace()
    made.note(0, 0, source="a")
    made.note(1, 5000, fetched_bytes=100, source="a")
    made.note(2, 5000, fetched_bytes=300, source="a")
    assert made.bytes_per_s(2) == 2600
    assert made.eta_s(2, 7800) == 1


def test_from_another_place_it_begins_with_what_is_verified():
    made = Pace()
    made.note(0, 0, source="a")
    made.note(10, 100, fetched_bytes=1000, source="a")
    made.note(20, 100, fetched_bytes=1000, source="b")
    made.note(30, 100, fetched_bytes=2000, source="b")
    assert made.bytes_per_s(30) == 100
    assert made.eta_s(30, 2100) == 10


def test_at_no_speed_nobody_can_tell_when():
    assert pace((0, 100), (10, 100)).eta_s(10, 1000) is None
