"""What the box signs and what it believes."""

import base64
import json
import stat
import threading

import msgspec
import pytest

from appliance.errors import IntegrityFailed
from appliance.trust.box_key import BoxKey
from appliance.trust.canonical import canonical
from appliance.trust.signed import PublicKey, signer_of, verify


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    number: int = 0


class Other(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str


@pytest.fixture
def key(tmp_path):
    return BoxKey.at(tmp_path / "box.pem")


def test_what_was_signed_is_read_back_by_who_has_the_public_key(key):
    token = key.sign("note+jws", Note("hello", 3))
    assert verify(token, "note+jws", PublicKey.parse(key.public.text), Note) == Note("hello", 3)
    assert signer_of(token).id == key.public.id


def test_the_key_stays_the_same_and_is_its_owners_alone(tmp_path):
    first = BoxKey.at(tmp_path / "deep" / "box.pem")
    assert BoxKey.at(tmp_path / "deep" / "box.pem").public.id == first.public.id
    assert stat.S_IMODE((tmp_path / "deep" / "box.pem").stat().st_mode) == 0o600


def test_two_who_make_it_at_once_get_one_key(tmp_path):
    ids = []
    go = threading.Barrier(8)

    def make():
        go.wait()
        ids.append(BoxKey.at(tmp_path / "box.pem").public.id)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(ids)) == 1


def test_a_token_of_one_kind_is_not_taken_for_another(key):
    token = key.sign("note+jws", Note("hello"))
    with pytest.raises(IntegrityFailed):
        verify(token, "lease+jwt", key.public, Note)


def test_another_box_cannot_sign_for_this_one(key, tmp_path):
    stranger = BoxKey.at(tmp_path / "other.pem")
    with pytest.raises(IntegrityFailed):
        verify(stranger.sign("note+jws", Note("hello")), "note+jws", key.public, Note)


def test_a_changed_payload_does_not_verify(key):
    header, _, signature = key.sign("note+jws", Note("hello")).split(".")
    changed = base64.urlsafe_b64encode(canonical(Note("hullo"))).rstrip(b"=").decode()
    with pytest.raises(IntegrityFailed):
        verify(f"{header}.{changed}.{signature}", "note+jws", key.public, Note)


def _with_header(token, **changes):
    header, payload, signature = token.split(".")
    members = {**json.loads(base64.urlsafe_b64decode(header + "==")), **changes}
    encoded = base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()
    return f"{encoded}.{payload}.{signature}"


@pytest.mark.parametrize("changes", [{"alg": "none"}, {"alg": "HS256"}, {"crit": ["exp"]}, {"url": "x"}])
def test_headers_that_change_the_meaning_are_refused(key, changes):
    token = _with_header(key.sign("note+jws", Note("hello")), **changes)
    with pytest.raises(IntegrityFailed):
        verify(token, "note+jws", key.public, Note)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "ä.b.c", "." * 10, "x" * 5_000_000])
def test_what_is_no_token_is_refused(key, token):
    with pytest.raises(IntegrityFailed):
        verify(token, "note+jws", key.public, Note)
    with pytest.raises(IntegrityFailed):
        signer_of(token)


def test_another_shape_is_refused(key):
    with pytest.raises(IntegrityFailed):
        verify(key.sign("note+jws", Other("x")), "note+jws", key.public, Note)


def test_a_damaged_key_file_is_not_replaced(tmp_path):
    (tmp_path / "box.pem").write_text("nothing")
    with pytest.raises(IntegrityFailed):
        BoxKey.at(tmp_path / "box.pem")
    assert (tmp_path / "box.pem").read_text() == "nothing"
