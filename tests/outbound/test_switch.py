"""The one switch: why the box is offline, since when, what it cuts, whom it tells, what it remembers."""

import asyncio
import threading

import pytest

from appliance.domain.switched import Switched
from appliance.errors import Offline, StorageUnavailable
from appliance.outbound.switch import OFFLINE, Reason, Switch


class Disk:
    def __init__(self):
        self.rows = {}
        self.refuses = False

    async def put(self, name, switched):
        if self.refuses:
            raise StorageUnavailable("Full.")
        self.rows[name] = switched

    async def of(self, name):
        return self.rows.get(name)


async def test_a_box_is_online_until_something_says_otherwise():
    switch = Switch()
    switch.check()
    assert (switch.offline, switch.since_ms, switch.because(), switch.objection()) == (False, None, (), None)


async def test_each_reason_alone_is_enough_and_each_is_told():
    classes = [Reason("The class latin is offline.", 30)]
    switch = Switch(setting=True, began_ms=20, others=lambda: classes)
    await switch.set(True, "ann", 10)
    assert len(switch.because()) == 3
    assert switch.since_ms == 10
    await switch.set(False, "ann", 40)
    assert (switch.offline, switch.since_ms) == (True, 20)
    for one in (Switch(setting=True), Switch(others=lambda: classes)):
        assert one.offline
    classes.clear()
    assert not Switch(others=lambda: classes).offline


async def test_nothing_of_it_is_remembered_but_what_an_operator_set():
    disk, classes = Disk(), [Reason("A class.", None)]
    switch = Switch(others=lambda: classes, kept=disk)
    classes.clear()
    assert not switch.offline
    await switch.set(True, "ann", 10)
    assert disk.rows == {OFFLINE: Switched(True, 10, "ann")}

    again = Switch(kept=disk)
    await again.load()
    assert (again.offline, again.since_ms) == (True, 10)
    assert again.because() == ("It was switched offline by ann; `carrel offline off` ends that.",)


async def test_setting_it_as_it_is_changes_neither_who_nor_since():
    disk = Disk()
    switch = Switch(kept=disk)
    await switch.set(False, "bob", 5)
    assert disk.rows == {}
    await switch.set(True, "ann", 10)
    await switch.set(True, "bob", 20)
    assert disk.rows == {OFFLINE: Switched(True, 10, "ann")}


async def test_a_disk_that_takes_nothing_leaves_the_box_silent():
    disk = Disk()
    switch = Switch(kept=disk)
    disk.refuses = True
    with pytest.raises(StorageUnavailable):
        await switch.set(True, "ann", 10)
    assert switch.offline
    with pytest.raises(StorageUnavailable):
        await switch.set(False, "ann", 20)
    assert switch.offline


async def test_listeners_are_told_once_a_change_and_see_how_it_is():
    switch, seen = Switch(), []
    switch.on_change(lambda: seen.append(switch.offline))
    switch.look()
    await switch.set(True, "ann", 1)
    switch.look()
    await switch.set(False, "ann", 2)
    assert seen == [True, False]


async def test_a_class_that_begins_and_ends_by_the_clock_is_noticed():
    classes, seen, slept = [], [], asyncio.Queue()
    switch = Switch(others=lambda: classes)
    switch.on_change(lambda: seen.append(switch.offline))

    async def sleep(_seconds):
        await slept.put(None)
        await asyncio.sleep(0)

    watching = asyncio.create_task(switch.watch(sleep))
    classes.append(Reason("A class.", 1))
    while seen != [True]:
        await slept.get()
    classes.clear()
    while seen != [True, False]:
        await slept.get()
    watching.cancel()


async def test_what_is_under_way_is_cut_with_its_own_words():
    switch, inside = Switch(), asyncio.Event()

    async def ask():
        async with switch.asking("it syncs nothing"):
            inside.set()
            await asyncio.Event().wait()

    asking = asyncio.create_task(ask())
    await inside.wait()
    await switch.set(True, "ann", 1)
    with pytest.raises(Offline, match="so it syncs nothing"):
        await asking
    with pytest.raises(Offline):
        await ask()


async def test_what_ends_by_itself_or_is_cancelled_is_not_called_offline():
    switch = Switch()
    with pytest.raises(TimeoutError):
        async with switch.asking():
            raise TimeoutError
    async with switch.asking():
        pass
    entered = asyncio.Event()

    async def wait():
        async with switch.asking():
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await entered.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    await switch.set(True, "ann", 1)


async def test_scopes_of_other_threads_are_cut_too():
    switch, inside, ends = Switch(), threading.Event(), []

    async def ask():
        async with switch.asking():
            inside.set()
            await asyncio.Event().wait()

    def work():
        with asyncio.Runner() as runner:
            try:
                runner.run(ask())
            except Offline as error:
                ends.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    await asyncio.to_thread(inside.wait)
    await switch.set(True, "ann", 1)
    await asyncio.to_thread(thread.join)
    assert len(ends) == 1
