"""Sessions: begun with a key, good as long as the key and twelve hours at most, one a seat in an exam."""

import asyncio
import hashlib
from dataclasses import replace

import pytest

from appliance.domain.sessions import Session
from appliance.errors import NotAllowed, NotAuthenticated, NotReady, StorageUnavailable
from appliance.policy.keys import format_key
from appliance.services.keys import KeyService
from appliance.services.sessions import sessions as module
from appliance.services.sessions.sessions import LASTS_MS, MOST_OF_A_KEY, SessionService

HERE = "10.0.4.20"
SENTENCE = "This seat is taken; Ms. Lee can release it."


class SessionsInMemory:
    """``refuses`` makes the disk say no."""

    def __init__(self):
        self.rows = {}
        self.refuses = None

    async def add(self, session, digest):
        await asyncio.sleep(0)
        if self.refuses is not None:
            raise self.refuses
        self.rows[session.id] = (digest, session)

    async def end(self, session_id):
        if self.refuses is not None:
            raise self.refuses
        self.rows.pop(session_id, None)

    def end_of_key(self, key_id):
        if self.refuses is not None:
            raise self.refuses
        self.rows = {name: row for name, row in self.rows.items() if row[1].key_id != key_id}

    async def good(self, now_ms):
        return [row for row in self.rows.values() if row[1].expires_ms > now_ms]


class Plain:
    """Lets nobody through in the clear but whom it was told of."""

    def __init__(self):
        self.admitted = set()

    def check(self, caller):
        if caller.key_id not in self.admitted:
            raise NotAllowed("in the clear")


class Exams:
    def __init__(self):
        self.keys = set()

    def refusal(self, key_id):
        return SENTENCE if key_id in self.keys else ""


@pytest.fixture
def stored():
    return SessionsInMemory()


@pytest.fixture
def plain():
    return Plain()


@pytest.fixture
def exams():
    return Exams()


@pytest.fixture
def service(keys, directory, clock):
    return KeyService(keys, directory, clock)


@pytest.fixture
def sessions(stored, service, plain, clock, exams):
    return SessionService(stored, service, plain, clock, exclusive=exams)


@pytest.fixture
def again(stored, service, plain, clock, exams):
    """As it is after a restart."""

    async def started():
        made = SessionService(stored, service, plain, clock, exclusive=exams)
        await made.load()
        return made

    return started


@pytest.fixture
async def issued(service):
    return await service.issue(name="laptop")


async def who(sessions, begun, *, secure=True, address=HERE):
    return await sessions.caller(begun.cookie, secure=secure, address=address)


async def test_a_key_is_exchanged_for_a_cookie_that_stands_for_it(sessions, issued):
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    caller = await who(sessions, begun)
    assert (caller, caller.address) == (issued.key.caller(), HERE)
    assert begun.caller == caller
    assert len(begun.cookie) == 43


async def test_the_store_gets_the_hash_and_never_the_cookie(sessions, issued, stored):
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    ((digest, session),) = stored.rows.values()
    assert digest == hashlib.sha256(begun.cookie.encode()).digest()
    assert begun.cookie not in repr(stored.rows)
    assert (session.secure, session.exclusive, session.address) == (True, False, "")


async def test_who_signed_in_stays_so_over_a_restart(sessions, issued, again):
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    assert (await who(await again(), begun)).key_id == issued.key.id


async def test_a_session_whose_key_ended_meanwhile_is_not_taken_up_again(
    sessions, issued, stored, service, again
):
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    kept = dict(stored.rows)
    await service.revoke(id=issued.key.id)
    stored.rows = kept
    started = await again()
    assert len(started._shelf) == 0
    with pytest.raises(NotAuthenticated):
        await who(started, begun)


@pytest.mark.parametrize("raw", ["", "crl_", "crl_" + "a" * 33, format_key(bytes(20)), "schl\u00fcssel"])
async def test_what_is_no_key_of_ours_begins_nothing(sessions, stored, raw):
    with pytest.raises(NotAuthenticated):
        await sessions.begin(raw, secure=True, address=HERE)
    assert stored.rows == {}


