import pytest

from appliance.bench.levels import most_streams, read_loads, request_count
from appliance.bench.measures import Load
from appliance.errors import BadRequest


def test_a_list_is_one_level_after_the_other():
    assert read_loads("1, 8,200", None) == (Load(1), Load(8), Load(200))
    assert read_loads(None, "0.5,20") == (Load(rate_per_s=0.5), Load(rate_per_s=20))


def test_without_a_word_it_is_a_closed_loop():
    assert [load.concurrency for load in read_loads(None, None)] == [1, 8, 32]


@pytest.mark.parametrize("text", ["", "0", "-1", "1,", "x", "1.5", "1e9", "nan", "99999999"])
def test_a_concurrency_that_is_none_is_refused(text):
    with pytest.raises(BadRequest, match="concurrency"):
        read_loads(text or ",", None)


@pytest.mark.parametrize("text", ["0", "-1", "x", "nan", "inf", "1e9"])
def test_a_rate_that_is_none_is_refused(text):
    with pytest.raises(BadRequest, match="rate"):
        read_loads(None, text)


def test_a_loop_is_closed_or_open():
    with pytest.raises(BadRequest, match="not both"):
        read_loads("1", "1")


def test_the_number_of_requests_fits_the_level():
    assert request_count(Load(200), None) == 800
    assert request_count(Load(1), None) == 8
    assert request_count(Load(rate_per_s=2.1), None) == 63
    assert request_count(Load(200), 5) == 5


def test_people_are_made_for_the_highest_level():
    assert most_streams(read_loads("1,200,8", None)) == 200
    assert most_streams(read_loads(None, "3")) == 1
