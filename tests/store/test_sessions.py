"""Sessions on the disk: by their cookie's hash, until their time, their key or their browser ends them."""

import hashlib

import pytest

from appliance.domain.people import ApiKey
from appliance.domain.sessions import Session

KEY = "key_1"


def session(number, **changes):
    wanted = {"key_id": KEY, "created_ms": number, "expires_ms": 100 + number, "secure": True}
    return Session(id=f"ses_{number}", **{**wanted, **changes})


def digest(number):
    return hashlib.sha256(str(number).encode()).digest()


@pytest.fixture
async def keyed(store):
    """A store with two keys."""
    for name in (KEY, "key_2"):
        await store.keys.add(ApiKey(name, "", "abcd", "default", "default", 1, None, None), digest(name))
    return store


async def test_what_was_added_is_read_back_as_it_was(keyed):
    exclusive = session(2, secure=False, exclusive=True, address="10.0.4.20")
    await keyed.sessions.add(session(1), digest(1))
    await keyed.sessions.add(exclusive, digest(2))
    assert list(await keyed.sessions.good(50)) == [(digest(1), session(1)), (digest(2), exclusive)]


async def test_what_is_over_is_not_read_and_is_deleted_a_day_later(keyed):
    for number in (1, 2, 3):
        await keyed.sessions.add(session(number), digest(number))
    assert [one.id for _, one in await keyed.sessions.good(102)] == ["ses_3"]
    assert await keyed.expiring.expire("sessions", 102, 1000) == 1
    assert [one.id for _, one in await keyed.sessions.good(0)] == ["ses_2", "ses_3"]


async def test_one_that_ended_is_gone_and_ending_it_twice_is_ending_it(keyed):
    await keyed.sessions.add(session(1), digest(1))
    await keyed.sessions.end("ses_1")
    await keyed.sessions.end("ses_1")
    assert await keyed.sessions.good(0) == []


async def test_those_of_a_key_are_gone_and_no_other_s(keyed):
    for number, key in ((1, KEY), (2, KEY), (3, "key_2")):
        await keyed.sessions.add(session(number, key_id=key), digest(number))
    keyed.sessions.end_of_key(KEY)
    # The writer takes its jobs in their order.
    await keyed.sessions.end("ses_0")
    assert [one.id for _, one in await keyed.sessions.good(0)] == ["ses_3"]
