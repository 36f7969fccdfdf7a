"""Switches outlive a restart, with who set them and when."""

from appliance.domain.switched import Switched


async def test_a_switch_is_as_it_was_set_last(store):
    assert await store.switches.of("offline") is None
    await store.switches.put("offline", Switched(True, 5, "ann"))
    assert await store.switches.of("offline") == Switched(True, 5, "ann")
    await store.switches.put("offline", Switched(False, 9, "bob"))
    assert await store.switches.of("offline") == Switched(False, 9, "bob")
    assert await store.switches.of("other") is None
