import pytest

from appliance.federation.protocol.replies import Refused
from appliance.registry.receiving import rates
from appliance.registry.receiving.nonces import Nonces, new_secret
from appliance.registry.receiving.rates import Rate, Rates, cost
from tests.registry.desks import TurnedClock


def test_large_messages_cost_more():
    assert cost("a") == 1
    assert cost("a" * 512 * 1024) == 32


def test_large_message_is_paid_afterwards():
    clock = TurnedClock()
    buckets = Rates(clock, Rate(burst=10, per_s=1))
    buckets.spend("box", 32)
    with pytest.raises(Refused) as refused:
        buckets.spend("box")
    assert refused.value.members == {"retry_after_s": 23}
    clock.now_s += 22
    with pytest.raises(Refused):
        buckets.spend("box")
    clock.now_s += 1
    buckets.spend("box")


def test_bucket_holds_no_more_than_its_burst():
    clock = TurnedClock()
    buckets = Rates(clock, Rate(burst=2, per_s=1))
    clock.now_s += 1000
    for _ in range(2):
        buckets.spend("box")
    with pytest.raises(Refused):
        buckets.spend("box")


def test_memory_is_bounded_whoever_speaks(monkeypatch):
    monkeypatch.setattr(rates, "_MOST", 5)
    buckets = Rates(TurnedClock(), Rate(burst=2, per_s=1))
    for number in range(50):
        buckets.spend(f"box-{number}")
    assert len(buckets._buckets) == 5


def test_nonces_of_two_processes_with_one_secret_are_the_same_to_both():
    clock, secret = TurnedClock(), new_secret()
    assert Nonces(secret, clock).until_s(Nonces(secret, clock).make()) == clock.now_s + 300
    with pytest.raises(Refused):
        Nonces(new_secret(), clock).until_s(Nonces(secret, clock).make())


def test_nonces_are_never_the_same():
    nonces = Nonces(new_secret(), TurnedClock())
    assert len({nonces.make() for _ in range(100)}) == 100


@pytest.mark.parametrize("nonce", ["", "a" * 40, "*" * 40, "é" * 20, "a" * 128])
def test_what_is_no_nonce_is_refused(nonce):
    with pytest.raises(Refused, match="did not give out"):
        Nonces(new_secret(), TurnedClock()).until_s(nonce)
