"""Keys: shown once, recognized from memory, refused at once when they end."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.domain.days import DAY_MS
from appliance.domain.people import Caller
from appliance.errors import BadRequest, NotAuthenticated, NotFound, StorageUnavailable
from appliance.policy.keys import format_key, key_digest
from appliance.services.keys import KeyService


@pytest.fixture
def service(keys, directory, clock):
    return KeyService(keys, directory, clock)


async def test_a_new_key_is_recognized_at_once(service):
    issued = await service.issue(name="laptop")
    assert await service.authenticate(issued.secret) == Caller(issued.key.id, "default", "default")


async def test_white_space_around_a_key_is_ignored(service):
    issued = await service.issue(name="laptop")
    assert (await service.authenticate(f" \t{issued.secret}\r\n")).key_id == issued.key.id


async def test_the_store_gets_the_hash_and_never_the_secret(service, keys):
    issued = await service.issue(name="laptop")
    assert keys.digests == {issued.key.id: key_digest(issued.secret)}
    assert issued.secret not in repr(keys.keys)


async def test_keys_on_disk_are_recognized_after_a_restart(service, keys, directory, clock):
    issued = await service.issue(name="laptop")
    ended = await service.issue(name="old laptop")
    await service.revoke(id=ended.key.id)
    restarted = KeyService(keys, directory, clock)
    await restarted.load()
    assert (await restarted.authenticate(issued.secret)).key_id == issued.key.id
    with pytest.raises(NotAuthenticated):
        await restarted.authenticate(ended.secret)


async def test_an_unknown_key_of_the_right_form_is_refused(service):
    await service.issue(name="laptop")
    with pytest.raises(NotAuthenticated, match="unknown or was revoked"):
        await service.authenticate(format_key(bytes(20)))


async def test_a_key_whose_digest_only_begins_like_a_known_one_is_refused(service):
    issued = await service.issue(name="laptop")
    other = format_key(bytes(20))
    stored, key = next(iter(service.ring._by_digest.values()))
    service.ring._by_digest[key_digest(other)[:8]] = (stored, key)
    assert stored == key_digest(issued.secret)
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
    issued = await service.issue(name="course", expires_days=2)
    assert issued.key.expires_ms == clock.now_ms() + 2 * DAY_MS
    clock.time_ms += 2 * DAY_MS - 1
    await service.authenticate(issued.secret)
    clock.time_ms += 1
    with pytest.raises(NotAuthenticated, match="expired"):
        await service.authenticate(issued.secret)


async def test_a_revoked_key_is_refused_at_once_and_its_streams_are_told(service):
    told = []
    service.on_revoked(told.append)
    issued = await service.issue(name="laptop")
    answer = await service.revoke(id=issued.key.id)
    assert [(key.id, key.state) for key in answer.keys] == [(issued.key.id, "revoked")]
    assert told == [issued.key.id]
    with pytest.raises(NotAuthenticated):
        await service.authenticate(issued.secret)


async def test_a_revoked_key_is_refused_even_where_the_disk_refuses(service, keys):
    told = []
    service.on_revoked(told.append)
    issued = await service.issue(name="laptop")
    keys.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await service.revoke(id=issued.key.id)
    assert told == [issued.key.id]
    with pytest.raises(NotAuthenticated):
        await service.authenticate(issued.secret)
    keys.refuses = None
    assert (await service.revoke(id=issued.key.id)).keys[0].state == "revoked"


async def test_a_key_that_could_not_be_stored_is_not_recognized(service, keys):
    keys.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await service.issue(name="laptop")
    assert service.ring._by_digest == {}


async def test_revoking_an_unknown_key_is_not_found(service):
    with pytest.raises(NotFound):
        await service.revoke(id="key_0")


async def test_a_key_for_no_project_is_not_found(service):
    with pytest.raises(NotFound) as refusal:
        await service.issue(name="laptop", project="nobody")
    assert refusal.value.param == "project"


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\x1b[31mred", "right\u202eto left"])
async def test_a_label_that_could_move_the_cursor_is_refused(service, name):
    with pytest.raises(BadRequest):
        await service.issue(name=name)


async def test_the_list_shows_every_state_and_no_secret(service, clock):
    active = await service.issue(name="active")
    expired = await service.issue(name="expired", expires_days=1)
    revoked = await service.issue(name="revoked")
    await service.revoke(id=revoked.key.id)
    clock.time_ms += DAY_MS
    listed = (await service.show_all()).keys
    assert [(key.id, key.state, key.last4) for key in listed] == [
        (active.key.id, "active", active.secret[-4:]),
        (expired.key.id, "expired", expired.secret[-4:]),
        (revoked.key.id, "revoked", revoked.secret[-4:]),
    ]
    assert not any(issued.secret in repr(listed) for issued in (active, expired, revoked))


async def test_the_list_can_be_of_one_project(service, directory, clock):
    from appliance.domain.people import Project

    directory.put_project(Project("nlp", "Language group", clock.now_ms()))
    issued = await service.issue(name="group", project="nlp")
    await service.issue(name="mine")
    assert [key.id for key in (await service.show_all(project="nlp")).keys] == [issued.key.id]
