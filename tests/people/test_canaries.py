"""A canary answers as an unknown key does, never works, and whoever listens hears of it."""

import asyncio

import pytest

from appliance.errors import NotAuthenticated
from appliance.policy.keys import format_key
from tests.people.conftest import ROOT


async def refusal_of(keys, secret):
    with pytest.raises(NotAuthenticated) as refusal:
        await keys.authenticate(secret, "10.0.0.7")
    return type(refusal.value), refusal.value.message, refusal.value.status, dict(refusal.value.details)


async def test_whoever_sends_a_canary_cannot_tell_it_from_an_unknown_key(lab):
    canary = await lab.keys.new(name="in the wiki", canary=True, actor=ROOT)
    assert await refusal_of(lab.keys, canary.key) == await refusal_of(lab.keys, format_key(bytes(20)))


async def test_listeners_hear_which_canary_it_was_and_from_where_after_the_answer(lab):
    heard = []
    lab.keys.on_canary(lambda key, address: heard.append((key.name, address)))
    canary = await lab.keys.new(name="in the wiki", canary=True, actor=ROOT)
    await refusal_of(lab.keys, canary.key)
    assert heard == []
    await asyncio.sleep(0)
    assert heard == [("in the wiki", "10.0.0.7")]
    await refusal_of(lab.keys, format_key(bytes(20)))
    await asyncio.sleep(0)
    assert len(heard) == 1


async def test_a_canary_counts_as_no_key_in_use_and_can_be_taken_away(lab):
    canary = await lab.keys.new(name="in the wiki", canary=True, actor=ROOT)
    assert lab.keys.in_use("default") == 0
    assert not lab.keys.works(canary.id)
    assert [one.canary for one in (await lab.keys.show_all()).keys] == [True]
    heard = []
    lab.keys.on_canary(lambda key, address: heard.append(key.id))
    await lab.keys.revoke(id=canary.id)
    await refusal_of(lab.keys, canary.key)
    await asyncio.sleep(0)
    assert heard == []