async def test_a_canary_begins_nothing_and_is_heard(sessions, service, stored):
    heard = []
    service.on_canary(lambda key, address: heard.append((key.id, address)))
    laid_out = await service.issue(name="canary", canary=True)
    with pytest.raises(NotAuthenticated, match="unknown or was revoked"):
        await sessions.begin(laid_out.secret, secure=True, address=HERE)
    await asyncio.sleep(0)
    assert heard == [(laid_out.key.id, HERE)]
    assert stored.rows == {}


async def test_a_cookie_that_the_box_did_not_make_is_never_adopted(sessions, issued, stored):
    with pytest.raises(NotAuthenticated):
        await sessions.caller("a" * 43, secure=True, address=HERE)
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    assert begun.cookie != "a" * 43
    with pytest.raises(NotAuthenticated):
        await sessions.caller("a" * 43, secure=True, address=HERE)


async def test_a_cookie_whose_hash_only_begins_like_a_known_one_is_refused(sessions, issued):
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    shelf = sessions._shelf
    other = hashlib.sha256(b"a" * 43).digest()
    shelf._by_digest[other[:8]] = shelf._by_digest[hashlib.sha256(begun.cookie.encode()).digest()[:8]]
    with pytest.raises(NotAuthenticated):
        await sessions.caller("a" * 43, secure=True, address=HERE)


async def test_it_ends_after_twelve_hours(sessions, issued, clock):
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    clock.time_ms += LASTS_MS - 1
    await who(sessions, begun)
    clock.time_ms += 1
    with pytest.raises(NotAuthenticated, match="over"):
        await who(sessions, begun)


async def test_it_ends_with_its_key_where_that_expires_sooner(sessions, service, clock):
    short = await service.issue(name="short", not_after_ms=clock.now_ms() + 5000)
    begun = await sessions.begin(short.secret, secure=True, address=HERE)
    assert begun.session.expires_ms == short.key.expires_ms
    clock.time_ms += 5000
    with pytest.raises(NotAuthenticated):
        await who(sessions, begun)


async def test_a_revoked_key_ends_its_sessions_at_once_and_no_other(sessions, service, issued, stored):
    other = await service.issue(name="other")
    ended = [await sessions.begin(issued.secret, secure=True, address=HERE) for _ in range(3)]
    stays = await sessions.begin(other.secret, secure=True, address=HERE)
    await service.revoke(id=issued.key.id)
    for begun in ended:
        with pytest.raises(NotAuthenticated):
            await who(sessions, begun)
    assert (await who(sessions, stays)).key_id == other.key.id
    assert set(stored.rows) == {stays.session.id}


async def test_a_key_ends_even_where_the_disk_refuses_to_forget_its_sessions(
    sessions, service, issued, stored
):
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    stored.refuses = StorageUnavailable("closed")
    await service.revoke(id=issued.key.id)
    with pytest.raises(NotAuthenticated):
        await who(sessions, begun)


async def test_signing_out_ends_this_session_and_no_other(sessions, issued, stored):
    gone, stays = [await sessions.begin(issued.secret, secure=True, address=HERE) for _ in range(2)]
    await sessions.end(gone.cookie)
    await sessions.end(gone.cookie)
    await sessions.end("never was")
    with pytest.raises(NotAuthenticated):
        await who(sessions, gone)
    await who(sessions, stays)
    assert set(stored.rows) == {stays.session.id}


async def test_of_too_many_the_oldest_of_the_key_ends(sessions, issued, stored):
    begun = [await sessions.begin(issued.secret, secure=True, address=HERE) for _ in range(MOST_OF_A_KEY + 1)]
    with pytest.raises(NotAuthenticated):
        await who(sessions, begun[0])
    for one in begun[1:]:
        await who(sessions, one)
    assert len(stored.rows) == MOST_OF_A_KEY


async def test_many_at_the_same_moment_are_no_more_than_a_key_may_have(sessions, issued, stored):
    await asyncio.gather(*(sessions.begin(issued.secret, secure=True, address=HERE) for _ in range(40)))
    assert len(sessions._shelf.of_key(issued.key.id)) == MOST_OF_A_KEY


