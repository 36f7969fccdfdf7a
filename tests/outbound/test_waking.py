"""Whoever sleeps until something is due is woken when the box comes back."""

import asyncio

import pytest

from appliance.outbound.switch import Switch
from appliance.outbound.waking import Waking


async def forever(_seconds):
    await asyncio.Event().wait()


async def test_a_sleep_ends_after_its_time():
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    waking = Waking(Switch(), sleep)
    await waking.sleep(60.0)
    assert (slept, waking.came_online()) == ([60.0], False)


async def test_a_box_that_comes_back_wakes_it_once():
    switch = Switch()
    waking = Waking(switch, forever)
    await switch.set(True, "ann", 1)
    sleeping = asyncio.create_task(waking.sleep(60.0))
    done, _ = await asyncio.wait([sleeping], timeout=0)
    assert not done
    await switch.set(False, "ann", 2)
    await sleeping
    assert waking.came_online()
    assert not waking.came_online()


async def test_one_that_came_back_while_nobody_slept_ends_the_next_sleep_at_once():
    switch = Switch()
    waking = Waking(switch, forever)
    await switch.set(True, "ann", 1)
    await switch.set(False, "ann", 2)
    await waking.sleep(60.0)


async def test_what_goes_wrong_in_the_sleep_is_raised():
    async def sleep(_seconds):
        raise ValueError("no sleep")

    with pytest.raises(ValueError, match="no sleep"):
        await Waking(Switch(), sleep).sleep(1.0)
