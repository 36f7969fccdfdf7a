"""Keys: shown once, recognized from memory, refused at once when they end."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.domain.people import Caller
from appliance.errors import BadRequest, NotAuthenticated, NotFound, StorageUnavailable
from appliance.policy.keys import format_key, key_digest
from appliance.services.keys import DAY_MS, KeyService


@pytest.fixture
def service(keys, projects, clock):
    return KeyService(keys, projects, clock)


async def test_a_new_key_is_recognized_at_once(service):
    issued = await service.new(name="laptop")
    assert await service.authenticate(issued.key) == Caller(issued.id, "default", "default")


async def test_white_space_around_a_key_is_ignored(service):
    issued = await service.new(name="laptop")
    assert (await service.authenticate(f" \t{issued.key}\r\n")).key_id == issued.id


async def test_the_store_gets_the_hash_and_never_the_secret(service, keys):
    issued = await service.new(name="laptop")
    assert keys.digests == {issued.id: key_digest(issued.key)}
    assert issued.key not in repr(keys.keys)


async def test_keys_on_disk_are_recognized_after_a_restart(service, keys, projects, clock):
    issued = await service.new(name="laptop")
    ended = await service.new(name="old laptop")
    await service.revoke(id=ended.id)
    restarted = KeyService(keys, projects, clock)
    await restarted.load()
    assert (await restarted.authenticate(issued.key)).key_id == issued.id
    with pytest.raises(NotAuthenticated):
        await restarted.authenticate(ended.key)


async def test_an_unknown_key_of_the_right_form_is_refused(service):
    await service.new(name="laptop")
    with pytest.raises(NotAuthenticated, match="unknown or was revoked"):
        await service.authenticate(format_key(bytes(20)))


async def test_a_key_whose_digest_only_begins_like_a_known_one_is_refused(service):
    issued = await service.new(name="laptop")
    other = format_key(bytes(20))
    stored, key = next(iter(service._known.values()))
    service._known[key_digest(other)[:8]] = (stored, key)
    assert stored == key_digest(issued.key)
    with pytest.raises(NotAuthenticated):
        await service.authenticate(other)


@given(
    raw=st.text()
    | st.builds("crl_{}".format, st.text())
    | st.characters(codec="latin-1").map(lambda c: c * 37)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
async def test_any_other_text_is_refused_and_never_an_accident(service, raw):
    with pytest.raises(NotAuthenticated):
        await service.authenticate(raw)


async def test_a_key_ends_when_its_days_are_over(service, clock):
    issued = await service.new(name="course", expires_days=2)
    assert issued.expires_ms == clock.now_ms() + 2 * DAY_MS
    clock.time_ms += 2 * DAY_MS - 1
    await service.authenticate(issued.key)
    clock.time_ms += 1
    with pytest.raises(NotAuthenticated, match="expired"):
        await service.authenticate(issued.key)


async def test_a_revoked_key_is_refused_at_once_and_its_streams_are_told(service):
    told = []
    service.on_revoked(told.append)
    issued = await service.new(name="laptop")
    answer = await service.revoke(id=issued.id)
    assert [(key.id, key.state) for key in answer.keys] == [(issued.id, "revoked")]
    assert told == [issued.id]
    with pytest.raises(NotAuthenticated):
        await service.authenticate(issued.key)


async def test_a_revoked_key_is_refused_even_where_the_disk_refuses(service, keys):
    told = []
    service.on_revoked(told.append)
    issued = await service.new(name="laptop")
    keys.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await service.revoke(id=issued.id)
    assert told == [issued.id]
    with pytest.raises(NotAuthenticated):
        await service.authenticate(issued.key)
    keys.refuses = None
    assert (await service.revoke(id=issued.id)).keys[0].state == "revoked"


async def test_a_key_that_could_not_be_stored_is_not_recognized(service, keys):
    keys.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await service.new(name="laptop")
    assert service._known == {}


async def test_revoking_an_unknown_key_is_not_found(service):
    with pytest.raises(NotFound):
        await service.revoke(id="key_0")


async def test_a_key_for_no_project_is_not_found(service):
    with pytest.raises(NotFound) as refusal:
        await service.new(name="laptop", project="nobody")
    assert refusal.value.param == "project"


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\x1b[31mred", "right\u202eto left"])
async def test_a_label_that_could_move_the_cursor_is_refused(service, name):
    with pytest.raises(BadRequest):
        await service.new(name=name)


async def test_the_list_shows_every_state_and_no_secret(service, clock):
    active = await service.new(name="active")
    expired = await service.new(name="expired", expires_days=1)
    revoked = await service.new(name="revoked")
    await service.revoke(id=revoked.id)
    clock.time_ms += DAY_MS
    listed = (await service.show_all()).keys
    assert [(key.id, key.state, key.last4) for key in listed] == [
        (active.id, "active", active.key[-4:]),
        (expired.id, "expired", expired.key[-4:]),
        (revoked.id, "revoked", revoked.key[-4:]),
    ]
    assert not any(issued.key in repr(listed) for issued in (active, expired, revoked))


async def test_the_list_can_be_of_one_project(service, projects, clock):
    from appliance.domain.people import Project

    await projects.add(Project("nlp", "Language group", clock.now_ms()))
    issued = await service.new(name="group", project="nlp")
    await service.new(name="mine")
    assert [key.id for key in (await service.show_all(project="nlp")).keys] == [issued.id]
