"""The cookie of a session and the token beside it: one cookie, of the box's own making, on its own way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.people import Caller
from appliance.edge.callers import Callers, caller_of
from appliance.edge.sessions import (
    COOKIE,
    CSRF_HEADER,
    SECURE_COOKIE,
    NoSessions,
    check_csrf,
    check_origin,
    cookie_in,
    csrf_token,
    drop_cookie,
    set_cookie,
)
from appliance.errors import CarrelError, NotAllowed, NotAuthenticated

SECRET = "s" * 43
OTHER = "t" * 43
CALLER = Caller("key-1", "ada", "default")
BY_KEY = Caller("key-2", "bob", "default")
HOST = b"10.0.4.7:7443"


def scope(*headers, scheme="https", method="POST", client=("10.0.4.20", 1), path="/v1/things"):
    return {
        "type": "http", "scheme": scheme, "client": client, "method": method, "path": path, "state": {},
        "headers": [(b"host", HOST), *headers],
    }  # fmt: skip


def cookie(value, name=SECURE_COOKIE):
    return b"cookie", f"{name}={value}".encode("latin-1")


@pytest.mark.parametrize(
    "header",
    [
        f"{SECURE_COOKIE}={SECRET}",
        f"a=b; {SECURE_COOKIE}={SECRET}",
        f"{SECURE_COOKIE}={SECRET}; a=b",
        f"  a=b;{SECURE_COOKIE}={SECRET} ;",
        f"{COOKIE}={OTHER}; {SECURE_COOKIE}={SECRET}",
    ],
)
def test_the_session_is_found_among_other_cookies(header):
    assert cookie_in(scope((b"cookie", header.encode()))) == SECRET


def test_in_the_clear_it_has_another_name_and_that_of_tls_means_nothing():
    header = (b"cookie", f"{COOKIE}={SECRET}; {SECURE_COOKIE}={OTHER}".encode())
    assert cookie_in(scope(header, scheme="http")) == SECRET
    assert cookie_in(scope(cookie(SECRET), scheme="http")) is None
    assert cookie_in(scope(cookie(SECRET, COOKIE))) is None


@pytest.mark.parametrize("headers", [[], [(b"cookie", b"")], [(b"cookie", b"a=b")], [(b"cookie", b";;=;")]])
def test_without_it_there_is_no_session(headers):
    assert cookie_in(scope(*headers)) is None


@pytest.mark.parametrize(
    "headers",
    [
        [cookie(SECRET), cookie(SECRET)],
        [cookie(SECRET), cookie(OTHER)],
        [(b"cookie", f"{SECURE_COOKIE}={SECRET}; {SECURE_COOKIE}={OTHER}".encode())],
        [cookie("")],
        [cookie(f'"{SECRET}"')],
        [cookie("s" * 42)],
        [cookie("s" * 44)],
        [cookie("s" * 100_000)],
        [cookie("s" * 42 + "\u00e9")],
        [cookie("s" * 42 + "=")],
        [cookie("s" * 42 + "\n")],
        [(b"cookie", SECURE_COOKIE.encode() + b"=\xff\xfe\x00")],
        [(b"cookie", SECURE_COOKIE.encode())],
    ],
)
def test_several_or_one_that_the_box_never_gave_is_refused(headers):
    with pytest.raises(NotAuthenticated) as refused:
        cookie_in(scope(*headers))
    assert SECRET not in refused.value.message


@given(st.lists(st.tuples(st.just(b"cookie"), st.binary(max_size=200)), max_size=4))
def test_any_bytes_are_a_cookie_or_none_or_refused(headers):
    try:
        found = cookie_in(scope(*headers))
    except NotAuthenticated:
        return
    assert found is None or len(found) == 43


def test_a_session_begins_in_a_cookie_that_no_script_reads_and_no_other_site_sends():
    over_tls = set_cookie(scope(), SECRET, 60)
    assert over_tls.startswith(f"{SECURE_COOKIE}={SECRET};")
    assert set(over_tls.split("; ")[1:]) == {"HttpOnly", "Max-Age=60", "Path=/", "SameSite=Strict", "Secure"}
    plain = set_cookie(scope(scheme="http"), SECRET, 60)
    assert plain.startswith(f"{COOKIE}={SECRET};")
    assert set(plain.split("; ")[1:]) == {"HttpOnly", "Max-Age=60", "Path=/", "SameSite=Strict"}
    assert "Max-Age=0" in drop_cookie(scope())


def test_the_token_is_the_cookie_s_and_does_not_tell_it():
    assert csrf_token(SECRET) == csrf_token(SECRET) != csrf_token(OTHER)
    assert len(csrf_token(SECRET)) == 43
    assert SECRET not in csrf_token(SECRET)


@pytest.mark.parametrize("given", [None, "", "wrong", csrf_token(OTHER), csrf_token(SECRET) + "=", "\u00e9"])
def test_another_token_is_refused(given):
    check_csrf(scope(), csrf_token(SECRET), SECRET)
    with pytest.raises(NotAllowed) as refused:
        check_csrf(scope(), given, SECRET)
    assert csrf_token(SECRET) not in refused.value.message


@pytest.mark.parametrize(
    "origin", [b"https://10.0.4.7:7443", b"http://10.0.4.7:7443", b"HTTPS://10.0.4.7:7443"]
)
def test_a_page_of_this_host_may_send(origin):
    check_origin(scope((b"origin", origin)))
    check_origin(scope())


@pytest.mark.parametrize(
    "origin",
    [
        b"https://evil.example", b"null", b"", b"https://10.0.4.7", b"https://10.0.4.7:7480",
        b"https://10.0.4.7:7443/", b"https://10.0.4.7:7443.evil.example", b"https://evil@10.0.4.7:7443",
        b"file://10.0.4.7:7443", b"10.0.4.7:7443", b"https://10.0.4.7:7443 ", b"\xff",
        b"https://" + b"a" * 100_000,
    ],
)  # fmt: skip
def test_a_page_of_another_place_may_not_also_with_the_token(origin):
    with pytest.raises(NotAllowed):
        check_origin(scope((b"origin", origin)))
    with pytest.raises(NotAllowed):
        check_csrf(scope((b"origin", origin)), csrf_token(SECRET), SECRET)


def test_two_origins_are_none_of_ours():
    with pytest.raises(NotAllowed):
        check_origin(scope((b"origin", b"https://10.0.4.7:7443"), (b"origin", b"https://10.0.4.7:7443")))


class Known:
    """One session; notes how it was asked."""

    def __init__(self):
        self.asked = []

    async def caller(self, cookie, *, secure, address):
        self.asked.append((secure, address))
        if cookie != SECRET:
            raise NotAuthenticated("over")
        return CALLER


class Keys:
    async def authenticate(self, raw, address=""):
        if raw != "crl_good":
            raise NotAuthenticated("unknown")
        return BY_KEY


class Plain:
    def __init__(self):
        self.checked = []
        self.refuses = True

    def check(self, caller):
        self.checked.append(caller)
        if self.refuses:
            raise NotAllowed("in the clear")


@pytest.fixture
def known():
    return Known()


@pytest.fixture
def plain():
    return Plain()


@pytest.fixture
def through(known, plain):
    """Sends a request through the middleware; who came out of it."""

    async def send(asked):
        found = []

        async def app(inner, _receive, _send):
            found.append(caller_of(inner))

        await Callers(app, Keys(), ["/open"], known, plain)(asked, None, None)
        return found[0]

    return send


async def test_a_session_stands_for_its_caller_with_its_address(through, known):
    found = await through(scope(cookie(SECRET), method="GET"))
    assert (found, found.address) == (CALLER, "10.0.4.20")
    assert known.asked == [(True, "10.0.4.20")]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
async def test_what_is_no_reading_needs_the_token_of_this_very_session(through, method):
    token = (CSRF_HEADER.encode(), csrf_token(SECRET).encode())
    assert await through(scope(cookie(SECRET), token, method=method)) == CALLER
    for wrong in ([], [(CSRF_HEADER.encode(), csrf_token(OTHER).encode())], [token, token]):
        with pytest.raises(NotAllowed):
            await through(scope(cookie(SECRET), *wrong, method=method))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_reading_needs_no_token_and_yet_no_other_page_s_origin(through, method):
    assert await through(scope(cookie(SECRET), method=method)) == CALLER
    with pytest.raises(NotAllowed):
        await through(scope(cookie(SECRET), (b"origin", b"https://evil.example"), method=method))


@pytest.mark.parametrize("key", [(b"authorization", b"Bearer crl_good"), (b"x-api-key", b"crl_good")])
async def test_beside_a_key_a_session_is_not_looked_at(through, known, key):
    assert await through(scope(cookie(SECRET), key)) == BY_KEY
    assert await through(scope(cookie("nonsense"), key)) == BY_KEY
    assert known.asked == []


async def test_a_wrong_key_is_not_saved_by_a_good_session(through):
    for header in (b"Bearer crl_wrong", b"", b"Basic x"):
        with pytest.raises(NotAuthenticated):
            await through(scope(cookie(SECRET), (b"authorization", header), method="GET"))


@pytest.mark.parametrize(
    "header", [cookie(SECRET, COOKIE), (b"authorization", b"Bearer crl_good"), (b"x-api-key", b"crl_good")]
)
async def test_in_the_clear_keys_and_sessions_pass_by_the_one_rule(through, known, plain, header):
    with pytest.raises(NotAllowed, match="in the clear"):
        await through(scope(header, method="GET", scheme="http"))
    plain.refuses = False
    found = await through(scope(header, method="GET", scheme="http"))
    assert plain.checked == [found, found]
    assert {one.address for one in plain.checked} == {"10.0.4.20"}
    assert known.asked in ([], [(False, "10.0.4.20")] * 2)


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("::1", 1)])
async def test_on_this_machine_nothing_is_in_the_clear(through, known, plain, client):
    assert await through(scope(cookie(SECRET, COOKIE), method="GET", scheme="http", client=client)) == CALLER
    assert known.asked == [(True, client[0])]
    assert plain.checked == []


async def test_without_the_parts_there_are_no_sessions_and_nothing_is_answered_in_the_clear():
    async def app(_scope, _receive, _send):
        raise AssertionError

    for asked in (
        scope(cookie(SECRET), method="GET"),
        scope((b"x-api-key", b"crl_good"), scheme="http"),
    ):
        with pytest.raises((NotAuthenticated, NotAllowed)):
            await Callers(app, Keys(), [])(asked, None, None)
    with pytest.raises(CarrelError):
        await NoSessions().caller(SECRET, secure=True, address="")
