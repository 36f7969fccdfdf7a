import pytest

from appliance.bench.goodput import Limits, read_limits
from appliance.errors import BadRequest


def test_limits_are_read_in_any_order():
    assert read_limits("tpot:50, ttft:200.5") == Limits(ttft_ms=200.5, tpot_ms=50)
    assert read_limits("e2el:1") == Limits(e2el_ms=1)


@pytest.mark.parametrize(
    "text", ["", "ttft", "ttft:", "ttft:-1", "ttft:1,ttft:2", "itl:5", "ttft:1;tpot:2", "ttft:nan"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(BadRequest, match="ttft:200,tpot:50"):
        read_limits(text)


def test_a_limit_holds_for_what_is_exactly_at_it():
    limits = Limits(ttft_ms=200, tpot_ms=50)
    assert limits.are_kept_by(200, 50, 9e9)
    assert limits.are_kept_by(200, None, 9e9)
    assert not limits.are_kept_by(200.1, 50, 0)
    assert not limits.are_kept_by(1, 50.1, 0)