async def test_there_are_no_more_in_all_than_fit(sessions, service, monkeypatch, clock):
    monkeypatch.setattr(module, "MOST", 2)
    made = [await service.issue(name=f"k{number}") for number in range(3)]
    first = await sessions.begin(made[0].secret, secure=True, address=HERE)
    await sessions.begin(made[1].secret, secure=True, address=HERE)
    with pytest.raises(NotReady):
        await sessions.begin(made[2].secret, secure=True, address=HERE)
    await who(sessions, first)
    clock.time_ms += LASTS_MS
    await sessions.begin(made[2].secret, secure=True, address=HERE)
    assert len(sessions._shelf) == 1


async def test_what_the_disk_refuses_did_not_begin(sessions, issued, stored):
    stored.refuses = StorageUnavailable("full")
    with pytest.raises(StorageUnavailable):
        await sessions.begin(issued.secret, secure=True, address=HERE)
    assert len(sessions._shelf) == 0


async def test_a_session_of_tls_is_not_good_in_the_clear(sessions, issued, plain):
    plain.admitted.add(issued.key.id)
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    with pytest.raises(NotAuthenticated, match="https"):
        await who(sessions, begun, secure=False)
    await who(sessions, begun, secure=True)


async def test_a_key_that_may_not_go_over_plain_http_begins_no_session_there(sessions, issued, plain, stored):
    with pytest.raises(NotAllowed) as refused:
        await sessions.begin(issued.secret, secure=False, address=HERE)
    assert issued.secret not in refused.value.message
    assert stored.rows == {}
    plain.admitted.add(issued.key.id)
    begun = await sessions.begin(issued.secret, secure=False, address=HERE)
    assert (await who(sessions, begun, secure=False)).key_id == issued.key.id


async def test_a_key_made_for_this_browser_needs_no_typing(sessions, issued, service):
    begun = await sessions.begin_for(issued.key.id, secure=True, address=HERE)
    assert (await who(sessions, begun)).key_id == issued.key.id
    await service.revoke(id=issued.key.id)
    with pytest.raises(NotAuthenticated):
        await sessions.begin_for(issued.key.id, secure=True, address=HERE)


async def test_whoever_signs_in_is_told_of_and_whoever_is_refused_is_not(sessions, issued, exams):
    heard = []
    sessions.on_begun(heard.append)
    exams.keys.add(issued.key.id)
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    with pytest.raises(NotAllowed):
        await sessions.begin(issued.secret, secure=True, address=HERE)
    assert heard == [begun.caller]


async def test_in_an_exam_a_second_session_is_refused_and_the_first_goes_on(sessions, issued, exams):
    exams.keys.add(issued.key.id)
    first = await sessions.begin(issued.secret, secure=True, address=HERE)
    with pytest.raises(NotAllowed, match="Lee can release"):
        await sessions.begin(issued.secret, secure=True, address=HERE)
    await who(sessions, first)
    await sessions.end(first.cookie)
    await sessions.begin(issued.secret, secure=True, address=HERE)


async def test_in_an_exam_of_two_at_the_same_moment_one_is_refused(sessions, issued, exams):
    exams.keys.add(issued.key.id)
    told = await asyncio.gather(
        *(sessions.begin(issued.secret, secure=True, address=HERE) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in told) == ["Begun", "NotAllowed"]


async def test_in_an_exam_a_session_stays_where_it_began_over_a_restart_too(sessions, issued, exams, again):
    exams.keys.add(issued.key.id)
    begun = await sessions.begin(issued.secret, secure=True, address=HERE)
    for one in (sessions, await again()):
        await who(one, begun)
        with pytest.raises(NotAuthenticated, match="another machine"):
            await who(one, begun, address="10.0.4.21")


async def test_a_released_seat_can_sign_in_anew(sessions, issued, exams, stored):
    exams.keys.add(issued.key.id)
    first = await sessions.begin(issued.secret, secure=True, address=HERE)
    sessions.end_of_key(issued.key.id)
    assert stored.rows == {}
    with pytest.raises(NotAuthenticated):
        await who(sessions, first)
    await sessions.begin(issued.secret, secure=True, address="10.0.4.21")


def test_a_session_has_no_secret_in_it():
    fields = set(Session.__slots__)
    assert fields == {"id", "key_id", "created_ms", "expires_ms", "secure", "exclusive", "address"}
    assert replace(Session("a", "b", 1, 2, True), id="c").id == "c"
